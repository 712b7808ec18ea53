//! later
pub fn hold_and_close(_: &[String]) {}
