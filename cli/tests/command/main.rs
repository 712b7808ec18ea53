//! The built command, driven from outside as people and scripts drive it.

mod command_line;
mod demo;
mod exchange;
mod formats;
mod frames;
mod inspect;
mod paper;
mod status;
mod vault;
mod world;
