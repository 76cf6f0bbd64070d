//! The key of `frontdesk serve`: made at its first start, kept in the data folder, read by nobody else.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, HashAlg, PrivateKey};

/// Its file in the data folder.
const NAME: &str = "ssh_host_ed25519_key";

/// The key of this data folder, made if there is none. Refuses one that others can read.
pub fn of(data_dir: &Path) -> Result<PrivateKey> {
    let path = data_dir.join(NAME);
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

/// How a client shows this data folder's key (`SHA256:…`); `None` when no server has begun here yet.
pub(super) fn fingerprint(data_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data_dir.join(NAME)).ok()?;
    Some(PrivateKey::from_openssh(text).ok()?.fingerprint(HashAlg::Sha256).to_string())
}

/// Written beside and linked into its place whole: of two processes that start at once, both have the first one's.
fn make(data_dir: &Path, path: &Path) -> Result<PrivateKey> {
    let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519)?;
    let beside = data_dir.join(format!("{NAME}.{}", std::process::id()));
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
        assert_eq!(fingerprint(dir.path()), None);
        let first = of(dir.path()).expect("made");
        assert_eq!(fingerprint(dir.path()), Some(first.fingerprint(HashAlg::Sha256).to_string()));
        let path = dir.path().join(NAME);
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(of(dir.path()).expect("read").public_key(), first.public_key());
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing else is left");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("own file");
        assert!(of(dir.path()).expect_err("others can read it").to_string().contains("chmod 600"));
    }
}
