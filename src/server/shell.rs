//! A seat at a channel: keys in, frames out, one way to the end.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::connection::Start;
use super::house::House;
use super::input::Decoder;
use super::seats::Seated;
use super::terminal::Pty;
use super::wire::Wire;
use crate::cli::Exit;
use crate::domain::change::Door;
use crate::tui::Options;
use crate::tui::port::{self, Frame, Port};

/// How long a lone Esc may be the beginning of something longer.
const ESCAPE: Duration = Duration::from_millis(50);
/// How long the last frame may take.
const LAST_FRAME: Duration = Duration::from_secs(2);

/// What comes from the client.
pub(super) enum Came {
    Bytes(Vec<u8>),
    Size(u16, u16),
}

/// Seats the person until they leave, hang up or are sent away. `open`: what to begin with.
pub(super) async fn run(start: Start, pty: Pty, open: Option<String>, came: mpsc::Receiver<Came>) {
    let Start { house, who, env, wire, cancel, connection, from } = start;
    let Some(_place) = house.place(&who.login) else {
        wire.say("you have as many seats open as you may; close one").await;
        return wire.end(Exit::Failure as u32).await;
    };
    let lang = env.lang(&house.settings);
    let here = env.zone().or(house.settings.zone);
    let mut cx = match house.desk.sit_by(&who.pass, Door::Tui, here.unwrap_or_default(), lang).await {
        Ok(cx) => cx,
        Err(error) => {
            wire.say(&error.to_string()).await;
            return wire.end(Exit::of(&error.into()) as u32).await;
        }
    };
    if let (None, Some(theirs)) = (env.zone(), cx.viewer.me.zone) {
        cx.viewer.zone = theirs;
    }
    cx.from = Some(from);
    let person = cx.viewer.me.id;
    tracing::info!(connection, person, "a seat begins");
    let seated = Arc::new(Seated::new(&cx, who.pass, from, cancel.clone()));
    house.seats.sit(&seated).await;
    let (port, events, frames) = Port::remote(pty.width, pty.height);
    let options = Options { hub: house.hub.clone(), ..env.options(&pty, open, &house.settings) };
    let idle = Some(house.args.idle).filter(|idle| !idle.is_zero());
    let reading = tokio::spawn(read(came, events, Arc::clone(&seated), idle));
    let writer = write(frames, wire.clone(), cancel.clone(), Arc::clone(&house), Arc::clone(&seated));
    let mut writing = tokio::spawn(writer);
    let ended = crate::tui::run_at(house.desk.clone(), cx, port, &options, cancel).await;
    reading.abort();
    // The seat is gone and its frames with it: the writer comes to the end by itself, unless nobody reads.
    if tokio::time::timeout(LAST_FRAME, &mut writing).await.is_err() {
        writing.abort();
    }
    tokio::time::timeout(LAST_FRAME, wire.out(port::LEAVE.to_vec())).await.ok();
    tracing::info!(connection, person, is_fine = ended.is_ok(), "a seat ends");
    house.seats.leave(&seated).await;
    let status = match (&ended, seated.why()) {
        (Ok(()), None) => Exit::Done,
        (Ok(()), Some(why)) => {
            wire.say(why).await;
            Exit::Failure
        }
        (Err(error), _) => {
            wire.say(&format!("{error:#}")).await;
            Exit::Failure
        }
    };
    wire.end(status as u32).await;
}

/// Frames to the client, one after the other; the seat draws the next when one is taken. Who takes none ends.
async fn write(
    mut frames: mpsc::Receiver<Frame>,
    wire: Wire,
    cancel: CancellationToken,
    house: Arc<House>,
    seated: Arc<Seated>,
) {
    if !wire.out(port::ENTER.to_vec()).await {
        return cancel.cancel();
    }
    while let Some(mut frame) = frames.recv().await {
        let bytes = std::mem::take(&mut frame.bytes);
        let len = bytes.len();
        if !wire.out(bytes).await {
            return cancel.cancel();
        }
        house.gauges.sent(len, seated.answered());
    }
}

/// Bytes to events, until the client hangs up or touches no key for too long.
async fn read(
    mut came: mpsc::Receiver<Came>,
    events: mpsc::Sender<Event>,
    seated: Arc<Seated>,
    idle: Option<Duration>,
) {
    let mut decoder = Decoder::default();
    let never = Duration::from_hours(24 * 365);
    loop {
        let wait = if decoder.is_waiting() { ESCAPE } else { idle.unwrap_or(never) };
        let mut heard = Vec::new();
        match tokio::time::timeout(wait, came.recv()).await {
            Ok(Some(Came::Bytes(bytes))) => {
                decoder.feed(&bytes, &mut heard);
                // That the window came to the front is no key.
                let is_focus = |event: &Event| matches!(event, Event::FocusGained | Event::FocusLost);
                if heard.is_empty() || !heard.iter().all(is_focus) {
                    seated.touch();
                }
                heard = port::gather(heard);
            }
            Ok(Some(Came::Size(width, height))) => heard.push(Event::Resize(width, height)),
            Ok(None) => return,
            Err(_) if decoder.is_waiting() => decoder.flush(&mut heard),
            Err(_) => {
                tracing::info!("a seat was idle for too long");
                return seated.end(
                    "no key for too long: come back to the same place when you like".into(),
                    "长时间没有按键，席位已结束；再次登录会回到同一位置".into(),
                );
            }
        }
        for event in heard {
            if events.send(event).await.is_err() {
                return;
            }
        }
    }
}
