//! The interface's own sentences, in English and Simplified Chinese. A seat holds one language's catalogue; tests hold
//! both files equal in keys and arguments, and to the keys that the code uses.

use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::domain::field::Lang;

const EN: &str = include_str!("locales/en.ftl");
const ZH: &str = include_str!("locales/zh-CN.ftl");

/// An argument of a sentence: text or a number (numbers choose plural forms).
#[derive(Clone, Debug)]
pub enum Arg {
    Text(String),
    Number(f64),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<usize> for Arg {
    fn from(n: usize) -> Self {
        Self::Number(n as f64)
    }
}

impl From<u64> for Arg {
    fn from(n: u64) -> Self {
        Self::Number(n as f64)
    }
}

/// One language's sentences. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue {
    bundle: Arc<FluentBundle<FluentResource>>,
    lang: Lang,
}

impl Catalogue {
    pub fn new(lang: Lang) -> Self {
        // Parsed once a process and language: the bundles are immutable.
        static BOTH: LazyLock<[Catalogue; 2]> = LazyLock::new(|| [load(Lang::En, EN), load(Lang::Zh, ZH)]);
        BOTH[usize::from(lang == Lang::Zh)].clone()
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The sentence under `key`. A missing key shows itself, and fails a test.
    pub fn t(&self, key: &str) -> String {
        self.format(key, None, &[])
    }

    /// The sentence under `key` with arguments.
    pub fn tr(&self, key: &str, args: &[(&str, Arg)]) -> String {
        self.format(key, None, args)
    }

    /// The attribute `.short` of a message, else the message.
    pub fn short(&self, key: &str) -> String {
        let has = self.bundle.get_message(key).is_some_and(|m| m.get_attribute("short").is_some());
        self.format(key, has.then_some("short"), &[])
    }

    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    fn format(&self, key: &str, attribute: Option<&str>, args: &[(&str, Arg)]) -> String {
        let Some(message) = self.bundle.get_message(key) else { return key.to_owned() };
        let pattern = match attribute {
            Some(name) => message.get_attribute(name).map(|a| a.value()),
            None => message.value(),
        };
        let Some(pattern) = pattern else { return key.to_owned() };
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => fluent.set(*name, FluentValue::from(text.as_str())),
                Arg::Number(n) => fluent.set(*name, FluentValue::from(*n)),
            }
        }
        self.bundle.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned()
    }
}

fn load(lang: Lang, text: &str) -> Catalogue {
    let id: LanguageIdentifier = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    }
    .parse()
    .expect("both are well-formed");
    let resource = FluentResource::try_new(text.to_owned()).expect("catalogues are tested");
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolating marks are zero-width characters that would break column widths.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("no key twice in a catalogue");
    Catalogue { bundle: Arc::new(bundle), lang }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;
    use crate::tui::command::COMMANDS;

    /// Keys with the names of their arguments; attributes are keys of their own (`key.short`).
    fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            if let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with([' ', '}', '\t'])) {
                name.trim().clone_into(&mut key);
                assert!(out.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
            } else if let Some(attribute) = line.trim().strip_prefix('.') {
                let base = key.split('.').next().unwrap_or_default();
                key = format!("{base}.{}", attribute.split_once('=').map_or("", |(n, _)| n.trim()));
                out.insert(key.clone(), BTreeSet::new());
            }
            for part in line.split('$').skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                out.get_mut(&key).expect("a line belongs to a key").insert(name);
            }
        }
        out
    }

    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).expect("the sources are there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("source is readable");
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
    }

    /// Every literal between quotes in the sources of the terminal.
    fn literals() -> (String, BTreeSet<String>) {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui"), &mut text);
        // Line by line: a lone quote confuses no more than its own.
        let set = text.lines().flat_map(|line| line.split('"')).map(str::to_owned).collect();
        (text, set)
    }

    #[test]
    fn both_languages_have_the_same_keys_and_arguments() {
        assert_eq!(keys(EN), keys(ZH));
    }

    #[test]
    fn no_key_is_missing_and_none_unused() {
        let (text, literals) = literals();
        let catalogue = keys(EN);
        let made: BTreeSet<String> = COMMANDS.iter().map(crate::tui::command::Command::title_key).collect();
        for key in &made {
            assert!(catalogue.contains_key(key), "{key} has no sentence");
        }
        for call in [".t(\"", ".tr(\"", ".short(\""] {
            for rest in text.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(catalogue.contains_key(key), "{key} is used and has no sentence");
            }
        }
        for key in catalogue.keys().filter(|k| !k.contains('.')) {
            assert!(literals.contains(key) || made.contains(key), "{key} is not used");
        }
    }

    #[test]
    fn sentences_are_filled_without_hidden_marks() {
        let en = Catalogue::new(Lang::En);
        assert_eq!(en.tr("list-marked", &[("n", 2usize.into())]), "2 marked");
        assert_eq!(en.t("no-such-key"), "no-such-key");
        assert!(!en.tr("list-marked", &[("n", 2usize.into())]).contains('\u{2068}'));
    }
}
