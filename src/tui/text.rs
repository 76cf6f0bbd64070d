//! Text on its way to the screen: made inert, measured, cut and padded. Widths are terminal cells; CJK is two.

pub use crate::domain::inert::inert;
use std::borrow::Cow;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};
use unicode_width::UnicodeWidthStr;

/// Cells that a piece of text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Several lines of customer text, each made inert. An empty text is one empty line.
pub fn inert_lines(text: &str) -> Vec<String> {
    text.split('\n').map(|line| inert(line.trim_end_matches('\r')).into_owned()).collect()
}

/// The beginning of a text, of so many bytes at most: what a screen can show of ten megabytes is never all of it.
pub fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The grapheme border at this byte, else the next one behind it.
pub fn border(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    if cursor.is_boundary(text, 0) == Ok(true) {
        at
    } else {
        cursor.next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
    }
}

/// False for what a terminal would obey and for what hides the text around it. Joiners are typed one by one, before
/// what they join is there.
pub fn is_inert(c: char) -> bool {
    c == '\u{200d}' || inert(c.encode_utf8(&mut [0; 4])).starts_with(c)
}

/// At most `cells` wide, cut at a grapheme border with `…` when longer.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if cells == 0 {
        return Cow::Borrowed("");
    }
    // Most of what a screen shows; graphemes cost ten times as much.
    if text.is_ascii() {
        return if text.len() <= cells {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("{}…", &text[..cells - 1]))
        };
    }
    // How far it fits with room for the sign; no further than needed is looked.
    let (mut used, mut fits) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells {
            return Cow::Owned(format!("{}…", &text[..fits]));
        }
        if used < cells {
            fits = at + grapheme.len();
        }
    }
    Cow::Borrowed(text)
}

/// Exactly `cells` wide, text left.
pub fn pad(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    let blanks = cells.saturating_sub(width(&text));
    let mut out = String::with_capacity(text.len() + blanks);
    out.push_str(&text);
    out.extend(std::iter::repeat_n(' ', blanks));
    out
}

/// Exactly `cells` wide, text right: for numbers.
pub fn pad_left(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    let blanks = cells.saturating_sub(width(&text));
    let mut out = String::with_capacity(text.len() + blanks);
    out.extend(std::iter::repeat_n(' ', blanks));
    out.push_str(&text);
    out
}

/// Breaks text into lines of at most `cells`, at blanks where there are any, else at grapheme borders (Chinese).
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    for line in inert_lines(text) {
        let mut current = String::new();
        let mut used = 0;
        for word in line.split_word_bounds() {
            let wide = width(word);
            if used + wide <= cells {
                current.push_str(word);
                used += wide;
                continue;
            }
            if wide <= cells {
                lines.push(std::mem::take(&mut current).trim_end().to_owned());
                used = 0;
                if !word.trim().is_empty() {
                    current.push_str(word);
                    used = wide;
                }
                continue;
            }
            for grapheme in word.graphemes(true) {
                if used + width(grapheme) > cells {
                    lines.push(std::mem::take(&mut current));
                    used = 0;
                }
                current.push_str(grapheme);
                used += width(grapheme);
            }
        }
        lines.push(current.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customer_text_is_shown_never_obeyed() {
        for (given, shown) in [
            ("plain 客户", "plain 客户"),
            ("red \u{1b}[31m", "red ␛[31m"),
            ("two\r\nlines\tand", "two lines and"),
            ("abc\u{202e}fdp.exe", "abcfdp.exe"),
            ("pay\u{200b}pal", "paypal"),
            ("\u{9b}2J", "�2J"),
            ("👩\u{200d}👧", "👩\u{200d}👧"),
            ("a\u{200d}b", "ab"),
            ("bell\u{7}", "bell␇"),
        ] {
            assert_eq!(inert(given), shown);
        }
    }

    #[test]
    fn cuts_at_graphemes_and_counts_cells() {
        for (text, cells, out) in [
            ("Acme", 4, "Acme"),
            ("Acme GmbH", 5, "Acme…"),
            ("发票抬头有误", 6, "发票…"),
            ("发票抬头有误", 7, "发票抬…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("x", 0, ""),
        ] {
            assert_eq!(cut(text, cells), out, "{text} in {cells}");
            assert!(width(&cut(text, cells)) <= cells);
        }
        assert_eq!(head("客户", 4), "客");
        assert_eq!(head("abc", 40), "abc");
        assert_eq!(pad("客户", 5), "客户 ");
        assert_eq!(pad_left("12", 4), "  12");
    }

    #[test]
    fn wraps_words_and_chinese() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("发票抬头有误", 6), ["发票抬", "头有误"]);
        assert_eq!(wrap("a\n\nb", 8), ["a", "", "b"]);
    }
}
