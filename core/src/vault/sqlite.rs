//! The file under the vault: schema, pragmas, rows, and SQLite's errors as ours.

use super::layout::{CLASS_LEN, CLASSES, DOORS, FORMAT, FileRow, NAME_LEN, Place};
use crate::crypto::aead::TAG_LEN;
use crate::crypto::kdf::Argon2Cost;
use crate::error::{Error, Result};
use crate::ports::Entropy;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// "AMNV" in SQLite's application id: what `file` and this module tell a vault by.
const APPLICATION_ID: i32 = 0x414d_4e56;
const NONCE_LEN: usize = 24;

pub fn make_schema(db: &Connection) -> Result<()> {
    let mut sql = format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};
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
    db.execute_batch(&sql).map_err(error)
}

/// Makes an empty file that only its owner can read, or fails if there is one.
pub fn claim(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|e| io_error(&e))
}

/// Moves a finished file to its place.
pub fn move_new(from: &Path, to: &Path) -> Result<()> {
    // A second name fails where the place is taken, also if it was taken just now. Some file systems have none.
    match fs::hard_link(from, to) {
        Ok(()) => remove(from),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Err(Error::AlreadyExists),
        Err(_) if to.exists() => return Err(Error::AlreadyExists),
        Err(_) => fs::rename(from, to).map_err(|e| io_error(&e))?,
    }
    // The name is on disk when the folder is.
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| io_error(&e))
}

pub fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // Nothing to do where it is not there.
        let _ = fs::remove_file(PathBuf::from(name));
    }
}

/// Opens a file that is there.
pub fn open_existing(path: &Path) -> Result<Connection> {
    match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound { what: "vault" }),
        Err(e) => Err(io_error(&e)),
        Ok(found) if !found.is_file() => Err(Error::NotAVault { reason: "not-a-file" }),
        // Asked before anything is set: another program's database is left as it was found.
        Ok(_) => connect(path).and_then(|db| {
            refuse_foreign(&db)?;
            configure(db)
        }),
    }
}

/// Opens a file that this program has just claimed.
pub fn open_new(path: &Path) -> Result<Connection> {
    connect(path).and_then(configure)
}

fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(error)?;
    db.busy_timeout(Duration::from_secs(2)).map_err(error)?;
    // A doctored schema could put an endless view in a table's place, or have a trigger write along.
    let refused = [DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER];
    refused.into_iter().try_for_each(|what| db.set_db_config(what, false).map(drop)).map_err(error)?;
    Ok(db)
}

fn configure(db: Connection) -> Result<Connection> {
    // secure_delete: freed pages are wiped. mmap off: pages of the file are not left in the process image. FULL:
    // what is acknowledged is on disk. trusted_schema off: a doctored schema runs no functions.
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
    )
    .map_err(error)?;
    Ok(db)
}

/// Folds the write-ahead log into the file and closes it.
pub fn close(db: Connection) -> Result<()> {
    checkpoint(&db)?;
    db.close().map_err(|(_, e)| error(e))
}

pub fn checkpoint(db: &Connection) -> Result<()> {
    let folded = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    match folded {
        Ok(_) => Ok(()),
        // Another process reads: it will fold the log when it closes.
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        Err(e) => Err(error(e)),
    }
}

pub fn insert_file_row(db: &Connection, file: &FileRow, header: &[u8]) -> Result<()> {
    let cost = file.cost;
    db.execute(
        "INSERT INTO file VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![file.salt, cost.memory_kib, cost.passes, cost.lanes, header],
    )
    .map(drop)
    .map_err(error)
}

pub fn update_header(db: &Connection, header: &[u8]) -> Result<()> {
    db.execute("UPDATE file SET header = ?1 WHERE id = 1", [header]).map(drop).map_err(error)
}

/// What stands in clear, and the sealed header.
pub fn read_file_row(db: &Connection) -> Result<(FileRow, Vec<u8>)> {
    let row = db
        .query_row("SELECT salt, memory_kib, passes, lanes, header FROM file WHERE id = 1", [], |row| {
            let cost = Argon2Cost { memory_kib: row.get(1)?, passes: row.get(2)?, lanes: row.get(3)? };
            Ok((row.get::<_, Vec<u8>>(0)?, cost, row.get::<_, Vec<u8>>(4)?))
        })
        .map_err(error)?;
    let (salt, cost, header) = row;
    let wrong = Error::NotAVault { reason: "file-row" };
    let salt = salt.try_into().map_err(|_| wrong.clone())?;
    if cost.is_allowed() { Ok((FileRow { salt, cost }, header)) } else { Err(wrong) }
}

fn refuse_foreign(db: &Connection) -> Result<()> {
    let pragma = |name: &str| db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).map_err(error);
    if pragma("application_id")? != i64::from(APPLICATION_ID) {
        return Err(Error::NotAVault { reason: "application-id" });
    }
    match pragma("user_version")? {
        FORMAT => Ok(()),
        later if later > FORMAT => Err(Error::TooNew),
        _ => Err(Error::NotAVault { reason: "version" }),
    }
}

/// A cell as the file has it.
pub struct Cell {
    pub nonce: [u8; NONCE_LEN],
    pub tag: [u8; TAG_LEN],
    pub name: [u8; NAME_LEN],
}

const CELL_WRONG: Error = Error::NotAVault { reason: "cell" };

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
    let mut statement = db.prepare(&sql).map_err(error)?;
    let end = Place { index: count, ..first };
    let mut rows = statement.query(params![first.door.index() as i64, end.row()]).map_err(error)?;
    let mut index = 0;
    while let Some(row) = rows.next().map_err(error)? {
        let place = Place { index, ..first };
        if row.get::<_, i64>(3).map_err(error)? != place.row() {
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
    let mut statement = db.prepare(&sql).map_err(error)?;
    let mut rows = statement.query([place.row()]).map_err(error)?;
    let row = rows.next().map_err(error)?.ok_or(CELL_WRONG)?;
    Ok((cell_of(row)?, row.get(3).map_err(error)?))
}

pub fn read_tag(db: &Connection, place: Place) -> Result<Cell> {
    let sql = format!("SELECT nonce, tag, name FROM tags_{} WHERE place = ?1", place.class);
    let mut statement = db.prepare(&sql).map_err(error)?;
    let mut rows = statement.query([place.row()]).map_err(error)?;
    cell_of(rows.next().map_err(error)?.ok_or(CELL_WRONG)?)
}

fn cell_of(row: &rusqlite::Row<'_>) -> Result<Cell> {
    fn fixed<const N: usize>(row: &rusqlite::Row<'_>, column: usize) -> Result<[u8; N]> {
        let bytes = row.get_ref(column).map_err(error)?.as_blob().map_err(|_| CELL_WRONG)?;
        bytes.try_into().map_err(|_| CELL_WRONG)
    }
    Ok(Cell { nonce: fixed(row, 0)?, tag: fixed(row, 1)?, name: fixed(row, 2)? })
}

pub fn write_cell(db: &Connection, place: Place, cell: &Cell, body: &[u8]) -> Result<()> {
    let tags = format!("INSERT OR REPLACE INTO tags_{} VALUES (?1, ?2, ?3, ?4)", place.class);
    db.execute(&tags, params![place.row(), cell.nonce, cell.tag, cell.name]).map_err(error)?;
    let cells = format!("INSERT OR REPLACE INTO cells_{} VALUES (?1, ?2)", place.class);
    db.execute(&cells, params![place.row(), body]).map(drop).map_err(error)
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
        for door in super::Door::ALL {
            write_random(db, Place { door, class, index }, entropy)?;
        }
    }
    *cells += more;
    Ok(())
}

/// Whether the header is still the one that was read.
pub fn header_is(db: &Connection, header: &[u8]) -> Result<bool> {
    let found =
        db.query_row("SELECT header FROM file WHERE id = 1", [], |row| Ok(row.get_ref(0)?.as_blob() == Ok(header)));
    found.optional().map_err(error).map(|same| same.unwrap_or(false))
}

pub fn error(e: rusqlite::Error) -> Error {
    match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::InUse,
        Some(ErrorCode::DiskFull) => Error::Storage { reason: "disk-full" },
        Some(ErrorCode::ReadOnly) => Error::Storage { reason: "read-only" },
        Some(ErrorCode::CannotOpen) => Error::Storage { reason: "cannot-open" },
        Some(ErrorCode::PermissionDenied) => Error::Storage { reason: "permission" },
        Some(ErrorCode::SystemIoFailure) => Error::Storage { reason: "io" },
        Some(ErrorCode::OutOfMemory) => Error::Storage { reason: "memory" },
        Some(ErrorCode::NotADatabase) => Error::NotAVault { reason: "not-a-database" },
        // Everything else says that the file does not have the tables, rows and types of a vault.
        _ => Error::NotAVault { reason: "corrupt" },
    }
}

fn io_error(e: &std::io::Error) -> Error {
    let reason = match e.kind() {
        std::io::ErrorKind::AlreadyExists => return Error::AlreadyExists,
        std::io::ErrorKind::PermissionDenied => "permission",
        std::io::ErrorKind::StorageFull => "disk-full",
        std::io::ErrorKind::ReadOnlyFilesystem => "read-only",
        std::io::ErrorKind::NotFound => "cannot-open",
        _ => "io",
    };
    Error::Storage { reason }
}
