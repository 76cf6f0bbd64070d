//! The seats of this process: the database is told of them, and each can be ended with a reason.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::desk::{Cx, Desk, Pass, SeatHere};
use crate::domain::field::Lang;

/// A key that has waited longer for a frame asked for none.
const UNANSWERED: Duration = Duration::from_secs(2);

/// One seat, from its beginning to its end.
pub(super) struct Seated {
    seat: String,
    person: i64,
    lang: Lang,
    /// What they came in with.
    pass: Pass,
    address: IpAddr,
    since: DateTime<Utc>,
    /// The last key, in seconds since 1970.
    touched: AtomicI64,
    /// A key that no frame has answered yet.
    unanswered: Mutex<Option<Instant>>,
    cancel: CancellationToken,
    why: OnceLock<String>,
}

impl Seated {
    pub(super) fn new(cx: &Cx, pass: Pass, address: IpAddr, cancel: CancellationToken) -> Self {
        let now = Utc::now();
        Self {
            seat: cx.seat.clone(),
            person: cx.viewer.me.id,
            lang: cx.viewer.lang,
            pass,
            address: address.to_canonical(),
            since: now,
            touched: now.timestamp().into(),
            unanswered: Mutex::default(),
            cancel,
            why: OnceLock::new(),
        }
    }

    /// A key was pressed.
    pub(super) fn touch(&self) {
        self.touched.store(Utc::now().timestamp(), Ordering::Relaxed);
        let mut unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        // Not every key has a frame: one that had none is not what a later one answers.
        if unanswered.is_none_or(|at| at.elapsed() > UNANSWERED) {
            *unanswered = Some(Instant::now());
        }
    }

    /// A frame went out; how long a key has waited for it.
    pub(super) fn answered(&self) -> Option<Duration> {
        let at = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(at.elapsed()).filter(|waited| *waited <= UNANSWERED)
    }

    /// Why somebody else ended it.
    pub(super) fn why(&self) -> Option<&str> {
        self.why.get().map(String::as_str)
    }

    /// Ends it; the first reason counts.
    pub(super) fn end(&self, en: String, zh: String) {
        self.why.get_or_init(|| if self.lang == Lang::Zh { zh } else { en });
        self.cancel.cancel();
    }

    fn here(&self) -> SeatHere {
        let touched_at = DateTime::from_timestamp(self.touched.load(Ordering::Relaxed), 0).unwrap_or(self.since);
        SeatHere {
            seat: self.seat.clone(),
            person: self.person,
            address: self.address.to_string(),
            since: self.since,
            touched_at,
        }
    }
}

/// All that sit here.
pub(super) struct Seats {
    desk: Desk,
    /// Host and process, as the list of seats names it.
    server: String,
    seated: Mutex<HashMap<String, Arc<Seated>>>,
}

impl Seats {
    pub(super) fn new(desk: Desk) -> Self {
        let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
        Self { desk, server: format!("{host}:{}", std::process::id()), seated: Mutex::default() }
    }

    fn seated(&self) -> MutexGuard<'_, HashMap<String, Arc<Seated>>> {
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> usize {
        self.seated().len()
    }

    fn all(&self) -> Vec<Arc<Seated>> {
        self.seated().values().cloned().collect()
    }

    /// Somebody sits down; the database hears of it before the first key is taken.
    pub(super) async fn sit(&self, seated: &Arc<Seated>) {
        self.seated().insert(seated.seat.clone(), Arc::clone(seated));
        self.tell(std::slice::from_ref(seated)).await;
    }

    /// They have left.
    pub(super) async fn leave(&self, seated: &Seated) {
        self.seated().remove(&seated.seat);
        if let Err(error) = self.desk.seat_left(&seated.seat).await {
            tracing::debug!(%error, "a seat stays listed for a minute");
        }
    }

    /// Says anew who sits here, which the database forgets in a minute.
    pub(super) async fn renew(&self) {
        self.tell(&self.all()).await;
    }

    async fn tell(&self, seats: &[Arc<Seated>]) {
        if seats.is_empty() {
            return;
        }
        let here: Vec<SeatHere> = seats.iter().map(|seated| seated.here()).collect();
        if let Err(error) = self.desk.seats_here(&self.server, &here).await {
            tracing::debug!(%error, "seats not told");
        }
    }

    /// Ends the seats that an admin has ended.
    pub(super) async fn end_kicked(&self) {
        let names: Vec<String> = self.seated().keys().cloned().collect();
        if names.is_empty() {
            return;
        }
        // A database that does not answer turns nobody out.
        for ended in self.desk.ended_seats(&names).await.unwrap_or_default() {
            if let Some(seated) = self.seated().get(&ended.seat) {
                let said =
                    |colon: &str| if ended.said.is_empty() { String::new() } else { format!("{colon}{}", ended.said) };
                let en = format!("{} has ended this seat{}; what was unsaved is kept as a draft", ended.by, said(": "));
                let zh = format!("{} 结束了此席位{}；未保存的内容已存为草稿", ended.by, said("："));
                tracing::info!(seat = ended.seat, "ended by an admin");
                seated.end(en, zh);
            }
        }
    }

    /// The service ends: its seats with it, and each is told.
    pub(super) fn end_all(&self) {
        for seated in self.all() {
            seated.end("the service restarts: come back in a moment".into(), "服务正在重启，请稍后再来".into());
        }
    }

    /// Ends the seats of what opens no more.
    pub(super) fn shut_out(&self, pass: &Pass) {
        for seated in self.all().iter().filter(|seated| seated.pass == *pass) {
            seated.end(
                "your key opens nothing here any more; ask an admin".into(),
                "您的密钥已失效，请联系管理员".into(),
            );
        }
    }
}
