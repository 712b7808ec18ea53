//! Amana's tests that span rooms: see the files beside this folder.
