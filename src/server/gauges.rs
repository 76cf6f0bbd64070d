//! What Prometheus may ask of a server, at a loopback address only: how many sit here, what goes out to them, how long a
//! key waits for its frame, and how the database keeps up. Numbers, never whose.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::net::TcpListener;

use super::house::House;

/// Bounds of the latency's buckets, in seconds: a frame of 60 a second is the fourth.
const WAITS: [f64; 9] = [0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.5, 2.0];
/// As the format's own documents name it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Seconds = Gauge<f64, std::sync::atomic::AtomicU64>;

/// The numbers of this process; seats and commands write them as they go.
pub(super) struct Gauges {
    registry: Registry,
    seats: Gauge,
    connections: Gauge,
    pub(super) frames: Counter,
    pub(super) bytes: Counter,
    pub(super) commands: Counter,
    wait: Histogram,
    transactions: Counter,
    database_connections: Gauge,
    feed_lag: Seconds,
    feed_silence: Seconds,
}

impl Gauges {
    pub(super) fn new() -> Self {
        let mut gauges = Self {
            registry: Registry::with_prefix("frontdesk"),
            seats: Gauge::default(),
            connections: Gauge::default(),
            frames: Counter::default(),
            bytes: Counter::default(),
            commands: Counter::default(),
            wait: Histogram::new(WAITS),
            transactions: Counter::default(),
            database_connections: Gauge::default(),
            feed_lag: Seconds::default(),
            feed_silence: Seconds::default(),
        };
        let all = &mut gauges.registry;
        all.register("seats", "People at a screen just now", gauges.seats.clone());
        all.register("connections", "Open SSH connections", gauges.connections.clone());
        all.register("frames", "Frames sent to seats", gauges.frames.clone());
        all.register_with_unit("sent", "What frames came to", Unit::Bytes, gauges.bytes.clone());
        all.register("commands", "Commands run over SSH", gauges.commands.clone());
        let help = "From a key's arrival to the next frame on its way";
        all.register_with_unit("key_to_frame", help, Unit::Seconds, gauges.wait.clone());
        all.register("transactions", "Transactions begun on the database", gauges.transactions.clone());
        let help = "Connections to the database, idle ones too";
        all.register("database_connections", help, gauges.database_connections.clone());
        let help = "From a notification to its changes read, the last time";
        all.register_with_unit("feed_lag", help, Unit::Seconds, gauges.feed_lag.clone());
        let help = "Since the feed last read the database; above a minute the line is down";
        all.register_with_unit("feed_silence", help, Unit::Seconds, gauges.feed_silence.clone());
        gauges
    }

    /// A frame went out; `waited`: the time since the key that it answers.
    pub(super) fn sent(&self, bytes: usize, waited: Option<Duration>) {
        self.frames.inc();
        self.bytes.inc_by(bytes as u64);
        if let Some(waited) = waited {
            self.wait.observe(waited.as_secs_f64());
        }
    }

    fn text(&self, house: &House) -> Result<String, std::fmt::Error> {
        let (connections, seats) = house.inside_now();
        self.connections.set(connections as i64);
        self.seats.set(seats as i64);
        let measures = house.desk.measures();
        self.transactions.inner().store(measures.transactions, Ordering::Relaxed);
        self.database_connections.set(measures.connections.into());
        self.feed_lag.set(measures.feed_lag.as_secs_f64());
        self.feed_silence.set(measures.feed_silence.as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Answers `GET /metrics` at that address until the task is dropped.
pub(super) async fn serve(at: SocketAddr, house: Arc<House>) -> Result<impl Future<Output = ()>> {
    let listener = TcpListener::bind(at).await.with_context(|| format!("cannot give metrics at {at}"))?;
    let answer = move || {
        let house = Arc::clone(&house);
        async move {
            match house.gauges.text(&house) {
                Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
    };
    let router = Router::new().route("/metrics", get(answer));
    Ok(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "no more metrics");
        }
    })
}
