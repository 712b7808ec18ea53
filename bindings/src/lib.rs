//! Amana for Kotlin and Swift: names and conversions, nothing that decides.
//!
//! UniFFI's macros make the border from what stands here; `cargo xtask bindgen` writes the Kotlin and Swift side of it.

mod backup;
mod error;
mod history;
mod host;
mod show;
#[cfg(feature = "software")]
mod software;
mod verifier;
mod wallet;
mod worker;

pub use error::{AmanaError, HostError, Problem};

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

uniffi::setup_scaffolding!("amana");

/// Every buffer is zeroed when it is freed. What crosses the border is copied into buffers of UniFFI's that nothing of
/// ours gets to see again, and a PIN or a claim may be in any of them.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// The version of this library (semantic versioning).
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
