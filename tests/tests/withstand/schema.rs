//! The file's tables and columns are those that `docs/vault.md` lists, and there is nothing else in it.

use crate::life::{Liver, Step};
use std::collections::BTreeSet;
use std::path::Path;

/// Size classes: `tags_N` stands for so many tables.
const CLASSES: usize = 4;

type Columns = BTreeSet<(String, String)>;

#[test]
fn the_file_has_the_tables_and_columns_that_its_page_lists() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vault.md")).unwrap();
    let listed = listed(&page);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.amana");
    Liver::at(&path, "").carry_out(&Step::Create { pin: "482913".to_owned() }).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let rows = |sql: &str| -> Vec<(String, String)> {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    // No index, no trigger, no view, not even one that SQLite makes of itself.
    let others: Vec<_> =
        rows("SELECT type, name FROM sqlite_schema").into_iter().filter(|(t, _)| t != "table").collect();
    assert_eq!(others, []);
    let columns = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c";
    assert_eq!(rows(columns).into_iter().collect::<Columns>(), listed);
}

/// What the page's table lists: the first two cells of each row hold names in backticks; an empty first one means the
/// table above.
fn listed(page: &str) -> Columns {
    let cells = |line: &str| line.split('|').skip(1).take(2).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let is_head = |line: &&str| cells(line).iter().map(|cell| cell.to_lowercase()).eq(["table", "column"]);
    let rows = page.lines().skip_while(|line| !is_head(line)).skip(2).take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let (mut tables, mut listed) = (Vec::new(), Columns::new());
    for row in rows {
        let [table, columns] = <[String; 2]>::try_from(cells(row)).expect("two cells");
        if !names(&table).is_empty() {
            tables = names(&table).iter().flat_map(|table| expand(table)).collect();
        }
        for column in names(&columns) {
            listed.extend(tables.iter().map(|table| (table.clone(), column.clone())));
        }
    }
    assert!(!listed.is_empty(), "docs/vault.md has no table whose head is | table | column |");
    listed
}

fn expand(table: &str) -> Vec<String> {
    match table.strip_suffix("_N") {
        Some(stem) => (0..CLASSES).map(|class| format!("{stem}_{class}")).collect(),
        None => vec![table.to_owned()],
    }
}
