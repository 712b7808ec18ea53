//! The built command, driven from outside as people and scripts drive it.

mod command_line;
mod demo;
mod exchange;
mod frames;
mod inspect;
mod vault;
mod world;
