//! The way back to a client: its output, its errors, and the end of a channel.

use std::time::Duration;

use russh::ChannelId;
use russh::server::Handle;

/// How long a client may take nothing before it counts as gone.
pub(super) const STALL: Duration = Duration::from_mins(1);
/// How long the last words may take.
const END: Duration = Duration::from_secs(3);
/// The channel's number for standard error.
const STDERR: u32 = 1;

/// One channel's way back.
#[derive(Clone)]
pub(super) struct Wire {
    handle: Handle,
    channel: ChannelId,
}

impl Wire {
    pub(super) fn new(handle: Handle, channel: ChannelId) -> Self {
        Self { handle, channel }
    }

    /// Sends output, as fast as the client takes it. False when it is gone, or has taken nothing for too long.
    pub(super) async fn out(&self, bytes: Vec<u8>) -> bool {
        let sent = tokio::time::timeout(STALL, self.handle.data(self.channel, bytes)).await;
        matches!(sent, Ok(Ok(())))
    }

    /// The same for standard error.
    pub(super) async fn err(&self, bytes: Vec<u8>) -> bool {
        let sent = tokio::time::timeout(STALL, self.handle.extended_data(self.channel, STDERR, bytes)).await;
        matches!(sent, Ok(Ok(())))
    }

    /// A sentence of the program's own on standard error.
    pub(super) async fn say(&self, sentence: &str) {
        let mut text = String::from("frontdesk: ");
        text.push_str(&crate::domain::inert::inert(sentence));
        text.push_str("\r\n");
        tokio::time::timeout(END, self.err(text.into_bytes())).await.ok();
    }

    /// Exit status, end of output, close: whatever went before.
    pub(super) async fn end(self, status: u32) {
        let all = async {
            self.handle.exit_status_request(self.channel, status).await.ok();
            self.handle.eof(self.channel).await.ok();
            self.handle.close(self.channel).await.ok();
        };
        tokio::time::timeout(END, all).await.ok();
    }
}
