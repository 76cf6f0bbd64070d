//! A person's own files, a theme and `keys.toml`, read again while they sit: on Ctrl-l, and when the clock shows another
//! minute. Nothing watches the folder, so an idle seat sleeps on.

use std::path::{Path, PathBuf};

use super::keymap::Keymap;
use super::theme::{Depth, Theme};

/// Where the files are and what stood in them last. A seat from elsewhere has none.
#[derive(Clone, Debug, Default)]
pub struct OwnFiles {
    pub theme: Option<PathBuf>,
    pub theme_text: Option<String>,
    pub keys: Option<PathBuf>,
    pub keys_text: Option<String>,
}

/// What is different now, or what is wrong with it: then the old one stays.
#[derive(Debug, Default)]
pub struct Fresh {
    pub files: OwnFiles,
    pub theme: Option<Result<Theme, String>>,
    pub keys: Option<Result<Keymap, String>>,
}

impl OwnFiles {
    pub fn is_none(&self) -> bool {
        self.theme.is_none() && self.keys.is_none()
    }

    /// Reads both. A file that is not there, perhaps because an editor is just writing it, changes nothing.
    pub async fn reread(mut self, depth: Depth) -> Fresh {
        let theme = changed(self.theme.as_deref(), &mut self.theme_text).await;
        let theme = theme.map(|text| Theme::parse(&text, depth).map_err(|e| e.message().to_owned()));
        let keys = changed(self.keys.as_deref(), &mut self.keys_text).await.map(|text| Keymap::parse(&text));
        Fresh { files: self, theme, keys }
    }
}

/// The file's text when it is another than last time.
async fn changed(path: Option<&Path>, last: &mut Option<String>) -> Option<String> {
    let text = tokio::fs::read_to_string(path?).await.ok()?;
    if last.as_ref() == Some(&text) {
        return None;
    }
    *last = Some(text.clone());
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_taken_in_once_each_time_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.toml");
        let files = OwnFiles { keys: Some(path.clone()), ..OwnFiles::default() };
        let fresh = files.reread(Depth::None).await;
        assert!(fresh.keys.is_none(), "it is not there yet");
        std::fs::write(&path, "open = [\"ctrl-o\"]").expect("written");
        let fresh = fresh.files.reread(Depth::None).await;
        assert!(fresh.keys.is_some_and(|keys| keys.is_ok()));
        let fresh = fresh.files.reread(Depth::None).await;
        assert!(fresh.keys.is_none(), "it is the same");
        std::fs::write(&path, "open = [\"ctrl-o\"").expect("written");
        assert!(fresh.files.reread(Depth::None).await.keys.is_some_and(|keys| keys.is_err()));
    }
}
