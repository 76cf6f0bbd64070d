//! One ASCII spelling for what different keyboards type: full-width punctuation, letters and digits, Chinese commas,
//! quotes and brackets. Text inside quotes stays as it is. `'` and `’` are letters.

use crate::domain::search::half_width;

/// A query's text with its punctuation folded, and where each byte came from.
pub(super) struct Folded {
    pub text: String,
    /// Per byte of `text` its place in the original; one more for the end.
    at: Vec<usize>,
}

impl Folded {
    /// Folds outside quotes. Every kind of quotation mark becomes `"`, with `\` before a `"` or `\` inside.
    pub(super) fn of(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), at: Vec::new() };
        let mut chars = original.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let close = match c {
                '"' | '＂' => c,
                '“' | '”' => '”',
                '「' | '」' => '」',
                '『' | '』' => '』',
                _ => {
                    folded.push(at, plain(c));
                    continue;
                }
            };
            folded.push(at, "\"");
            while let Some((at, c)) = chars.next() {
                if c == close {
                    folded.push(at, "\"");
                    break;
                }
                let next = chars.peek().map(|(_, c)| *c);
                if close == '"' && c == '\\' && matches!(next, Some('"' | '\\')) {
                    folded.push(at, "\\");
                    if let Some((at, c)) = chars.next() {
                        folded.push(at, c.encode_utf8(&mut [0; 4]));
                    }
                    continue;
                }
                if matches!(c, '"' | '\\') {
                    folded.push(at, "\\");
                }
                folded.push(at, c.encode_utf8(&mut [0; 4]));
            }
        }
        folded.at.push(original.len());
        folded
    }

    fn push(&mut self, at: usize, text: impl AsRef<str>) {
        let text = text.as_ref();
        self.text.push_str(text);
        self.at.extend(std::iter::repeat_n(at, text.len()));
    }

    /// A span of `text` as a span of the original.
    pub(super) fn original(&self, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let end = self.at.len() - 1;
        let (start, stop) = (span.start.min(end), span.end.min(end));
        // A character that folded to two bytes begins once: an end inside it is its end.
        let stop = (stop..=end).find(|&i| stop == 0 || i == end || self.at[i] != self.at[i - 1]).unwrap_or(end);
        self.at[start]..self.at[stop].max(self.at[start])
    }
}

fn plain(c: char) -> String {
    match c {
        '　' => ' ',
        '、' => ',',
        '。' => '.',
        '《' | '〈' => '<',
        '》' | '〉' => '>',
        '【' => '(',
        '】' => ')',
        '≤' => return "<=".into(),
        '≥' => return ">=".into(),
        '≠' => return "!=".into(),
        c if c.is_whitespace() => ' ',
        c => half_width(c),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_outside_quotes_only() {
        for (typed, folded) in [
            ("状态：打开", "状态:打开"),
            ("ａ　ｂ", "a b"),
            ("“ａ：ｂ”", "\"ａ：ｂ\""),
            ("「王 伟」", "\"王 伟\""),
            ("\"a\\\"b\"", "\"a\\\"b\""),
            ("\"c:\\d\"", "\"c:\\\\d\""),
            ("“a\"b”", "\"a\\\"b\""),
            ("o'neil o’neil", "o'neil o’neil"),
            ("金额≥10", "金额>=10"),
            ("\"open", "\"open"),
        ] {
            assert_eq!(Folded::of(typed).text, folded, "{typed}");
        }
    }

    #[test]
    fn spans_point_into_the_original() {
        let folded = Folded::of("状态≥打");
        assert_eq!(folded.text, "状态>=打");
        assert_eq!(folded.original(&(6..8)), 6..9);
        assert_eq!(folded.original(&(8..11)), 9..12);
        assert_eq!(folded.original(&(11..11)), 12..12);
        assert_eq!(folded.original(&(0..0)), 0..0);
    }
}
