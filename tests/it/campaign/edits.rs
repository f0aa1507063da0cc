//! Between a kill and its resume somebody edits the input, or a file of the
//! run: what proves to be the same goes on, everything else is refused by
//! name, and nothing is sent.

use super::{
    leg::Signal,
    run::{Import, Moment},
    scene::{COMPANION, INPUT, RESULTS},
    script::{Ending, Row, Script},
    seed,
};

/// An import that was killed about half-way.
fn killed_half_way() -> Import {
    let mut import = Import::new(seed());
    let half = import.script.rows.len() as u64 / 2;
    assert!(import.cut_short(Moment::Requests(half), Signal::Kill));
    import
}

/// Rows that have a line, from 0, in the input's order.
fn settled(import: &mut Import) -> Vec<usize> {
    let settled = import.standing().settled;
    let indexes = settled.keys().map(|row| usize::try_from(row - 1).unwrap());
    indexes.collect()
}

#[test]
fn rows_at_the_end_are_welcome() {
    let mut import = killed_half_way();
    let mut script = import.script.clone();
    let number = script.rows.len() as u64;
    for more in 1..=50 {
        let from = (number + more) * 1_000 + 1;
        script.rows.push(Row::of(&from.to_string(), 7, 1));
    }
    import.put(script, "\n");
    import.go_on_to_the_end();
    let mut script = import.script.clone();
    script.rows.push(Row::of("9001", 7, 1));
    import.put(script, "\n");
    // After the end, too.
    import.go_on_to_the_end();
}

#[test]
fn other_line_ends_read_the_same() {
    let mut import = killed_half_way();
    import.put(import.script.clone(), "\r\n");
    import.go_on_to_the_end();
}

#[test]
fn a_settled_row_that_changed_or_moved_is_refused_by_name() {
    type Edit = fn(&mut Vec<Row>, &[usize]);
    let mut import = killed_half_way();
    let settled = settled(&mut import);
    let middle = settled.len() / 2;
    let edits: [(&str, Edit); 7] = [
        ("inserted at the top", |rows, _| {
            rows.insert(0, Row::of("1", 1, 1));
        }),
        ("inserted in the middle", |rows, settled| {
            rows.insert(settled[settled.len() / 2], Row::of("1", 1, 1));
        }),
        ("deleted", |rows, settled| {
            rows.remove(settled[settled.len() / 2]);
        }),
        ("reordered", |rows, settled| {
            rows.swap(settled[1], settled[settled.len() / 2]);
        }),
        ("reversed", |rows, _| rows.reverse()),
        ("one digit", |rows, settled| {
            one_digit(rows, settled);
        }),
        ("cut off", |rows, settled| {
            rows.truncate(settled[settled.len() / 2]);
        }),
    ];
    let original = import.script.clone();
    for (name, edit) in edits {
        import.scene.tell(name);
        let mut script = original.clone();
        edit(&mut script.rows, &settled);
        let words = first_difference(&original, &script, &settled);
        import.scene.workdir.write(INPUT, script.text("\n"));
        import.is_refused(&words);
    }
    assert!(middle > 10, "too few rows are settled to show anything");
    import.put(original, "\n");
    import.go_on_to_the_end();
}

/// One digit of the from id of a settled row in the middle.
fn one_digit(rows: &mut [Row], settled: &[usize]) {
    let sent = |row: &&usize| rows[**row].ending == Ending::Succeeded;
    let row = *settled[settled.len() / 2..].iter().find(sent).unwrap();
    let cell = &mut rows[row].cells[1];
    let last = cell.pop().unwrap();
    cell.push(if last == '1' { '2' } else { '1' });
}

/// How the first settled row that reads otherwise is named.
fn first_difference(original: &Script, edited: &Script, settled: &[usize]) -> String {
    for index in settled {
        let Some(row) = edited.rows.get(*index) else {
            return format!("it ends with row {}", edited.rows.len());
        };
        if row.cells != original.rows[*index].cells {
            return format!("row {} ", index + 1);
        }
    }
    unreachable!("the edit changed no settled row")
}

/// What a power cut can leave of a run that had synced no line yet.
#[test]
fn a_run_that_lost_power_before_anything_was_synced_goes_on() {
    let mut import = Import::new(seed());
    assert!(import.cut_short(Moment::Requests(30), Signal::Kill));
    let companion = import.scene.bytes(COMPANION);
    let begun = companion
        .split_inclusive(|byte| *byte == b'\n')
        .next()
        .unwrap();
    let written = import.scene.bytes(RESULTS);
    let header = 1 + written.iter().position(|byte| *byte == b'\n').unwrap();
    for kept in [0, 1, header - 1, header, header + 1, written.len() - 1] {
        for zeros in [0, 1, header, 4_096] {
            let mut results = written[..kept].to_vec();
            results.resize(kept + zeros, 0);
            import.scene.workdir.write(RESULTS, results);
            import.scene.workdir.write(COMPANION, begun);
            import.scene.tell(&format!(
                "{kept} bytes of the results and {zeros} zeros are left"
            ));
            assert!(import.cut_short(Moment::Requests(1), Signal::Kill));
        }
    }
    import.go_on_to_the_end();
}

#[test]
fn damage_to_what_was_synced_is_refused_by_name() {
    let mut import = killed_half_way();
    // A leg that ends by itself syncs all that it wrote.
    let rows = import.script.rows.len() as u64 / 8;
    import.cut_short(Moment::Requests(rows), Signal::Terminate);
    let whole = import.scene.bytes(RESULTS);
    let some = import.rng.usize(1..whole.len());
    let mut cut = whole.clone();
    cut.truncate(whole.len() - 1);
    let mut zeroed = whole.clone();
    zeroed[some..].fill(0);
    let mut flipped = whole.clone();
    flipped[some] ^= 1;
    for damaged in [cut, zeroed, flipped] {
        import.scene.workdir.write(RESULTS, damaged);
        import.is_refused(RESULTS);
    }
    import.scene.workdir.write(RESULTS, whole);
    import.go_on_to_the_end();
}
