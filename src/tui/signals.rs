//! What the system tells a process to do, as the end of a seat or of a service in order.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels the token when one of these signals comes.
pub fn end_on(signals: &[SignalKind], cancel: &CancellationToken) -> io::Result<()> {
    for kind in signals {
        let mut told = signal(*kind)?;
        let cancel = cancel.clone();
        tokio::spawn(async move {
            told.recv().await;
            cancel.cancel();
        });
    }
    Ok(())
}
