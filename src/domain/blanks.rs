//! Texts with blanks: `{contact.name}`. Blanks that nothing is known for stay, so that they are seen and stop a reply
//! from being sent.

use std::ops::Range;

/// Longer braces are no blank but text, such as code that a customer is answered with.
const LONGEST: usize = 40;

/// Fills the blanks that `value` knows; the others stay as they are.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut done = 0;
    for blank in open(text) {
        let name = text[blank.start + 1..blank.end - 1].trim();
        if let Some(known) = value(name).filter(|known| !known.trim().is_empty()) {
            filled.push_str(&text[done..blank.start]);
            filled.push_str(&known);
            done = blank.end;
        }
    }
    filled.push_str(&text[done..]);
    filled
}

/// Where blanks stand, braces included. A blank is one to forty letters of any script, digits, `. _ … -` and spaces
/// between braces; what has quotes, colons or line breaks in it is not.
pub fn open(text: &str) -> Vec<Range<usize>> {
    let is_inside = |c: char| c.is_alphanumeric() || "._-… ".contains(c);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find('{').map(|at| from + at) {
        from = start + 1;
        let rest = &text[from..];
        let Some(end) = rest.find(|c| !is_inside(c)).filter(|&end| rest[end..].starts_with('}')) else { continue };
        let name = rest[..end].trim();
        if !name.is_empty() && name.chars().count() <= LONGEST {
            found.push(start..from + end + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_and_the_rest_stays() {
        let value = |name: &str| match name {
            "contact.name" => Some("{me.name} 王伟".to_owned()),
            "me.name" => Some("Ana".to_owned()),
            "contact.salutation" => Some(String::new()),
            _ => None,
        };
        let filled = fill("Dear {contact.salutation} {contact.name}, {date} {me.name}", value);
        // What was filled in is not looked at again: a customer may be called anything.
        assert_eq!(filled, "Dear {contact.salutation} {me.name} 王伟, {date} Ana");
    }

    #[test]
    fn blanks_are_told_from_code() {
        let found = |text: &str| open(text).into_iter().map(|r| text[r].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("{contact.name} {…} {产品 名} {{x}}"), ["{contact.name}", "{…}", "{产品 名}", "{x}"]);
        for text in
            ["{}", "{ }", "{\"a\": 1}", "{\nx}", "if x {", "}{", "{a:b}", "{0123456789012345678901234567890123456789x}"]
        {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
