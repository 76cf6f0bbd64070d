//! Who may use whom: `tui`, `cli` → `desk` → `store` → `domain` (see the crate's documentation). Read from the source,
//! since the compiler lets a crate's modules use each other freely.

use std::fs;
use std::path::{Path, PathBuf};

/// A module of the crate's root and what it may name from the root. `main.rs` only calls `door`, and `lib.rs`
/// only lists; `config` is data that all but `domain` read.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("config", &["config", "domain"]),
    ("store", &["store", "config", "domain"]),
    ("desk", &["desk", "store", "config", "domain"]),
    ("demo", &["demo", "desk", "store", "config", "domain"]),
    ("cli", &["cli", "demo", "desk", "store", "config", "domain"]),
    ("tui", &["tui", "desk", "config", "domain"]),
    // Above both doors: it lets people in at either, over SSH.
    ("server", &["server", "tui", "cli", "desk", "config", "domain"]),
    ("door", &["server", "tui", "cli", "config", "domain"]),
];

/// The outer crates that stay behind a wall. The one name of sqlx that goes further is the connection, which the desk
/// hands from a transaction of its own to the store's functions.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store", "config"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui", "cli", "server"]),
    ("clap", &["cli", "config", "server", "door"]),
    // The command line only takes a public key apart.
    ("russh", &["server", "cli"]),
    ("terminput", &["server"]),
    ("axum", &["server"]),
    ("prometheus_client", &["server"]),
    // Codes are kept as their hashes.
    ("sha2", &["desk", "server"]),
    // Signed webhooks, and codes of authenticator apps.
    ("hmac", &["server", "domain"]),
    ("sha1", &["domain"]),
    ("rustls", &["server"]),
    ("qrcodegen", &["cli"]),
    ("tokio", &["store", "desk", "tui", "cli", "demo", "server", "door"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("readable").map(|e| e.expect("readable").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
}

/// The members of a list in braces, without those of the lists inside.
fn outermost(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    list.split(move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
}

/// The names that follow `crate::` in a line of code, also in `use crate::{a, b::c}`.
fn named(line: &str) -> Vec<String> {
    let word =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(outermost(list).map(word)),
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// True when the code names the outer crate: `sqlx::query`, `use sqlx::…`.
fn names_crate(line: &str, outer: &str) -> bool {
    line.match_indices(&format!("{outer}::"))
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

#[test]
fn every_layer_uses_only_those_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&src).expect("below src");
        let layer = inside.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned();
        if layer == "main" || layer == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("{}: the layer `{layer}` is in no list; see tests/it/layers.rs", inside.display()));
            continue;
        };
        let text = fs::read_to_string(&file).expect("readable");
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if code.starts_with("//") || (layer == "desk" && code == "use sqlx::PgConnection;") {
                continue;
            }
            let place = format!("{}:{}", inside.display(), number + 1);
            for name in named(code).into_iter().filter(|name| !allowed.contains(&name.as_str())) {
                wrong.push(format!("{place}: `{layer}` may not use `{name}`"));
            }
            for (outer, layers) in ONLY_IN {
                if names_crate(code, outer) && !layers.contains(&layer.as_str()) {
                    wrong.push(format!("{place}: `{outer}` belongs to {}", layers.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_sees_what_it_should() {
    assert_eq!(named("use crate::store::Store;"), ["store"]);
    assert_eq!(named("use crate::{tui::{Seat, Port}, desk};"), ["tui", "desk"]);
    assert_eq!(named("fn f(x: &crate::tui::Seat) {}"), ["tui"]);
    assert!(names_crate("use sqlx::Row;", "sqlx") && names_crate("    sqlx::query(", "sqlx"));
    assert!(!names_crate("my_sqlx::x", "sqlx") && !names_crate("a::sqlx::x", "sqlx"));
}
