//! Amana for Kotlin and Swift.
uniffi::setup_scaffolding!();

/// The version of this library (semantic versioning).
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
