//! Layout 2: one row about the file, and two tables for each class of cells.

use super::super::layout::{APPLICATION_ID, CLASSES};
use super::Migration;

/// From an empty file. There is no step from layout 1, the first form: it was never released and is refused.
pub const STEP: Migration = Migration { version: 2, sql };

fn sql() -> String {
    let mut sql = format!(
        "PRAGMA application_id = {APPLICATION_ID};
         CREATE TABLE file (
             id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL, memory_kib INTEGER NOT NULL,
             passes INTEGER NOT NULL, lanes INTEGER NOT NULL, header BLOB NOT NULL
         ) STRICT;"
    );
    for class in 0..CLASSES {
        sql += &format!(
            "CREATE TABLE tags_{class} (place INTEGER PRIMARY KEY, nonce BLOB NOT NULL, tag BLOB NOT NULL,
                 name BLOB NOT NULL) STRICT;
             CREATE TABLE cells_{class} (place INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
        );
    }
    sql
}
