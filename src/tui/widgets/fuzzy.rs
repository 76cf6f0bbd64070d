//! Does a short typed text fit a name: by prefix, inside, or letter by letter; Chinese names also by pinyin.

use crate::domain::search::sound;

/// How well the typed text fits, larger is better; `None` when it does not. Nothing typed fits everything alike.
pub fn score(typed: &str, name: &str) -> Option<u32> {
    let typed = fold(typed);
    if typed.is_empty() {
        return Some(0);
    }
    let name_folded = fold(name);
    let direct = one(&typed, &name_folded);
    if name.is_ascii() || !typed.is_ascii() {
        return direct;
    }
    let (mut joined, mut initials) = (String::new(), String::new());
    for c in name.chars() {
        if let Some(sound) = sound(c) {
            joined.push_str(&sound);
            initials.extend(sound.chars().next());
        } else {
            let c = fold(c.encode_utf8(&mut [0; 4]));
            joined.push_str(&c);
            initials.push_str(&c);
        }
    }
    // A name's own letters weigh more than its sounds.
    let sounds =
        [one(&typed, &initials), one(&typed, &joined)].into_iter().flatten().max().map(|s| s.saturating_sub(5));
    direct.max(sounds)
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn one(typed: &str, name: &str) -> Option<u32> {
    if let Some(at) = name.find(typed) {
        let whole = if name.len() == typed.len() { 50 } else { 0 };
        return Some(if at == 0 { 200 + whole } else { 150 - (at as u32).min(40) });
    }
    // Letter by letter in order; runs count for more.
    let mut letters = name.chars();
    let mut score = 20_u32;
    for wanted in typed.chars() {
        let skipped = letters.by_ref().position(|c| c == wanted)?;
        score = if skipped == 0 { score + 4 } else { score.saturating_sub(skipped as u32).max(1) };
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_by_prefix_inside_letters_and_pinyin() {
        for (typed, name, fits) in [
            ("", "anything", true),
            ("urg", "Urgent", true),
            ("gent", "Urgent", true),
            ("ugt", "Urgent", true),
            ("tgu", "Urgent", false),
            ("xx", "Urgent", false),
            ("uu", "Urgent", false),
            ("ww", "王伟", true),
            ("wangwei", "王伟", true),
            ("lvwei", "吕伟", true),
            ("王", "王伟", true),
            ("lw", "王伟", false),
        ] {
            assert_eq!(score(typed, name).is_some(), fits, "{typed} in {name}");
        }
        assert!(score("no", "Normal") > score("no", "Piano"));
        assert!(score("open", "Open") > score("open", "Opened"));
        assert!(score("ne", "New") > score("ne", "Nice engine"));
    }
}
