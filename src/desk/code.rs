//! Codes that people type once: of invitations, and those that stand in for a lost second factor.

use sha2::{Digest, Sha256};

use crate::domain::search::half_width;

/// What codes are made of: no letter that looks like a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code, of five bits each.
const LENGTH: usize = 16;
/// No code is longer, however it is written.
const LONGEST: usize = 200;

/// `7KQM-2XVD-9RTH-4WPC`.
pub(super) fn new() -> String {
    let letters = rand::random::<[u8; LENGTH]>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The hash of a code in whichever way it was typed: case, blanks and dashes are nothing, full-width letters and those
/// that look like a digit are what they look like.
pub(super) fn hash(code: &str) -> [u8; 32] {
    let letters = code.chars().take(LONGEST).map(half_width);
    let letters = letters.filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    Sha256::digest(letters.collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_new_each_time_and_read_however_they_are_typed() {
        let codes: HashSet<String> = (0..1_000).map(|_| new()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in &codes {
            assert_eq!(code.len(), 19, "{code}");
            assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
        }
        for typed in ["7kqm 2xvd9rth-4wp0", " 7KQM2XVD9RTH4WPO\n", "７ＫＱＭ－2XVD－9RTH－4WPo"] {
            assert_eq!(hash(typed), hash("7KQM-2XVD-9RTH-4WP0"), "{typed}");
        }
        assert_ne!(hash("7KQM-2XVD-9RTH-4WP0"), hash("7KQM-2XVD-9RTH-4WP1"));
    }
}
