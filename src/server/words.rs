//! The words of a command that came over SSH. The client joins its arguments by blanks before it sends them, so what a
//! local shell took as one argument may be several here, without the quotes that it took away.
//!
//! - Most words are read as a shell reads them: blanks part them, '…' keeps everything, "…" everything but `\`, which
//!   takes the next character as it is. Nothing else has a meaning: no `$`, no `*`, no `;`, no `>`.
//! - The words of a QUERY (`KIND list|ls|count|show|set|run|delete QUERY`, `export KIND QUERY`) are taken as they stand,
//!   with `"`, `\`, `<>()|` and a leading `-`, so that the query is the one that `/` would take. Only options and
//!   `field=value` among them are read as a shell reads them, and a word that is wholly in '…' loses these.

use crate::cli::is_assignment;
use crate::domain::kind::Registry;

/// Options of any command that take the next word as their value.
const VALUED: &[&str] = &["--lang", "--theme", "--columns", "--limit"];

/// The arguments of a command line, without the program's name; why there are none when a quote is not closed.
pub(super) fn split(line: &str) -> Result<Vec<String>, String> {
    let mut rest = line;
    let mut words: Vec<String> = Vec::new();
    // The command's name: its words that are no options.
    let mut name: Vec<String> = Vec::new();
    let mut is_value = false;
    while let Some((raw, after)) = next(rest, query_begins(&name)) {
        let takes_raw = query_begins(&name) && !is_value && !raw.starts_with("--") && !is_assignment(raw);
        let word = if takes_raw { whole(raw).to_owned() } else { unquoted(raw)? };
        let is_option = !takes_raw && word.starts_with('-');
        if !is_value && !is_option && name.len() < 3 {
            name.push(word.clone());
        }
        is_value = !is_value && VALUED.contains(&word.as_str());
        words.push(word);
        rest = after;
    }
    Ok(words)
}

/// True when what follows these words of a command is a query.
fn query_begins(name: &[String]) -> bool {
    let is_kind = |word: &String| Registry::builtin().kinds().iter().any(|kind| kind.id.0 == word);
    match name {
        [export, _, ..] if export == "export" => true,
        // A macro's name comes first.
        [kind, run, rest @ ..] if run == "run" && is_kind(kind) => !rest.is_empty(),
        [kind, verb, ..] => {
            is_kind(kind) && matches!(verb.as_str(), "list" | "ls" | "count" | "show" | "set" | "delete")
        }
        _ => false,
    }
}

/// The next word as it stands, and what is behind it. In a query only `"` holds blanks together, since an apostrophe is
/// one; a `'` does where the word begins with it and it is closed at a word's end.
fn next(line: &str, in_query: bool) -> Option<(&str, &str)> {
    let line = line.trim_start();
    if line.is_empty() {
        return None;
    }
    if in_query && let Some(end) = closed(line) {
        return Some(line.split_at(end));
    }
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"') => quote = Some(c),
            (None, '\'') if !in_query || is_value_quote(&line[..at]) => quote = Some(c),
            (None | Some('"'), '\\') => {
                chars.next();
            }
            (None, c) if c.is_whitespace() => return Some(line.split_at(at)),
            _ => {}
        }
    }
    Some((line, ""))
}

/// `name='…`: the value of an assignment or an option is quoted as in a shell.
fn is_value_quote(before: &str) -> bool {
    before.ends_with('=') && (is_assignment(before) || before.starts_with("--"))
}

/// Where a word that begins with `'` ends, when it is wholly in such quotes.
fn closed(line: &str) -> Option<usize> {
    let inside = line.strip_prefix('\'')?;
    let end = inside.find('\'')? + 2;
    line[end..].chars().next().is_none_or(char::is_whitespace).then_some(end)
}

/// A word of a query without the quotes of a shell round it.
fn whole(raw: &str) -> &str {
    raw.strip_prefix('\'').and_then(|inside| inside.strip_suffix('\'')).unwrap_or(raw)
}

/// A word as a shell reads it.
fn unquoted(raw: &str) -> Result<String, String> {
    let mut word = String::new();
    let mut quote = None;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None | Some('"'), '\\') => word.extend(chars.next()),
            _ => word.push(c),
        }
    }
    match quote {
        Some(open) => Err(format!("a {open} is not closed")),
        None => Ok(word),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_a_shells_up_to_the_query_and_the_query_is_kept() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  inbox   --all ", &["inbox", "--all"]),
            (
                r#"contact new name="Acme Ltd" 'note=it''s' a\ b"#,
                &["contact", "new", "name=Acme Ltd", "note=its", "a b"],
            ),
            ("inbox $HOME `x` ; rm * > f", &["inbox", "$HOME", "`x`", ";", "rm", "*", ">", "f"]),
            (
                r#"ticket list --json status:open "two words" -tag:vip"#,
                &["ticket", "list", "--json", "status:open", r#""two words""#, "-tag:vip"],
            ),
            (
                r#"ticket list -"two words" (a|b) age>3d --limit 5"#,
                &["ticket", "list", r#"-"two words""#, "(a|b)", "age>3d", "--limit", "5"],
            ),
            ("ticket list 'status:open owner:me' --json", &["ticket", "list", "status:open owner:me", "--json"]),
            ("contact count name:O'Brien it's --csv", &["contact", "count", "name:O'Brien", "it's", "--csv"]),
            (
                r#"--lang zh export deal --columns "name" "a b""#,
                &["--lang", "zh", "export", "deal", "--columns", "name", r#""a b""#],
            ),
            (
                r#"company set "old name" city="Bad Tölz" name='X Y' --yes"#,
                &["company", "set", r#""old name""#, "city=Bad Tölz", "name=X Y", "--yes"],
            ),
            (r#"ticket run "close it" "two words""#, &["ticket", "run", "close it", r#""two words""#]),
            (r#"ticket list "never closed -x"#, &["ticket", "list", r#""never closed -x"#]),
        ];
        for (line, wanted) in cases {
            assert_eq!(
                split(line).as_deref(),
                Ok(&wanted.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]),
                "{line}"
            );
        }
        assert!(split("contact new name=\"x").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever is sent: no panic, and no more than was sent.
        #[test]
        fn anything_is_split(line in r#"(ticket list|export deal|contact set|run|)?[ -~客\t'"\\]{0,60}"#) {
            if let Ok(words) = split(&line) {
                prop_assert!(words.iter().map(String::len).sum::<usize>() <= line.len());
            }
        }

        /// A query without quotes comes through as it is, but for the number of blanks.
        #[test]
        fn a_query_is_kept(words in proptest::collection::vec(r"-?[a-z:<>()|*$\[\];&客]{1,8}", 1..6)) {
            let line = format!("ticket list --json {}", words.join("  "));
            prop_assert_eq!(&split(&line).expect("no quotes")[3..], &words[..]);
        }
    }
}
