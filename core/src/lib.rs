//! Amana core.
