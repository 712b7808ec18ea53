//! The file under the vault: opening it, its rows, and SQLite's errors as ours.

use super::layout::{APPLICATION_ID, CLASS_LEN, Cell, DOORS, FileRow, NAME_LEN, NONCE_LEN, Place};
use super::lock::Lock;
use super::migrations;
use crate::crypto::aead::TAG_LEN;
use crate::crypto::kdf::Argon2Cost;
use crate::error::{Error, Result};
use crate::ports::Entropy;
use rusqlite::config::DbConfig;
use rusqlite::{
    CachedStatement, Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension as _, Transaction,
    TransactionBehavior, params,
};
use std::fmt::Write as _;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An open file. Dropping it folds the write-ahead log into it.
pub struct File(Connection);

impl File {
    /// Opens a vault to read and write.
    ///
    /// # Errors
    /// `not-found` (`vault`), `not-a-vault`, `too-new`, `storage`, `in-use`.
    pub fn open(path: &Path) -> Result<Self> {
        refuse_missing(path)?;
        // Asked before anything is set: another program's database is left as it was found.
        let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if is_read_only(&db)? {
            return Err(Error::Storage { reason: "read-only" });
        }
        let version = refuse_foreign(&db)?;
        let mut file = configure(db)?;
        if version < migrations::NEWEST {
            let _lock = Lock::exclusive(path)?;
            let version = refuse_foreign(&file)?;
            migrations::run(&mut file.0, version)?;
        }
        Ok(file)
    }

    /// Opens a vault that cannot be written: a full disk, a read-only file or folder.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_read_only(path: &Path) -> Result<Self> {
        refuse_missing(path)?;
        let looked = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|db| {
            // It would make side files that are as read-only as the file, and in the way once the file can be written.
            if is_read_only(&db)? && has_no_log(path) {
                return Err(Error::Storage { reason: "read-only" });
            }
            let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            refuse_foreign(&db).map(|_| db)
        });
        let db = match looked {
            // SQLite has nowhere to put its side files. With no log there is nothing in them.
            Err(Error::Storage { .. } | Error::InUse) if has_no_log(path) => {
                connect(&immutable_uri(path), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?
            }
            other => other?,
        };
        refuse_foreign(&db)?;
        db.execute_batch(GUARDED).map_err(Error::from_sqlite)?;
        Ok(Self(db))
    }

    /// Opens a vault to look at it, whether or not it can be written.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_either(path: &Path) -> Result<Self> {
        match Self::open(path) {
            Err(Error::Storage { .. }) => Self::open_read_only(path),
            opened => opened,
        }
    }

    /// Makes the schema in an empty file that this program has just claimed.
    pub fn make(path: &Path) -> Result<Self> {
        let mut file = configure(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?)?;
        migrations::run(&mut file.0, 0)?;
        Ok(file)
    }

    /// Folds the write-ahead log into the file.
    pub fn fold(&self) -> Result<()> {
        match self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)) {
            Ok(_) => Ok(()),
            // Another process reads: it will fold the log when it closes.
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
            Err(e) => Err(Error::from_sqlite(e)),
        }
    }

    /// A transaction that will write.
    pub fn begin(&self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.0, TransactionBehavior::Immediate).map_err(Error::from_sqlite)
    }

    /// One view of the file: another process may write between two looks.
    pub fn view(&self) -> Result<Transaction<'_>> {
        self.0.unchecked_transaction().map_err(Error::from_sqlite)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // A log that cannot be folded now is folded at the next opening.
        let _ = self.fold();
    }
}

impl Deref for File {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

fn has_no_log(path: &Path) -> bool {
    fs::metadata(with_suffix(path, "-wal")).map_or(0, |log| log.len()) == 0
}

fn refuse_missing(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound { what: "vault" }),
        Err(e) => Err(Error::from_io(&e)),
        Ok(found) if !found.is_file() => Err(Error::NotAVault { reason: "not-a-file" }),
        Ok(_) => Ok(()),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(Error::from_sqlite)?;
    db.busy_timeout(Duration::from_secs(2)).map_err(Error::from_sqlite)?;
    db.set_prepared_statement_cache_capacity(64);
    // A doctored schema could put an endless view in a table's place, or have a trigger write along.
    let refused = [DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER];
    refused.into_iter().try_for_each(|what| db.set_db_config(what, false).map(drop)).map_err(Error::from_sqlite)?;
    // Else a statement is planned anew for each value that is bound to it, which takes longer than running it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(Error::from_sqlite)?;
    Ok(db)
}

/// Whether SQLite could open the file to read only, which it does without a word. Reads and makes nothing.
fn is_read_only(db: &Connection) -> Result<bool> {
    db.is_readonly(MAIN_DB).map_err(Error::from_sqlite)
}

/// mmap off: pages of the file are not left in the process image. trusted_schema off: a doctored schema runs no
/// functions. cache_size: 8 MiB at most, so that the upper pages of 100,000 records' trees stay.
const GUARDED: &str =
    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF;
                       PRAGMA cell_size_check = ON;";

fn configure(db: Connection) -> Result<File> {
    // secure_delete: freed pages are wiped. FULL: what is acknowledged is on disk.
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")
        .and_then(|()| db.execute_batch(GUARDED))
        .map_err(Error::from_sqlite)?;
    Ok(File(db))
}

/// The file's version, if it is a vault that this build can read or bring up to date.
fn refuse_foreign(db: &Connection) -> Result<i64> {
    let pragma = |name: &str| {
        db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).map_err(Error::from_sqlite)
    };
    if pragma("application_id")? != i64::from(APPLICATION_ID) {
        return Err(Error::NotAVault { reason: "application-id" });
    }
    match pragma("user_version")? {
        version @ migrations::OLDEST..=migrations::NEWEST => Ok(version),
        later if later > migrations::NEWEST => Err(Error::TooNew),
        1 => Err(Error::NotAVault { reason: "first-form" }),
        _ => Err(Error::NotAVault { reason: "version" }),
    }
}

/// SQLite's name for a file that nobody writes to. See its documentation of URI filenames.
fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            // Writing to a string does not fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}

/// Makes an empty file that only its owner can read, or fails if there is one.
pub fn claim(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|e| Error::from_io(&e))
}

/// Moves a finished file to its place.
pub fn move_new(from: &Path, to: &Path) -> Result<()> {
    // A second name fails where the place is taken, also if it was taken just now. Some file systems have none.
    match fs::hard_link(from, to) {
        Ok(()) => remove(from),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Err(Error::AlreadyExists),
        Err(_) if to.exists() => return Err(Error::AlreadyExists),
        Err(_) => fs::rename(from, to).map_err(|e| Error::from_io(&e))?,
    }
    // The name is on disk when the folder is.
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| Error::from_io(&e))
}

/// Removes what an earlier vault of this name has left behind, whose own file is gone: SQLite would replay its log onto the
/// new one.
pub fn remove_sides(path: &Path) -> Result<()> {
    if path.exists() {
        return Err(Error::AlreadyExists);
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::from_io(&e)),
            _ => {}
        }
    }
    Ok(())
}

pub fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        // Nothing to do where it is not there.
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub fn insert_file_row(db: &Connection, file: &FileRow, header: &[u8]) -> Result<()> {
    let cost = file.cost;
    db.execute(
        "INSERT INTO file VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![file.salt, cost.memory_kib, cost.passes, cost.lanes, header],
    )
    .map(drop)
    .map_err(Error::from_sqlite)
}

pub fn update_header(db: &Connection, header: &[u8]) -> Result<()> {
    prepare(db, "UPDATE file SET header = ?1 WHERE id = 1")?.execute([header]).map(drop).map_err(Error::from_sqlite)
}

/// What stands in clear, and the sealed header.
pub fn read_file_row(db: &Connection) -> Result<(FileRow, Vec<u8>)> {
    let row = db
        .query_row("SELECT salt, memory_kib, passes, lanes, header FROM file WHERE id = 1", [], |row| {
            let cost = Argon2Cost { memory_kib: row.get(1)?, passes: row.get(2)?, lanes: row.get(3)? };
            Ok((row.get::<_, Vec<u8>>(0)?, cost, row.get::<_, Vec<u8>>(4)?))
        })
        .map_err(Error::from_sqlite)?;
    let (salt, cost, header) = row;
    let wrong = Error::NotAVault { reason: "file-row" };
    let salt = salt.try_into().map_err(|_| wrong.clone())?;
    if cost.is_allowed() { Ok((FileRow { salt, cost }, header)) } else { Err(wrong) }
}

/// Whether the header is still the one that was read.
pub fn header_is(db: &Connection, header: &[u8]) -> Result<bool> {
    let mut statement = prepare(db, "SELECT header FROM file WHERE id = 1")?;
    let found = statement.query_row([], |row| Ok(row.get_ref(0)?.as_blob() == Ok(header)));
    found.optional().map_err(Error::from_sqlite).map(|same| same.unwrap_or(false))
}

const CELL_WRONG: Error = Error::NotAVault { reason: "cell" };
/// What stands in a cell was altered, moved or swapped.
pub const CELL_SEALED: Error = Error::NotAVault { reason: "cell-sealed" };

/// The narrow part of a slot's first `count` cells of a class, in order.
pub fn read_tags(
    db: &Connection,
    first: Place,
    count: u32,
    mut each: impl FnMut(Place, Cell) -> Result<()>,
) -> Result<()> {
    let sql = format!(
        "SELECT nonce, tag, name, place FROM tags_{} WHERE place % {DOORS} = ?1 AND place < ?2 ORDER BY place",
        first.class
    );
    let mut statement = prepare(db, &sql)?;
    let end = Place { index: count, ..first };
    let mut rows = statement.query(params![first.slot.index() as i64, end.row()]).map_err(Error::from_sqlite)?;
    let mut index = 0;
    while let Some(row) = rows.next().map_err(Error::from_sqlite)? {
        let place = Place { index, ..first };
        if row.get::<_, i64>(3).map_err(Error::from_sqlite)? != place.row() {
            return Err(CELL_WRONG);
        }
        each(place, cell_of(row)?)?;
        index += 1;
    }
    if index == count { Ok(()) } else { Err(CELL_WRONG) }
}

pub fn read_cell(db: &Connection, place: Place) -> Result<(Cell, Vec<u8>)> {
    let sql = format!(
        "SELECT nonce, tag, name, body FROM tags_{0} JOIN cells_{0} USING (place) WHERE place = ?1",
        place.class
    );
    let mut statement = prepare(db, &sql)?;
    let mut rows = statement.query([place.row()]).map_err(Error::from_sqlite)?;
    let row = rows.next().map_err(Error::from_sqlite)?.ok_or(CELL_WRONG)?;
    Ok((cell_of(row)?, row.get(3).map_err(Error::from_sqlite)?))
}

/// A cell's body where the header is still the one that was read; none where another process has written since. One look
/// at the file, without a transaction around it.
pub fn read_body_as_of(db: &Connection, place: Place, header: &[u8]) -> Result<Option<Vec<u8>>> {
    let sql = format!("SELECT body, header FROM file, cells_{} WHERE id = 1 AND place = ?1", place.class);
    let mut statement = prepare(db, &sql)?;
    let mut rows = statement.query([place.row()]).map_err(Error::from_sqlite)?;
    let Some(row) = rows.next().map_err(Error::from_sqlite)? else { return Ok(None) };
    if row.get_ref(1).map_err(Error::from_sqlite)?.as_blob() != Ok(header) {
        return Ok(None);
    }
    row.get(0).map(Some).map_err(Error::from_sqlite)
}

pub fn read_tag(db: &Connection, place: Place) -> Result<Cell> {
    let mut statement = prepare(db, &format!("SELECT nonce, tag, name FROM tags_{} WHERE place = ?1", place.class))?;
    let mut rows = statement.query([place.row()]).map_err(Error::from_sqlite)?;
    cell_of(rows.next().map_err(Error::from_sqlite)?.ok_or(CELL_WRONG)?)
}

fn cell_of(row: &rusqlite::Row<'_>) -> Result<Cell> {
    fn fixed<const N: usize>(row: &rusqlite::Row<'_>, column: usize) -> Result<[u8; N]> {
        let bytes = row.get_ref(column).map_err(Error::from_sqlite)?.as_blob().map_err(|_| CELL_WRONG)?;
        bytes.try_into().map_err(|_| CELL_WRONG)
    }
    Ok(Cell { nonce: fixed(row, 0)?, tag: fixed(row, 1)?, name: fixed(row, 2)? })
}

pub fn write_cell(db: &Connection, place: Place, cell: &Cell, body: &[u8]) -> Result<()> {
    // A row of the same size is overwritten where it lies: the file does not tell which one was written last.
    prepare(db, &format!("INSERT OR REPLACE INTO tags_{} VALUES (?1, ?2, ?3, ?4)", place.class))?
        .execute(params![place.row(), cell.nonce, cell.tag, cell.name])
        .map_err(Error::from_sqlite)?;
    prepare(db, &format!("INSERT OR REPLACE INTO cells_{} VALUES (?1, ?2)", place.class))?
        .execute(params![place.row(), body])
        .map(drop)
        .map_err(Error::from_sqlite)
}

/// Fills a cell with random bytes: what an unused one looks like.
pub fn write_random(db: &Connection, place: Place, entropy: &dyn Entropy) -> Result<()> {
    let mut cell = Cell { nonce: [0; NONCE_LEN], tag: [0; TAG_LEN], name: [0; NAME_LEN] };
    let mut body = vec![0; CLASS_LEN[place.class]];
    entropy.fill(&mut cell.nonce)?;
    entropy.fill(&mut cell.tag)?;
    entropy.fill(&mut cell.name)?;
    entropy.fill(&mut body)?;
    write_cell(db, place, &cell, &body)
}

/// Gives every slot `more` cells of a class.
pub fn grow(db: &Connection, class: usize, cells: &mut u32, more: u32, entropy: &dyn Entropy) -> Result<()> {
    for index in *cells..*cells + more {
        for slot in super::Door::ALL {
            write_random(db, Place { slot, class, index }, entropy)?;
        }
    }
    *cells += more;
    Ok(())
}

fn prepare<'a>(db: &'a Connection, sql: &str) -> Result<CachedStatement<'a>> {
    db.prepare_cached(sql).map_err(Error::from_sqlite)
}
