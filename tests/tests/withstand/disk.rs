//! later
pub fn fill_the_disk(_: &[String]) {}
pub fn write_nowhere(_: &[String]) {}
