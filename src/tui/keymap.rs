//! From strokes to commands: the defaults of the command table under a person's `keys.toml`. Sequences (`g c`) are
//! looked up scope by scope; the innermost scope that knows the beginning decides.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::command::{COMMANDS, Cmd, Command, Scope, command};
use crate::domain::search::half_width;

/// One key with its modifiers, in one form however the terminal reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stroke(KeyCombination);

impl Stroke {
    /// A typed key. `None` for keys that are only modifiers or media keys.
    pub fn of(key: KeyEvent) -> Option<Self> {
        if matches!(key.code, KeyCode::Modifier(_) | KeyCode::Media(_) | KeyCode::Null) {
            return None;
        }
        Some(Self::new(key.code, key.modifiers))
    }

    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            // Shift is in the character itself; with Ctrl or Alt a letter's case says nothing.
            KeyCode::Char(c) if modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                KeyCode::Char(c.to_ascii_lowercase())
            }
            KeyCode::Char(c) => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(c)
            }
            KeyCode::BackTab => {
                modifiers.insert(KeyModifiers::SHIFT);
                KeyCode::BackTab
            }
            other => other,
        };
        Self(KeyCombination { codes: OneToThree::One(code), modifiers })
    }

    /// `j`, `G`, `ctrl-k`, `shift-left`, `pagedown`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return Ok(Self::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        let key = crokey::parse(text).map_err(|e| e.to_string())?;
        let OneToThree::One(code) = key.codes else { return Err(format!("“{text}” is more than one key")) };
        Ok(Self::new(code, key.modifiers))
    }

    fn code(self) -> KeyCode {
        match self.0.codes {
            OneToThree::One(code) | OneToThree::Two(code, _) | OneToThree::Three(code, _, _) => code,
        }
    }

    /// A character typed without Ctrl or Alt.
    pub fn plain_char(self) -> Option<char> {
        match self.code() {
            KeyCode::Char(c) if !self.0.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => Some(c),
            _ => None,
        }
    }

    fn with_char(c: char) -> Self {
        Self::new(KeyCode::Char(c), KeyModifiers::NONE)
    }
}

impl fmt::Display for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.code() {
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            KeyCode::PageUp => "PgUp",
            KeyCode::PageDown => "PgDn",
            KeyCode::Delete => "Del",
            KeyCode::Backspace => "Backspace",
            KeyCode::BackTab => return f.write_str("Shift-Tab"),
            KeyCode::Char(' ') => "Space",
            KeyCode::Char(c) if self.plain_char().is_some() => return write!(f, "{c}"),
            _ => {
                let format = crokey::KeyCombinationFormat::default();
                return f.write_str(&format.to_string(self.0));
            }
        };
        if self.0.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.0.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        if self.0.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("Shift-")?;
        }
        f.write_str(name)
    }
}

/// What a character typed in command mode stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// The ASCII key at its place.
    Key(Stroke),
    /// Han: an input method is on.
    InputMethod,
}

/// Folds full-width forms, Chinese punctuation and Cyrillic letters to the key that was meant.
pub fn fold(stroke: Stroke) -> Folded {
    let Some(c) = stroke.plain_char() else { return Folded::Key(stroke) };
    let key = |c| Folded::Key(Stroke::with_char(c));
    match c {
        '\u{ff01}'..='\u{ff5e}' => key(half_width(c)),
        '\u{3000}' => key(' '),
        '。' => key('.'),
        '、' => key('/'),
        '·' => key('`'),
        '“' | '”' => key('"'),
        '‘' | '’' => key('\''),
        '《' => key('<'),
        '》' => key('>'),
        '【' => key('['),
        '】' => key(']'),
        '¥' | '￥' => key('$'),
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Folded::InputMethod,
        c => match cyrillic(c) {
            Some(latin) => key(latin),
            None => Folded::Key(stroke),
        },
    }
}

/// The Latin letter on the key of a Russian layout's letter.
fn cyrillic(c: char) -> Option<char> {
    const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбю";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    let lower = c.to_lowercase().next()?;
    let place = RUSSIAN.chars().position(|r| r == lower)?;
    let latin = LATIN.chars().nth(place)?;
    Some(if lower == c { latin } else { latin.to_ascii_uppercase() })
}

/// What the strokes so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Command(Cmd),
    /// The beginning of a longer sequence.
    Prefix,
    Nothing,
}

#[derive(Clone, Debug)]
struct Binding {
    scope: Scope,
    keys: Vec<Stroke>,
    cmd: Cmd,
}

/// One person's bindings.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
    /// The first key of each bound command as people read it: the bottom line asks for dozens at every frame.
    first: HashMap<Cmd, String>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with(&BTreeMap::new()).expect("the default keys are tested")
    }
}

impl Keymap {
    /// The defaults under the person's own keys, from `keys.toml`: `open = ["enter", "l"]`; an empty list unbinds.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let own: BTreeMap<String, Vec<String>> = toml::from_str(toml).map_err(|e| e.message().to_owned())?;
        Self::with(&own)
    }

    fn with(own: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        if let Some(name) = own.keys().find(|name| COMMANDS.iter().all(|c| c.name != *name)) {
            return Err(format!("no command is called “{name}”"));
        }
        let mut bindings = Vec::new();
        for command in COMMANDS {
            let keys: Vec<&str> = match own.get(command.name) {
                Some(keys) => keys.iter().map(String::as_str).collect(),
                None => command.keys.to_vec(),
            };
            for keys in keys {
                let keys = keys.split(' ').map(Stroke::parse).collect::<Result<_, _>>()?;
                bindings.push(Binding { scope: command.scope, keys, cmd: command.id });
            }
        }
        let mut map = Self { bindings, first: HashMap::new() };
        map.first = COMMANDS.iter().filter_map(|c| Some((c.id, map.keys(c.id).into_iter().next()?))).collect();
        match map.conflict() {
            Some((a, b)) => Err(format!("“{}” and “{}” have the same key", command(a).name, command(b).name)),
            None => Ok(map),
        }
    }

    /// Two commands of one scope on one key.
    fn conflict(&self) -> Option<(Cmd, Cmd)> {
        for (i, a) in self.bindings.iter().enumerate() {
            let clash = |b: &&Binding| a.scope == b.scope && a.keys == b.keys && a.cmd != b.cmd;
            if let Some(b) = self.bindings[i + 1..].iter().find(clash) {
                return Some((a.cmd, b.cmd));
            }
        }
        None
    }

    /// What the strokes mean in these scopes, innermost first. `d` alone may be a command and a beginning at once: then
    /// the command wins, and its menu knows the rest.
    pub fn find(&self, scopes: &[Scope], strokes: &[Stroke]) -> Found {
        for scope in scopes {
            let here = self.bindings.iter().filter(|b| b.scope == *scope && b.keys.starts_with(strokes));
            let mut found = Found::Nothing;
            for binding in here {
                if binding.keys.len() == strokes.len() {
                    return Found::Command(binding.cmd);
                }
                found = Found::Prefix;
            }
            if found != Found::Nothing {
                return found;
            }
        }
        Found::Nothing
    }

    /// What can follow the strokes, for the bottom line: next key and command, in the table's order.
    pub fn continuations(&self, scopes: &[Scope], strokes: &[Stroke]) -> Vec<(Stroke, Cmd)> {
        let mut out: Vec<(Stroke, Cmd)> = Vec::new();
        for scope in scopes {
            for b in self.bindings.iter().filter(|b| b.scope == *scope) {
                if b.keys.len() > strokes.len() && b.keys.starts_with(strokes) {
                    let next = b.keys[strokes.len()];
                    if !out.iter().any(|(stroke, _)| *stroke == next) {
                        out.push((next, b.cmd));
                    }
                }
            }
        }
        out
    }

    /// The first key of a command as people read it: `Ctrl-k`, `g c`. Empty when it has none.
    pub fn key(&self, cmd: Cmd) -> String {
        self.first.get(&cmd).cloned().unwrap_or_default()
    }

    /// All keys of a command as people read them.
    pub fn keys(&self, cmd: Cmd) -> Vec<String> {
        let of = self.bindings.iter().filter(|b| b.cmd == cmd);
        of.map(|b| b.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
    }

    /// False when a scope further in has all the keys of a command.
    pub fn reaches(&self, scopes: &[Scope], cmd: Cmd) -> bool {
        let mut own = self.bindings.iter().filter(|b| b.cmd == cmd).peekable();
        own.peek().is_none() || own.any(|b| self.find(scopes, &b.keys) == Found::Command(cmd))
    }

    /// The commands of these scopes in the table's order, innermost scope first.
    pub fn commands(scopes: &[Scope]) -> impl Iterator<Item = &'static Command> {
        scopes.iter().flat_map(|scope| COMMANDS.iter().filter(move |c| c.scope == *scope))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::tui::widgets::testing::{any_key, any_typed, cases};

    fn strokes(keys: &str) -> Vec<Stroke> {
        keys.split(' ').map(|k| Stroke::parse(k).unwrap()).collect()
    }

    #[test]
    fn sequences_are_looked_up_through_the_scopes() {
        let map = Keymap::default();
        let list = [Scope::List, Scope::Main, Scope::Everywhere];
        assert_eq!(map.find(&list, &strokes("g")), Found::Prefix);
        assert_eq!(map.find(&list, &strokes("g g")), Found::Command(Cmd::Top));
        assert_eq!(map.find(&list, &strokes("g c")), Found::Command(Cmd::Contacts));
        assert_eq!(map.find(&list, &strokes("g z")), Found::Nothing);
        assert_eq!(map.find(&list, &strokes("q")), Found::Prefix);
        assert_eq!(map.find(&[Scope::Popup, Scope::Everywhere], &strokes("q")), Found::Command(Cmd::Close));
        let next = map.continuations(&list, &strokes("g"));
        assert_eq!(next.iter().map(|(s, _)| s.to_string()).collect::<Vec<_>>(), ["g", "h", "c", "p", "t", "d", "i"]);
    }

    #[test]
    fn keys_read_the_same_however_the_terminal_tells_them() {
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Stroke::of(shifted), Stroke::parse("G").ok());
        assert_eq!(Stroke::of(KeyEvent::new(KeyCode::Char('K'), KeyModifiers::CONTROL)), Stroke::parse("ctrl-k").ok());
        assert_eq!(Stroke::of(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)), Stroke::parse("backtab").ok());
        for (key, name) in
            [("G", "G"), ("ctrl-k", "Ctrl-k"), ("pagedown", "PgDn"), ("shift-left", "Shift-←"), ("enter", "Enter")]
        {
            assert_eq!(Stroke::parse(key).unwrap().to_string(), name);
        }
    }

    #[test]
    fn other_layouts_fold_and_han_never_acts() {
        let folded = |c| fold(Stroke::with_char(c));
        for (typed, meant) in [('：', ':'), ('、', '/'), ('？', '?'), ('ｊ', 'j'), ('о', 'j'), ('П', 'G'), ('j', 'j')]
        {
            assert_eq!(folded(typed), Folded::Key(Stroke::with_char(meant)), "{typed}");
        }
        assert_eq!(folded('你'), Folded::InputMethod);
    }

    #[test]
    fn own_keys_replace_the_defaults_and_clashes_are_told() {
        let map = Keymap::parse("open = [\"enter\", \"ctrl-o\"]\nmark = []").unwrap();
        assert_eq!(map.find(&[Scope::List], &strokes("ctrl-o")), Found::Command(Cmd::Open));
        assert_eq!(map.find(&[Scope::List], &strokes("space")), Found::Nothing);
        assert!(Keymap::parse("open = [\"j\"]").unwrap_err().contains("same key"));
        assert!(Keymap::parse("fly = [\"j\"]").unwrap_err().contains("fly"));
        assert!(Keymap::parse("open = [\"hyper-j\"]").is_err());
    }
    /// A line of a `keys.toml`, with mistakes.
    fn any_own_keys() -> impl Strategy<Value = String> {
        let name = prop_oneof![
            4 => select(COMMANDS.iter().map(|c| c.name).collect::<Vec<_>>()).prop_map(str::to_owned),
            1 => "[a-z\"=. -]{0,6}",
        ];
        let part = select(vec![
            "g", "G", "ctrl", "-", " ", "  ", "alt", "shift", "f1", "f99", "esc", "space", "hyper", "王", "é",
            "\u{301}", "", "\\u0000", "\\\\", "backtab", "pagedown", "ctrl-k", "a-b-c-d",
        ]);
        let keys = prop_oneof![
            6 => prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat()),
            1 => "\\PC{0,6}",
        ];
        prop_oneof![
            8 => (name, prop::collection::vec(keys, 0..3))
                .prop_map(|(name, keys)| format!("{name} = [{}]", keys.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(","))),
            1 => any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(cases(1000))]

        #[test]
        fn any_key_is_folded_and_looked_up(
            keys in prop::collection::vec(any_key(), 0..4),
            scopes in prop::sample::subsequence(vec![Scope::Popup, Scope::List, Scope::Main, Scope::Everywhere], 0..=4),
        ) {
            let map = Keymap::default();
            let mut strokes = Vec::new();
            for stroke in keys.into_iter().filter_map(Stroke::of) {
                prop_assert!(!stroke.to_string().is_empty());
                if let Folded::Key(folded) = fold(stroke) {
                    prop_assert_eq!(fold(folded), Folded::Key(folded), "what is folded stays as it is");
                    strokes.push(folded);
                }
            }
            let next = map.continuations(&scopes, &strokes);
            match map.find(&scopes, &strokes) {
                Found::Prefix => prop_assert!(!next.is_empty(), "a beginning goes on"),
                Found::Nothing => prop_assert!(next.is_empty()),
                Found::Command(_) => {}
            }
        }

        #[test]
        fn any_characters_key_is_read_back(c in any_typed()) {
            let typed = Stroke::of(KeyEvent::from(KeyCode::Char(c))).unwrap();
            prop_assert_eq!(Stroke::parse(&c.to_string()), Ok(typed));
            prop_assert_eq!(typed.plain_char(), Some(c));
        }

        #[test]
        fn any_own_keys_are_taken_or_refused(lines in prop::collection::vec(any_own_keys(), 0..3)) {
            let text = lines.join("\n");
            match Keymap::parse(&text) {
                Ok(map) => prop_assert!(map.bindings.iter().all(|b| !b.keys.is_empty()), "{:?}", map.conflict()),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}
