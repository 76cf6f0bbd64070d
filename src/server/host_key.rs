//! The server's own key: made at the first start, kept in the data folder, read by nobody else.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};

/// The key of this data folder. Refuses one that others can read.
pub(super) fn of(data_dir: &Path) -> Result<PrivateKey> {
    let path = data_dir.join("ssh_host_ed25519_key");
    let shown = path.display();
    match File::open(&path) {
        Ok(file) => {
            if file.metadata()?.permissions().mode() & 0o077 != 0 {
                bail!("{shown} can be read by others: chmod 600 {shown}");
            }
            let text = std::io::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
            PrivateKey::from_openssh(text).with_context(|| format!("{shown} is no private key"))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            make(data_dir, &path).with_context(|| format!("{shown} cannot be made"))
        }
        Err(e) => Err(e).with_context(|| format!("{shown} cannot be read")),
    }
}

/// Written beside and linked into its place whole: of two processes that start at once, both have the first one's.
fn make(data_dir: &Path, path: &Path) -> Result<PrivateKey> {
    let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519)?;
    let beside = data_dir.join(format!("ssh_host_ed25519_key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(key.to_openssh(LineEnding::LF)?.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(key),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => of(data_dir),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_nobody_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = of(dir.path()).expect("made");
        let path = dir.path().join("ssh_host_ed25519_key");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(of(dir.path()).expect("read").public_key(), first.public_key());
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing else is left");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("own file");
        assert!(of(dir.path()).expect_err("others can read it").to_string().contains("chmod 600"));
    }
}
