//! Work off the caller's thread.
//!
//! A Rust future is first polled on the thread that calls, which on a phone is the one that draws. So every async
//! method hands its work to a thread of its own and waits. Cancelling drops the wait; the work itself is finished, so
//! that nothing is ever half written.

use crate::error::Result;
use amana_core::error::Error;
use futures_channel::oneshot;

/// Runs `work` on a thread of its own.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (done, wait) = oneshot::channel();
    let started = std::thread::Builder::new().name("amana".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = done.send(work());
    });
    started.map_err(|_| Error::Internal { reason: "thread" })?;
    // The sender is dropped without a word only where the work panicked.
    wait.await.unwrap_or_else(|_| Err(Error::Internal { reason: "panic" }.into()))
}
