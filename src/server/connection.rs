//! One connection: who it is, and what its channels are asked for. Callbacks run in the protocol's own loop, so they
//! translate and hand over; what takes time is a task's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use russh::keys::Certificate;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::entrance::{Entrance, Step};
use super::exec;
use super::house::House;
use super::shell::{self, Came};
use super::terminal::{Env, Pty, cells};
use super::wire::{STALL, Wire};
use crate::cli::Exit;
use crate::desk::Pass;

/// Channels of a connection at once.
const CHANNELS: usize = 10;
/// Packets of keys that wait for a seat; one that falls behind further ends.
const KEYS: usize = 512;
/// Packets of input, of at most 32 KiB, that wait for a command.
const INPUT: usize = 16;

/// Who has come in.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) login: String,
    pub(super) pass: Pass,
    pub(super) may_have_terminal: bool,
}

/// What a seat or a command starts with.
pub(super) struct Start {
    pub(super) house: Arc<House>,
    pub(super) who: Who,
    pub(super) env: Env,
    pub(super) wire: Wire,
    pub(super) cancel: CancellationToken,
    /// Its number in the log.
    pub(super) connection: u64,
    pub(super) from: IpAddr,
}

/// A channel: opened, told of environment and terminal, then running until it is closed.
struct Open {
    env: Env,
    pty: Option<Pty>,
    running: Option<Running>,
    cancel: CancellationToken,
}

enum Running {
    Seat(mpsc::Sender<Came>),
    /// A command that may read.
    Command(mpsc::Sender<exec::Input>),
    /// It has said what it had to, or reads nothing.
    Deaf,
}

/// Russh's handler.
pub(super) struct Connection {
    house: Arc<House>,
    id: u64,
    from: IpAddr,
    entrance: Entrance,
    who: Option<Who>,
    step: watch::Sender<Step>,
    channels: HashMap<ChannelId, Open>,
    cancel: CancellationToken,
    seats: TaskTracker,
}

impl Connection {
    pub(super) fn new(house: Arc<House>, id: u64, from: IpAddr, cancel: CancellationToken, seats: TaskTracker) -> Self {
        let entrance = Entrance::new(Arc::clone(&house), from);
        let (step, channels) = (watch::Sender::new(Step::Outside), HashMap::new());
        Self { house, id, from, entrance, who: None, step, channels, cancel, seats }
    }

    /// Changes when somebody comes in, or is asked for a code on the way.
    pub(super) fn step(&self) -> watch::Receiver<Step> {
        self.step.subscribe()
    }

    /// Lets somebody in, or says why not.
    async fn admit(&mut self, shown: Result<Who, Auth>) -> Auth {
        let who = match shown {
            Ok(who) => who,
            Err(auth) => {
                tracing::info!(connection = self.id, "not let in yet");
                return auth;
            }
        };
        self.house.came(self.id, &who.pass, &self.cancel);
        tracing::info!(connection = self.id, key = who.pass.key(), "came in");
        if let Err(error) = self.house.desk.came_in(&who.login, &who.pass, self.from).await {
            tracing::warn!(connection = self.id, %error, "who came in is not written down");
        }
        self.who = Some(who);
        self.step.send_replace(Step::Inside);
        Auth::Accept
    }

    /// What is started at a channel that nothing runs at yet.
    fn begin(&mut self, channel: ChannelId, session: &Session) -> Option<(Start, Option<Pty>)> {
        let who = self.who.clone()?;
        let open = self.channels.get_mut(&channel).filter(|open| open.running.is_none())?;
        open.running = Some(Running::Deaf);
        let start = Start {
            house: Arc::clone(&self.house),
            who,
            env: open.env.clone(),
            wire: Wire::new(session.handle(), channel),
            cancel: open.cancel.clone(),
            connection: self.id,
            from: self.from,
        };
        Some((start, open.pty.clone()))
    }

    fn seat(&mut self, channel: ChannelId, start: Start, pty: Pty, place: Option<String>) {
        let (tx, rx) = mpsc::channel(KEYS);
        if let Some(open) = self.channels.get_mut(&channel) {
            open.running = Some(Running::Seat(tx));
        }
        self.seats.spawn(shell::run(start, pty, place, rx));
    }
}

impl Drop for Connection {
    /// Hung up, whichever way.
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, _user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        Ok(self.entrance.offered(offer.public_key, offer.algorithm).await)
    }

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let shown = self.entrance.signed(key.public_key, key.algorithm).await;
        Ok(self.admit(shown).await)
    }

    async fn auth_openssh_certificate(&mut self, user: &str, certificate: &Certificate) -> Result<Auth, Self::Error> {
        let shown = self.entrance.certified(user, certificate).await;
        Ok(self.admit(shown).await)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            self.step.send_replace(Step::Asked);
            return Ok(self.entrance.ask().await);
        };
        let answer = response.next().unwrap_or_default();
        let shown = self.entrance.answered(&answer).await;
        Ok(self.admit(shown).await)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.channels.len() < CHANNELS && self.who.is_some() {
            let open = Open { env: Env::default(), pty: None, running: None, cancel: self.cancel.child_token() };
            self.channels.insert(channel.id(), open);
            reply.accept().await;
        }
        Ok(())
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let open = self.channels.get_mut(&channel).filter(|open| open.running.is_none());
        if open.is_some_and(|open| open.env.take(name, value)) {
            session.channel_success(channel)
        } else {
            session.channel_failure(channel)
        }
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        width: u32,
        height: u32,
        _pixel_width: u32,
        _pixel_height: u32,
        _modes: &[(russh::Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match self.channels.get_mut(&channel) {
            Some(open) if open.running.is_none() && self.who.as_ref().is_some_and(|who| who.may_have_terminal) => {
                open.pty = Some(Pty::new(term, width, height));
                session.channel_success(channel)
            }
            _ => session.channel_failure(channel),
        }
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        width: u32,
        height: u32,
        _pixel_width: u32,
        _pixel_height: u32,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(open) = self.channels.get_mut(&channel) else { return Ok(()) };
        if let Some(pty) = &mut open.pty {
            (pty.width, pty.height) = (cells(width), cells(height));
        }
        if let Some(Running::Seat(seat)) = &open.running
            && let Err(mpsc::error::TrySendError::Full(_)) = seat.try_send(Came::Size(cells(width), cells(height)))
        {
            open.cancel.cancel();
        }
        Ok(())
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        let Some((start, pty)) = self.begin(channel, session) else { return session.channel_failure(channel) };
        session.channel_success(channel)?;
        match pty {
            Some(pty) => self.seat(channel, start, pty, None),
            None => {
                self.seats.spawn(async move {
                    start.wire.say("a seat needs a terminal: ssh -t …, or say what to do: ssh … ticket list").await;
                    start.wire.end(Exit::Usage as u32).await;
                });
            }
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some((start, pty)) = self.begin(channel, session) else { return session.channel_failure(channel) };
        session.channel_success(channel)?;
        // What is no text is no command either, and is told so.
        let line = String::from_utf8_lossy(data).into_owned();
        match pty {
            // What opens a seat, at some place, and runs no command.
            Some(pty) if crate::cli::is_place(line.trim()) => {
                self.seat(channel, start, pty, Some(line.trim().to_owned()));
            }
            pty => {
                let (tx, rx) = mpsc::channel(INPUT);
                if let Some(open) = self.channels.get_mut(&channel) {
                    open.running = Some(Running::Command(tx));
                }
                self.seats.spawn(exec::run(start, line, pty, rx));
            }
        }
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)?;
        session.close(channel)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _session: &mut Session) -> Result<(), Self::Error> {
        let Some(open) = self.channels.get_mut(&channel) else { return Ok(()) };
        // Ctrl-c, which a raw terminal leaves to the other end.
        if open.pty.is_some() && data.contains(&3) && matches!(open.running, Some(Running::Command(_))) {
            open.cancel.cancel();
            open.running = Some(Running::Deaf);
        }
        match &open.running {
            Some(Running::Seat(seat)) => {
                if let Err(mpsc::error::TrySendError::Full(_)) = seat.try_send(Came::Bytes(data.to_vec())) {
                    tracing::warn!(connection = self.id, "more keys than a seat can take");
                    open.cancel.cancel();
                }
            }
            Some(Running::Command(command)) => {
                // Here the connection waits, and with it the client: a command that reads does so soon, and one that
                // does not has dropped its end.
                let sent = command.send_timeout(exec::Input::Bytes(data.to_vec()), STALL).await;
                if let Err(mpsc::error::SendTimeoutError::Timeout(_)) = sent {
                    open.cancel.cancel();
                }
            }
            Some(Running::Deaf) | None => {}
        }
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        // No key will come any more.
        if let Some(open) = self.channels.get_mut(&channel)
            && let Some(running) = &open.running
        {
            if let Running::Command(command) = running {
                command.send_timeout(exec::Input::End, STALL).await.ok();
            }
            open.running = Some(Running::Deaf);
        }
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        if let Some(open) = self.channels.remove(&channel) {
            open.cancel.cancel();
        }
        Ok(())
    }
}
