//! One-time codes of authenticator apps (RFC 6238): six digits for half a minute each, by SHA-1, which every app knows.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::search::half_width;

/// Seconds that a code lasts.
const LASTS: i64 = 30;
/// Of how many codes before and after the present one each may be typed: clocks differ, and people are slow.
const WINDOW: i64 = 1;

/// The half minute that a moment falls into, counted from 1970.
pub fn step(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(LASTS)
}

/// The code of a half minute.
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key has any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0xf);
    let number = hash[at..at + 4].iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The half minute whose code was typed, with whatever blanks; the present one, else one beside it.
pub fn typed(secret: &[u8], text: &str, now: DateTime<Utc>) -> Option<i64> {
    let digits: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).take(7).collect();
    let now = step(now);
    (now - WINDOW..=now + WINDOW).rev().find(|step| code(secret, *step) == digits)
}

/// As apps take a secret that is typed: capital letters and `2` to `7`.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, at| bits << 8 | u64::from(five.get(at).copied().unwrap_or(0)));
        let letters = (five.len() * 8).div_ceil(5);
        text.extend((0..letters).map(|at| char::from(LETTERS[(bits >> (35 - 5 * at) & 31) as usize])));
    }
    text
}

/// What an app takes from a QR code.
pub fn uri(secret: &[u8], login: &str) -> String {
    let digit = |bits: u8| char::from_digit(bits.into(), 16).unwrap_or_default().to_ascii_uppercase();
    let mut name = String::new();
    for byte in login.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            name.push(char::from(byte));
        } else {
            name.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    format!("otpauth://totp/frontdesk:{name}?secret={}&issuer=frontdesk", base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the RFC's appendix B, whose codes have eight digits there.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = DateTime::from_timestamp(seconds, 0).expect("a moment");
            assert_eq!(code(SECRET, step(at)), wanted, "{seconds}");
        }
    }

    #[test]
    fn the_code_of_now_and_of_beside_is_taken_however_it_is_typed() {
        let now = DateTime::from_timestamp(1_111_111_109, 0).expect("a moment");
        let here = step(now);
        for (text, wanted) in [
            ("081804", Some(here)),
            (" 081 804\n", Some(here)),
            ("０８１８０４", Some(here)),
            (&code(SECRET, here - 1), Some(here - 1)),
            (&code(SECRET, here + 1), Some(here + 1)),
            (&code(SECRET, here - 2), None),
            (&code(SECRET, here + 2), None),
            ("81804", None),
            ("0818040", None),
            ("", None),
        ] {
            assert_eq!(typed(SECRET, text, now), wanted, "{text}");
        }
    }

    #[test]
    fn a_secret_is_written_as_apps_take_it() {
        for (bytes, wanted) in [
            (&b""[..], ""),
            (b"f", "MY"),
            (b"fo", "MZXQ"),
            (b"foo", "MZXW6"),
            (b"foob", "MZXW6YQ"),
            (b"foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes), wanted);
        }
        assert_eq!(
            uri(SECRET, "ana li"),
            "otpauth://totp/frontdesk:ana%20li?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=frontdesk"
        );
    }
}
