//! Notices that go outside: to a command, or over HTTP to a service that passes them on. A command gets them on its
//! input and nothing in its arguments, through no shell; a service gets them signed.

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use futures_util::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use sha2::Sha256;
use tokio::io::AsyncWriteExt;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::post::post;
use crate::cli::notice_json;
use crate::config::{Notices, Way};
use crate::desk::{Desk, Outside};
use crate::domain::kind::Registry;

/// How long a command or a service may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The pause after the first failure, unless notices go sooner than that.
const PAUSE: Duration = Duration::from_secs(30);
/// People told at once.
const AT_ONCE: usize = 4;
/// Names the time and the signature: `t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`.
const SIGNATURE: &str = "frontdesk-signature";

/// Hands notices over until the service ends; what is on its way then is waited for.
pub(super) async fn run(desk: Desk, notices: Notices, stop: CancellationToken) {
    let pause = PAUSE.min(notices.after);
    let mut look = tokio::time::interval((notices.after / 2).clamp(Duration::from_millis(500), PAUSE));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => {}
        }
        let people = match desk.take_outside(notices.after).await {
            Ok(people) => people,
            Err(error) => {
                tracing::debug!(%error, "notices go outside later");
                continue;
            }
        };
        let tell = |outside: Outside| {
            let (desk, way) = (&desk, &notices.way);
            async move {
                let told = tell(way, &desk.registry(), &outside).await;
                if let Err(error) = &told {
                    // The address and the command are the operator's; what was said is not told here.
                    tracing::warn!(error = format!("{error:#}"), "a notice did not get outside; it is tried again");
                }
                if let Err(error) = desk.told_outside(&outside, told.is_ok(), pause).await {
                    tracing::warn!(%error, "it is not known whether a notice got outside");
                }
            }
        };
        futures_util::stream::iter(people).for_each_concurrent(AT_ONCE, tell).await;
    }
}

async fn tell(way: &Way, registry: &Registry, outside: &Outside) -> Result<()> {
    let notices: Vec<_> = outside.notices.iter().map(|notice| notice_json(notice, registry)).collect();
    let body = serde_json::json!({ "login": outside.login, "email": outside.email, "notices": notices });
    let body = serde_json::to_vec(&body)?;
    match way {
        Way::Hook(program) => run_hook(program, &body, LIMIT).await,
        Way::Webhook { url, secret } => {
            let headers = [
                ("content-type", "application/json".to_owned()),
                ("user-agent", concat!("frontdesk/", env!("CARGO_PKG_VERSION")).to_owned()),
                (SIGNATURE, sign(secret, Utc::now().timestamp(), &body)),
            ];
            let url = url.clone();
            let status = tokio::task::spawn_blocking(move || post(&url, &headers, &body, LIMIT)).await??;
            if !(200..300).contains(&status) {
                bail!("the service answers {status}");
            }
            Ok(())
        }
    }
}

fn sign(secret: &[u8], seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let mut signature = format!("t={seconds},v1=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(signature, "{byte:02x}");
    }
    signature
}

/// Runs the command with the body as its input. It has an environment of nothing but a path, and ends with all that it
/// started when it takes too long.
async fn run_hook(program: &Path, body: &[u8], limit: Duration) -> Result<()> {
    let mut command = tokio::process::Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).process_group(0);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir("/");
    let mut child = command.spawn().context("the hook cannot be started")?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    let mut input = child.stdin.take().expect("piped");
    let whole = async {
        // One that reads nothing may still do its work.
        input.write_all(body).await.ok();
        drop(input);
        child.wait().await
    };
    let ended = timeout(limit, whole).await;
    let Ok(ended) = ended else {
        if let Some(group) = group {
            killpg(group, Signal::SIGKILL).ok();
        }
        bail!("the hook took longer than {} seconds", limit.as_secs());
    };
    let status = ended?;
    if !status.success() {
        bail!("the hook failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_fails_or_takes_too_long_is_told_of_and_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = |name: &str, text: &str| {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("runs");
            path
        };
        let limit = Duration::from_secs(20);
        let body = vec![b'x'; 1 << 20];
        run_hook(&script("deaf", "exec <&-; true"), &body, limit)
            .await
            .expect("one that reads nothing has done its work");
        let failed = run_hook(&script("fails", "cat > /dev/null; exit 3"), &body, limit).await.expect_err("it failed");
        assert!(failed.to_string().contains('3'), "{failed}");
        run_hook(&folder.path().join("nowhere"), &body, limit).await.expect_err("there is none");
        let (slow, mark) = (Duration::from_millis(200), folder.path().join("mark"));
        let text = format!("(sleep 3; touch {}) & sleep 60", mark.display());
        run_hook(&script("hangs", &text), b"", slow).await.expect_err("it takes too long");
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(!mark.exists(), "what it started has ended with it");
    }

    #[test]
    fn a_signature_is_of_the_time_and_the_body() {
        // As by `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`.
        let signed = sign(b"secret", 1_700_000_000, b"{}");
        assert_eq!(signed, "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
    }
}
