//! The README says what the program does: its table of keys is the command table, its commands exist.

use clap::Parser;
use frontdesk::cli::Cli;
use frontdesk::domain::field::Lang;
use frontdesk::tui::command::{COMMANDS, Scope};
use frontdesk::tui::i18n::Catalogue;
use frontdesk::tui::keymap::Keymap;

const BEGIN: &str = "<!-- keys: held equal to the program's command table by a test -->\n";
const END: &str = "<!-- /keys -->";

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

fn readme() -> String {
    std::fs::read_to_string(PATH).expect("the README is beside Cargo.toml")
}

/// Lists, records and screens: where people spend the day. Boxes and forms show their few keys themselves.
fn table() -> String {
    let (words, keymap) = (Catalogue::new(Lang::En), Keymap::default());
    let mut table = "| keys | what |\n| --- | --- |\n".to_owned();
    let mut told: Vec<String> = Vec::new();
    for command in COMMANDS {
        if !matches!(
            command.scope,
            Scope::Board | Scope::Table | Scope::List | Scope::Record | Scope::Main | Scope::Everywhere
        ) {
            continue;
        }
        let keys: Vec<String> =
            keymap.keys(command.id).iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
        let row = format!("| {} | {} |\n", keys.join(" "), words.t(&command.title_key()));
        if !keys.is_empty() && !told.contains(&row) {
            table += &row;
            told.push(row);
        }
    }
    table
}

#[test]
fn the_table_of_keys_is_the_command_table() {
    let readme = readme();
    let shown = readme.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(shown, _)| shown);
    let expected = table();
    if std::env::var_os("UPDATE_README").is_some() {
        let old = shown.expect("the README has the two marks");
        std::fs::write(PATH, readme.replacen(old, &expected, 1)).expect("the README can be written");
        return;
    }
    assert!(
        shown == Some(expected.as_str()),
        "README.md's table of keys is stale; UPDATE_README=1 cargo test readme writes:\n{expected}"
    );
}

#[test]
fn the_commands_in_the_readme_parse() {
    let readme = readme();
    let mut seen = 0;
    for line in readme.lines().filter(|line| line.starts_with("frontdesk ")) {
        // What a shell does with the output is not ours.
        let line = [" > ", " | "].iter().fold(line, |line, sign| line.split(sign).next().unwrap_or(line));
        let words = shell_words(line);
        let parsed = Cli::try_parse_from(frontdesk::cli::arguments(words.into_iter()));
        assert!(parsed.is_ok(), "{line}\n{}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} commands were found in the README");
}

/// Words as a shell splits them, single quotes only.
fn shell_words(line: &str) -> Vec<std::ffi::OsString> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("never empty").push(c),
        }
    }
    words.into_iter().filter(|w| !w.is_empty()).map(Into::into).collect()
}
