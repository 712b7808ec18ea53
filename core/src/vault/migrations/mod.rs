//! How the file's schema came to be: one file a step, each from one version of the layout to the next. A new file takes
//! all of them, an older file those it has not had.

mod v2_cells;

use crate::error::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};

/// One step: the version it leads to, and its SQL.
pub struct Migration {
    pub version: i64,
    pub sql: fn() -> String,
}

/// All steps, oldest first. What was released is never changed: another step follows it.
const ALL: &[Migration] = &[v2_cells::STEP];

/// The oldest version of the layout that there are steps from.
pub const OLDEST: i64 = ALL[0].version;
/// The version of the layout that this build reads and writes.
pub const NEWEST: i64 = ALL[ALL.len() - 1].version;

/// Brings a file from `version` to the newest, whole or not at all.
pub fn run(db: &mut Connection, version: i64) -> Result<()> {
    run_steps(db, version, ALL)
}

fn run_steps(db: &mut Connection, version: i64, steps: &[Migration]) -> Result<()> {
    let txn = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::from_sqlite)?;
    for step in steps.iter().filter(|step| step.version > version) {
        txn.execute_batch(&(step.sql)()).map_err(Error::from_sqlite)?;
        txn.pragma_update(None, "user_version", step.version).map_err(Error::from_sqlite)?;
    }
    txn.commit().map_err(Error::from_sqlite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(db: &Connection) -> i64 {
        db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_file_takes_the_steps_it_has_not_had_and_all_or_none() {
        let next = || Migration { version: 3, sql: || "ALTER TABLE file ADD COLUMN note BLOB".to_owned() };
        let broken = Migration { version: 4, sql: || "CREATE TABLE more (x); SELECT nothing FROM nowhere".to_owned() };
        let mut db = Connection::open_in_memory().unwrap();
        run_steps(&mut db, 0, &[v2_cells::STEP]).unwrap();
        assert_eq!(version(&db), 2);

        assert!(run_steps(&mut db, 2, &[v2_cells::STEP, next(), broken]).is_err());
        assert_eq!(version(&db), 2);
        assert!(db.prepare("SELECT note FROM file").is_err() && db.prepare("SELECT x FROM more").is_err());

        run_steps(&mut db, 2, &[v2_cells::STEP, next()]).unwrap();
        assert_eq!(version(&db), 3);
        assert!(db.prepare("SELECT note FROM file").is_ok());
    }
}
