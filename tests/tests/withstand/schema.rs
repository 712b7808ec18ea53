//! The file is as `docs/vault.md` says, table by table and column by column, and not otherwise.

use crate::life::host;
use amana_core::vault::{Door, Vault};
use amana_core::wallet::Argon2Cost;
use amana_tests::pin;
use std::collections::BTreeMap;
use std::path::Path;

/// Columns by table.
type Tables = BTreeMap<String, Vec<String>>;

/// The first table of the page whose head is `table | column`: a row without a table goes on with the one before, and a
/// row may name several columns.
fn documented() -> Tables {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vault.md");
    let page = std::fs::read_to_string(page).expect("docs/vault.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| table | column")).skip(2);
    let mut tables = Tables::new();
    let mut table = String::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let cells: Vec<_> = row.split('|').collect();
        if let [name] = &names(cells[1])[..] {
            table.clone_from(name);
        }
        // N stands for every size class.
        for class in 0..if table.ends_with("_N") { 4 } else { 1 } {
            tables.entry(table.replace("_N", &format!("_{class}"))).or_default().extend(names(cells[2]));
        }
    }
    tables
}

#[test]
fn the_schema_is_the_one_that_is_documented() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault.amana");
    Vault::create(&path, host(&path), Door::One, &pin("482913"), Argon2Cost::FLOOR).expect("made");
    let db = rusqlite::Connection::open(&path).expect("a database");
    let number = |pragma: &str| db.query_row(pragma, [], |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!((number("PRAGMA application_id"), number("PRAGMA user_version")), (0x414d_4e56, 2));
    // No index, trigger or view; no statistics, no sequence.
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'";
    let mut statement = db.prepare(sql).expect("a schema");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let tables: Vec<(String, String)> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(number("SELECT count(*) FROM sqlite_schema") as usize, tables.len());
    assert!(tables.iter().all(|(_, sql)| sql.ends_with("STRICT") && !sql.contains("AUTOINCREMENT")));
    let columns = |table: &str| {
        let mut statement = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).expect("columns");
        let names = statement.query_map([], |row| row.get(0)).expect("rows");
        names.map(|name| name.expect("a name")).collect::<Vec<String>>()
    };
    let found: Tables = tables.iter().map(|(table, _)| (table.clone(), columns(table))).collect();
    assert_eq!(found, documented());
}
