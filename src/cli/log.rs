//! The log: a file in the data folder, never the terminal, which belongs to the screen or to the command's output.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::store::postgres::make_data_dir;

/// Above this the file of the last run is put aside as `frontdesk.log.1`.
const MAX_BYTES: u64 = 5_000_000;

/// Writes what happens to `log/frontdesk.log`. `FRONTDESK_LOG` filters (`debug`, `frontdesk::store=trace`). A log that
/// cannot be written stops nobody from working: then there is none.
pub fn log_to_file(data_dir: &Path) {
    let Ok(file) = open(data_dir) else { return };
    let filter = EnvFilter::try_from_env("FRONTDESK_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).try_init();
}

fn open(data_dir: &Path) -> io::Result<File> {
    let dir = data_dir.join("log");
    make_data_dir(data_dir)?;
    // The data folder of root lets the server's user pass through; the log is nobody else's.
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let path = dir.join("frontdesk.log");
    if fs::metadata(&path).is_ok_and(|m| m.len() > MAX_BYTES) {
        fs::rename(&path, dir.join("frontdesk.log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}
