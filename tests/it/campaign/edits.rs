//! The input is edited between a kill and the resume: harmless edits are accepted, everything else
//! is refused by name, and nothing is sent.

use super::{
    import::Import,
    input_file::{ExpectedEnding, InputFile, InputRow},
    seed,
    test_bed::INPUT,
};

/// The indexes of rows with a line, from 0, in the order of the input.
fn settled(import: &mut Import) -> Vec<usize> {
    let settled = import.state().settled;
    let indexes = settled.keys().map(|row| usize::try_from(row - 1).unwrap());
    indexes.collect()
}

#[test]
fn added_rows_at_the_end_are_accepted() {
    let mut import = Import::killed_half_way(seed());
    let mut file = import.file.clone();
    let number = file.rows.len() as u64;
    for more in 1..=50 {
        let from = (number + more) * 1_000 + 1;
        file.rows.push(InputRow::of(&from.to_string(), 7, 1));
    }
    import.replace_input(file, "\n");
    import.resume_to_the_end();
    let mut file = import.file.clone();
    file.rows.push(InputRow::of("9001", 7, 1));
    import.replace_input(file, "\n");
    // Also after the end of the run.
    import.resume_to_the_end();
}

#[test]
fn other_line_ends_are_accepted() {
    let mut import = Import::killed_half_way(seed());
    import.replace_input(import.file.clone(), "\r\n");
    import.resume_to_the_end();
}

#[test]
fn a_settled_row_that_changed_or_moved_is_refused_by_name() {
    type Edit = fn(&mut Vec<InputRow>, &[usize]);
    let mut import = Import::killed_half_way(seed());
    let settled = settled(&mut import);
    let middle = settled.len() / 2;
    let edits: [(&str, Edit); 7] = [
        ("inserted at the top", |rows, _| {
            rows.insert(0, InputRow::of("1", 1, 1));
        }),
        ("inserted in the middle", |rows, settled| {
            rows.insert(settled[settled.len() / 2], InputRow::of("1", 1, 1));
        }),
        ("deleted", |rows, settled| {
            rows.remove(settled[settled.len() / 2]);
        }),
        ("reordered", |rows, settled| {
            rows.swap(settled[1], settled[settled.len() / 2]);
        }),
        ("reversed", |rows, _| rows.reverse()),
        ("one digit", |rows, settled| {
            change_one_digit(rows, settled);
        }),
        ("cut off", |rows, settled| {
            rows.truncate(settled[settled.len() / 2]);
        }),
    ];
    let original = import.file.clone();
    for (name, edit) in edits {
        import.bed.log_step(name);
        let mut file = original.clone();
        edit(&mut file.rows, &settled);
        let words = first_difference(&original, &file, &settled);
        import.bed.workdir.write(INPUT, file.bytes("\n"));
        import.assert_refused(&words);
    }
    assert!(middle > 10, "too few rows are settled to show anything");
    import.replace_input(original, "\n");
    import.resume_to_the_end();
}

/// Changes one digit of the from id of a settled row in the middle.
fn change_one_digit(rows: &mut [InputRow], settled: &[usize]) {
    let sent = |row: &&usize| rows[**row].ending == ExpectedEnding::Succeeded;
    let row = *settled[settled.len() / 2..].iter().find(sent).unwrap();
    let cell = &mut rows[row].cells[1];
    let last = cell.pop().unwrap();
    cell.push(if last == '1' { '2' } else { '1' });
}

/// The words that name the first settled row that differs.
fn first_difference(original: &InputFile, edited: &InputFile, settled: &[usize]) -> String {
    for index in settled {
        let Some(row) = edited.rows.get(*index) else {
            return format!("it ends with row {}, but row", edited.rows.len());
        };
        if row.cells != original.rows[*index].cells {
            return format!("row {} ", index + 1);
        }
    }
    unreachable!("the edit changed no settled row")
}
