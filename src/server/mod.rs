//! The team's door over SSH: each channel is a seat that runs the same `tui` as the local program, or a command of the
//! same `cli`, with the rights of whoever's key it is. Passwords, forwarding and subsystems there are none; an invitation's
//! code makes a newcomer's key known.
//!
//! Here: the listener, from its start to its end in order. `house` is what all connections share, with its limits;
//! `connection` translates the protocol and waits for nothing, `entrance` says who comes in, `trust` by which
//! certificates; `shell` is a seat at a
//! channel, `input` its keys, `seats` all seats; `exec` is a command, `words` its command line; `wire` is the way back;
//! `gauges` is for Prometheus; `outside`, by `post`, tells of notices that find nobody at a seat. The protocol itself is russh's.

mod connection;
mod entrance;
mod exec;
mod gauges;
mod house;
mod input;
mod outside;
mod post;
mod seats;
mod shell;
mod terminal;
mod trust;
mod wire;
mod words;

use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use russh::server::{Config, run_stream};
use russh::{Disconnect, MethodKind};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::SignalKind;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Connection;
use self::entrance::Step;
use self::house::House;
use self::trust::Trust;
use crate::cli::{App, ServeArgs, host_key};
use crate::tui::signals;

/// Connections to the database, for all seats together.
const DATABASE_CONNECTIONS: u32 = 16;
/// How long the end waits for seats to save what is unsaved.
const LAST_WORDS: Duration = Duration::from_secs(8);
/// How long somebody who is asked for a code has to come in, from then on.
const CODE: Duration = Duration::from_mins(3);
/// How long it waits for connections after that.
const LAST_ONE: Duration = Duration::from_secs(10);

/// Lets people in until the process is told to end.
pub async fn run(app: &App, args: ServeArgs) -> Result<()> {
    let (stop, cancel) = (CancellationToken::new(), CancellationToken::new());
    let ends = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    signals::end_on(&ends, &stop)?;
    // A seat's panic is told in the log, without its words, which may quote a record.
    std::panic::set_hook(Box::new(|info| {
        tracing::error!(at = info.location().map(tracing::field::display), "panic");
    }));
    let notices = app.settings.notices.read()?;
    let serving = &app.settings.serving;
    let authorities = [&serving.user_ca[..], &args.user_ca].concat();
    let revoked = args.revoked_keys.as_deref().or(serving.revoked_keys.as_deref());
    let trust = Trust::read(&authorities, revoked)?;
    let (desk, entered) = app.open_for_all(DATABASE_CONNECTIONS).await?;
    let key = host_key::of(&app.settings.data_dir)?;
    let fingerprint = key.fingerprint(russh::keys::HashAlg::Sha256);
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen at {}", args.listen))?;
    let at = listener.local_addr()?;
    tracing::info!(%at, "serving");
    app.say(&format!("frontdesk listens at {at}; its host key is {fingerprint}"))?;
    let outside = notices.map(|notices| tokio::spawn(outside::run(desk.clone(), notices, stop.clone())));
    let house = Arc::new(House::new(desk, entered.database.clone(), app.settings.clone(), args, trust));
    let config = Arc::new(config(key));
    let watch = tokio::spawn(Arc::clone(&house).watch());
    let metrics = match house.args.metrics {
        Some(at) => Some(tokio::spawn(gauges::serve(at, Arc::clone(&house)).await?)),
        None => None,
    };
    let guests = TaskTracker::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            came = listener.accept() => match came {
                Ok((stream, peer)) => admit(&house, &config, &guests, &cancel, stream, peer),
                Err(error) => {
                    // Out of file handles, most likely: those who are here go on, and leave some.
                    tracing::warn!(%error, "nobody can be let in");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
    drop(listener);
    house.seats.end_all();
    cancel.cancel();
    guests.close();
    if tokio::time::timeout(LAST_ONE, guests.wait()).await.is_err() {
        tracing::warn!(left = guests.len(), "connections cut at the end");
    }
    if let Some(hub) = &house.hub {
        // Who saw whose screen until when.
        tokio::time::timeout(LAST_WORDS, hub.settled()).await.ok();
    }
    if let Some(outside) = outside {
        // What is on its way is heard to its end, if that comes soon.
        tokio::time::timeout(LAST_WORDS, outside).await.ok();
    }
    watch.abort();
    metrics.inspect(tokio::task::JoinHandle::abort);
    // The private server was held up to here.
    drop(entered);
    tracing::info!("served");
    Ok(())
}

fn config(key: russh::keys::PrivateKey) -> Config {
    Config {
        server_id: russh::SshId::Standard("SSH-2.0-frontdesk".into()),
        methods: (&[MethodKind::PublicKey, MethodKind::KeyboardInteractive][..]).into(),
        // Whatever the reason, a refusal takes as long.
        auth_rejection_time: Duration::from_millis(500),
        auth_rejection_time_initial: Some(Duration::ZERO),
        // As many keys as a client may have, and a few codes.
        max_auth_attempts: 10,
        keepalive_interval: Some(Duration::from_secs(30)),
        keepalive_max: 3,
        // Anything sent or received counts; idle people are the shell's.
        inactivity_timeout: Some(Duration::from_mins(3)),
        // Frames wait with their seats, not here.
        event_buffer_size: 2,
        channel_buffer_size: 8,
        nodelay: true,
        keys: vec![key],
        ..Config::default()
    }
}

/// Takes a connection in, or shuts it when there is no room.
fn admit(
    house: &Arc<House>,
    config: &Arc<Config>,
    guests: &TaskTracker,
    cancel: &CancellationToken,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let Some(room) = house.room(peer.ip()) else {
        tracing::info!("turned away: no room, or too many failures from there");
        return;
    };
    let (house, config, cancel) = (Arc::clone(house), Arc::clone(config), cancel.child_token());
    guests.spawn(async move {
        if let Err(error) = serve(&house, config, &cancel, stream, room).await {
            tracing::debug!(%error, "a connection ended");
        }
    });
}

/// One connection, from its first byte to its last.
async fn serve(
    house: &Arc<House>,
    config: Arc<Config>,
    cancel: &CancellationToken,
    stream: TcpStream,
    mut room: house::Room,
) -> Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    // A peer that reads nothing can hold a write for as long as it likes: this ends the connection under it.
    let plug = stream.try_clone()?;
    let stream = TcpStream::from_std(stream)?;
    let seats = TaskTracker::new();
    let connection = Connection::new(Arc::clone(house), room.id(), room.from(), cancel.clone(), seats.clone());
    let mut step = connection.step();
    let grace = tokio::time::sleep(Duration::from_secs(house.args.grace.into()));
    tokio::pin!(grace);
    let ended = tokio::select! {
        running = run_stream(config, stream, connection) => running,
        () = &mut grace => {
            plug.shutdown(Shutdown::Both).ok();
            return Ok(());
        }
        () = cancel.cancelled() => return Ok(()),
    };
    let mut running = ended?;
    let handle = running.handle();
    let mut is_in = false;
    let result = loop {
        tokio::select! {
            biased;
            result = &mut running => break result,
            Ok(()) = step.changed(), if !is_in => match *step.borrow_and_update() {
                Step::Inside => {
                    is_in = true;
                    room.entered();
                }
                Step::Asked if room.may_wait() => grace.as_mut().reset(tokio::time::Instant::now() + CODE),
                Step::Asked | Step::Outside => {}
            },
            () = &mut grace, if !is_in => {
                tracing::info!(connection = room.id(), "showed no key in time");
                break Ok(());
            }
            () = cancel.cancelled() => {
                // The seats have been told by the same token.
                seats.close();
                tokio::time::timeout(LAST_WORDS, seats.wait()).await.ok();
                // A client whose last channel is closed leaves by itself; told to go, it would forget what it still has
                // to write.
                if tokio::time::timeout(Duration::from_secs(1), &mut running).await.is_ok() {
                    break Ok(());
                }
                let bye = handle.disconnect(Disconnect::ByApplication, "the service ends here".into(), String::new());
                tokio::time::timeout(Duration::from_secs(1), bye).await.ok();
                tokio::time::timeout(Duration::from_secs(1), &mut running).await.ok();
                break Ok(());
            }
        }
    };
    plug.shutdown(Shutdown::Both).ok();
    seats.close();
    tokio::time::timeout(LAST_WORDS, seats.wait()).await.ok();
    Ok(result?)
}
