//! Tables of the pages whose first cells are the program's, and whose others are words.

use std::collections::BTreeMap;

use super::page;

/// What stands in a cell that somebody still has to write.
const OPEN: &str = "…";

/// A line of a table, as the program has it.
#[derive(Debug)]
pub(super) struct Known {
    /// What finds the line in the page.
    pub(super) key: String,
    /// The first cells; one that is `None` is in words.
    pub(super) cells: Vec<Option<String>>,
}

impl Known {
    /// A line that is found by its first cell.
    pub(super) fn new(cells: impl IntoIterator<Item = String>) -> Self {
        let cells: Vec<_> = cells.into_iter().map(Some).collect();
        let key = cells[0].clone().unwrap();
        Self { key, cells }
    }
}

/// How the key of a line is found in its first cell.
pub(super) type Key = fn(&str) -> String;

/// The whole first cell is the key.
pub(super) fn whole(cell: &str) -> String {
    cell.to_owned()
}

/// The text with the first table under this heading as the program has it.
pub(super) fn replaced(text: &str, heading: &str, known: &[Known], key: Key) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut from = lines.iter().position(|line| *line == heading);
    let from = from
        .as_mut()
        .unwrap_or_else(|| panic!("no heading '{heading}'"));
    let is_table = |line: &&str| line.starts_with('|');
    let offset = lines[*from..].iter().position(is_table);
    let first = *from + offset.unwrap_or_else(|| panic!("no table under '{heading}'"));
    let length = lines[first..]
        .iter()
        .take_while(|line| is_table(line))
        .count();
    let (head, rows) = lines[first..first + length].split_at(2);
    let columns = cells(head[0]).len();
    let written: BTreeMap<_, _> = rows
        .iter()
        .map(|line| cells(line))
        .map(|cells| (key(&cells[0]), cells))
        .collect();
    let table = known.iter().map(|row| line_of(row, &written, columns));
    let before = lines[..first].iter().chain(head);
    let mut all: Vec<_> = before.map(|line| (*line).to_owned()).collect();
    all.extend(table);
    all.extend(
        lines[first + length..]
            .iter()
            .map(|line| (*line).to_owned()),
    );
    all.join("\n") + "\n"
}

fn line_of(row: &Known, written: &BTreeMap<String, Vec<String>>, columns: usize) -> String {
    let old = written.get(&row.key);
    let cell = |at: usize| {
        let fixed = row.cells.get(at).cloned().flatten();
        let words = old.and_then(|cells| cells.get(at)).cloned();
        fixed.or(words).unwrap_or_else(|| OPEN.to_owned())
    };
    let cells: Vec<_> = (0..columns).map(cell).collect();
    format!("| {} |", cells.join(" | "))
}

/// The cells of a line; `\|` is a bar in a cell.
fn cells(line: &str) -> Vec<String> {
    const BAR: char = '\u{1}';
    let line = line.replace("\\|", &BAR.to_string());
    let inner = line.trim().trim_matches('|');
    let cells = inner.split('|').map(str::trim);
    cells.map(|cell| cell.replace(BAR, "\\|")).collect()
}

/// Compares the tables of a page, each under its heading, with the program.
pub(super) fn hold(page: &str, tables: &[(&str, Vec<Known>)], key: Key) {
    let mut text = page::read(page);
    for (heading, known) in tables {
        text = replaced(&text, heading, known, key);
    }
    page::hold(page, &text, "a table is not as the program has it");
    let open = text.lines().find(|line| {
        let is_open = |cell: &String| cell == OPEN || cell.is_empty();
        line.starts_with('|') && cells(line).iter().any(is_open)
    });
    assert_eq!(open, None, "{page}: a cell waits for words");
}

#[test]
fn a_table_takes_the_programs_cells_and_keeps_the_words() {
    let text = "# A\n\n## B\n\n| code | meaning | cure |\n| --- | --- | --- |\n| `a` | old | x \\| y |\n| `gone` | z | z |\n\nend\n";
    let known = [
        Known::new(["`a`".to_owned(), "new".to_owned()]),
        Known::new(["`b`".to_owned(), "more".to_owned()]),
    ];
    let wanted = "# A\n\n## B\n\n| code | meaning | cure |\n| --- | --- | --- |\n| `a` | new | x \\| y |\n| `b` | more | … |\n\nend\n";
    assert_eq!(replaced(text, "## B", &known, whole), wanted);
}
