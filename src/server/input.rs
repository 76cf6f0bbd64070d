//! Bytes of a terminal as events, whichever way the network cut them: escape sequences, UTF-8, pastes. What is kept
//! between two packets is bounded, and whatever a client sends, nothing here panics.

use crossterm::event::Event;
use terminput_crossterm::to_crossterm;

const ESC: u8 = 0x1b;
const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";
/// What a paste keeps; the rest of a longer one is thrown away.
const LONGEST_PASTE: usize = 1 << 20;
/// No key has a longer sequence.
const LONGEST_KEY: usize = 64;
/// No terminal has cells beyond; a report of them is broken.
const FARTHEST: u16 = 10_000;

/// Takes bytes in, gives events out.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The beginning of a sequence.
    held: Vec<u8>,
    /// A paste that goes on.
    paste: Option<Vec<u8>>,
    /// A sequence that is no key: all of it goes by.
    is_skipping: bool,
}

impl Decoder {
    /// Reads on; what is not complete waits for more.
    pub(super) fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for &byte in bytes {
            self.push(byte, events);
        }
    }

    /// True for what may be a key by itself or the beginning of a longer one: [`Decoder::flush`] makes the key of it when
    /// nothing follows for a while.
    pub(super) fn is_waiting(&self) -> bool {
        self.paste.is_none() && !self.is_skipping && matches!(self.held.as_slice(), [ESC] | [ESC, b'[' | b'O'])
    }

    /// Nothing more came: a lone Esc is one, `Esc [` was Alt-[.
    pub(super) fn flush(&mut self, events: &mut Vec<Event>) {
        use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
        match self.held.as_slice() {
            [ESC] => events.push(Event::Key(KeyEvent::from(KeyCode::Esc))),
            [ESC, letter @ (b'[' | b'O')] => {
                events.push(Event::Key(KeyEvent::new(KeyCode::Char(char::from(*letter)), KeyModifiers::ALT)));
            }
            _ => {}
        }
        self.held.clear();
    }

    fn push(&mut self, byte: u8, events: &mut Vec<Event>) {
        if let Some(paste) = &mut self.paste {
            paste.push(byte);
            if paste.ends_with(PASTED) {
                paste.truncate((paste.len() - PASTED.len()).min(LONGEST_PASTE));
                events.push(Event::Paste(plain(paste)));
                self.paste = None;
            } else if paste.len() > LONGEST_PASTE + PASTED.len() {
                // Only as much of the rest stays as may be the mark of its end.
                paste.remove(LONGEST_PASTE);
            }
            return;
        }
        if byte == ESC {
            // What came before is over, complete or not.
            self.flush(events);
            self.is_skipping = false;
        } else if self.is_skipping {
            self.is_skipping = !matches!(byte, 0x40..=0x7e);
            return;
        }
        self.held.push(byte);
        match self.held.as_slice() {
            [ESC] => return,
            // A terminal's answers to questions that nobody asked.
            [ESC, b'[', b'?' | b'>'] => {
                self.held.clear();
                self.is_skipping = true;
                return;
            }
            held if held == PASTE => {
                self.held.clear();
                self.paste = Some(Vec::new());
                return;
            }
            held if held.len() > LONGEST_KEY => {
                self.held.clear();
                self.is_skipping = !matches!(byte, 0x40..=0x7e);
                return;
            }
            _ => {}
        }
        match terminput::Event::parse_from(&self.held) {
            Ok(None) => {}
            Ok(Some(event)) => {
                self.held.clear();
                events.extend(to_crossterm(event).ok().filter(is_possible));
            }
            Err(_) => {
                let was_text = self.held.len() > 1 && self.held[0] != ESC;
                self.held.clear();
                // A character that was cut short takes none of the keys behind it along.
                if was_text && byte.is_ascii() {
                    self.push(byte, events);
                }
            }
        }
    }
}

fn is_possible(event: &Event) -> bool {
    match event {
        Event::Mouse(mouse) => mouse.column < FARTHEST && mouse.row < FARTHEST,
        // The size comes by a way of its own.
        Event::Resize(..) => false,
        _ => true,
    }
}

/// Pasted bytes as text: one kind of line end, and nothing that a terminal would obey.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};
    use proptest::prelude::*;

    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    /// The events of these packets, with the wait behind them.
    fn heard(packets: &[&[u8]]) -> Vec<Event> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        for packet in packets {
            decoder.feed(packet, &mut events);
        }
        if decoder.is_waiting() {
            decoder.flush(&mut events);
        }
        events
    }

    #[test]
    fn keys_are_the_same_however_they_are_cut() {
        let none = KeyModifiers::NONE;
        let cases: &[(&[u8], &[Event])] = &[
            (b"a", &[key(KeyCode::Char('a'), none)]),
            ("客é".as_bytes(), &[key(KeyCode::Char('客'), none), key(KeyCode::Char('é'), none)]),
            (b"\x1b[A\x1bOB", &[key(KeyCode::Up, none), key(KeyCode::Down, none)]),
            (b"\x1b", &[key(KeyCode::Esc, none)]),
            (b"\x1b\x1b[A", &[key(KeyCode::Esc, none), key(KeyCode::Up, none)]),
            (b"\x1bx", &[key(KeyCode::Char('x'), KeyModifiers::ALT)]),
            (b"\x1b[", &[key(KeyCode::Char('['), KeyModifiers::ALT)]),
            (b"\x13", &[key(KeyCode::Char('s'), KeyModifiers::CONTROL)]),
            (b"\x1b[?2026;2$yj", &[key(KeyCode::Char('j'), none)]),
            (b"\x1b[200~a\r\nb\rc\x1b[31md\xe5\xae\xa2\x1b[201~", &[Event::Paste("a\nb\nc[31md客".into())]),
        ];
        for (bytes, wanted) in cases {
            assert_eq!(heard(&[bytes]), *wanted, "{bytes:?}");
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(heard(&single), *wanted, "{bytes:?}, byte by byte");
        }
    }

    #[test]
    fn the_mouse_is_heard_far_to_the_right_and_never_outside() {
        let Some(Event::Mouse(mouse)) = heard(&[b"\x1b[<0;300;2M"]).pop() else { panic!("a press") };
        assert!(matches!(mouse.kind, MouseEventKind::Down(_)));
        assert_eq!((mouse.column, mouse.row), (299, 1));
        assert_eq!(heard(&[b"\x1b[<0;0;0M"]), []);
    }

    #[test]
    fn a_paste_is_bounded_and_its_end_is_found() {
        let mut bytes = PASTE.to_vec();
        bytes.extend(std::iter::repeat_n(b'x', LONGEST_PASTE + 5_000));
        bytes.extend(PASTED);
        bytes.push(b'j');
        let events = heard(&[&bytes]);
        let [Event::Paste(text), Event::Key(_)] = events.as_slice() else { panic!("a paste and a key") };
        assert_eq!(text.len(), LONGEST_PASTE);
    }

    #[test]
    fn an_endless_sequence_goes_by() {
        let mut bytes = b"\x1b[".to_vec();
        bytes.extend(std::iter::repeat_n(b'1', 10_000));
        bytes.extend(b"mj");
        assert_eq!(heard(&[&bytes]), [key(KeyCode::Char('j'), KeyModifiers::NONE)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Bytes with many escapes among them: nothing panics, and little is kept.
        #[test]
        fn whatever_comes_is_survived(bytes in proptest::collection::vec(
            prop_oneof![Just(ESC), Just(b'['), Just(b'<'), Just(b';'), Just(b'M'), Just(b'~'), b'0'..=b'9', any::<u8>()], 0..200,
        )) {
            let (mut decoder, mut events) = (Decoder::default(), Vec::new());
            decoder.feed(&bytes, &mut events);
            prop_assert!(decoder.held.len() <= LONGEST_KEY);
            prop_assert!(events.len() <= bytes.len() + 1);
        }

        /// Where packets end makes no difference to what is typed.
        #[test]
        fn packets_make_no_difference(text in "[a-z客 ]{0,20}", cut in 0usize..60) {
            let cut = cut.min(text.len());
            let (a, b) = text.as_bytes().split_at(cut);
            prop_assert_eq!(heard(&[a, b]), heard(&[text.as_bytes()]));
        }
    }
}
