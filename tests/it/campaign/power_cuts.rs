//! The worst effects of a power cut: synced bytes stay, and anything else may be missing. Damage
//! that no power cut causes is refused.

use super::{
    import::{Import, KillTime},
    input_file::InputRow,
    run_process::KillSignal,
    seed,
    test_bed::{RESULTS, RUN_LOG},
};

/// The run log before any line of the results was synced. Snapshots are synced before a row is
/// sent.
fn log_without_syncs(import: &Import) -> Vec<u8> {
    let run_log = import.bed.bytes(RUN_LOG);
    let lines = run_log.split_inclusive(|byte| *byte == b'\n');
    let is_synced = |line: &&[u8]| {
        let names: [&[u8]; 3] = [b"{\"begun\"", b"{\"absent\"", b"{\"before\""];
        names.iter().any(|name| line.starts_with(name))
    };
    lines.filter(is_synced).flatten().copied().collect()
}

/// The possible remains of a run that had not synced a line yet.
#[test]
fn a_run_that_lost_power_before_anything_was_synced_goes_on() {
    let mut import = Import::new(seed());
    assert!(import.interrupt(KillTime::Requests(30), KillSignal::Kill));
    let written = import.bed.bytes(RESULTS);
    let header = 1 + written.iter().position(|byte| *byte == b'\n').unwrap();
    for kept in [0, 1, header - 1, header, header + 1, written.len() - 1] {
        for zeros in [0, 1, header, 4_096] {
            let mut results = written[..kept].to_vec();
            results.resize(kept + zeros, 0);
            import.bed.workdir.write(RESULTS, results);
            import
                .bed
                .workdir
                .write(RUN_LOG, log_without_syncs(&import));
            import.bed.log_step(&format!(
                "{kept} bytes of the results and {zeros} zeros are left"
            ));
            assert!(import.interrupt(KillTime::Requests(1), KillSignal::Kill));
        }
    }
    import.resume_to_the_end();
}

/// However much of the line is readable, up to everything except its line end.
#[test]
fn a_row_whose_line_is_torn_is_sent_again() {
    const STEP: usize = 7;
    let first = InputRow::of("987654321001", 7, 1);
    let link = first.link;
    let mut import = Import::new(seed());
    // Reads before writes would fill the whole process.
    import.options.skips = false;
    let mut file = import.file.clone();
    file.rows.insert(0, first);
    import.replace_input(file, "\n");
    while !import.state().settled.contains_key(&1) {
        assert!(import.interrupt(KillTime::Requests(20), KillSignal::Kill));
    }
    let results = String::from_utf8(import.bed.bytes(RESULTS)).unwrap();
    let from = results.find(",987654321001,").unwrap();
    let (start, rest) = results.split_at(from);
    let (torn, after) = rest.split_once('\n').unwrap();
    for length in (1..=torn.len()).rev().step_by(STEP) {
        // Lines have no order, so this one may be the last.
        let left = format!("{start}{after}{}", &torn[..length]);
        import.bed.workdir.write(RESULTS, left);
        import
            .bed
            .workdir
            .write(RUN_LOG, log_without_syncs(&import));
        import.bed.log_step(&format!("torn after {length} bytes"));
        let sent = import.bed.arrivals().len();
        assert!(import.interrupt(KillTime::Requests(40), KillSignal::Kill));
        let arrivals = import.bed.arrivals();
        let again = arrivals[sent..]
            .iter()
            .any(|arrival| arrival.association == link);
        import.bed.check(again, "row 1 was not sent again");
    }
    import.resume_to_the_end();
}

#[test]
fn damage_to_synced_bytes_is_refused_by_name() {
    let mut import = Import::killed_half_way(seed());
    // A process that ends by itself syncs everything that it wrote.
    let rows = import.file.rows.len() as u64 / 8;
    import.interrupt(KillTime::Requests(rows), KillSignal::Terminate);
    let whole = import.bed.bytes(RESULTS);
    let some = import.rng.usize(1..whole.len());
    let mut cut = whole.clone();
    cut.truncate(whole.len() - 1);
    let mut zeroed = whole.clone();
    zeroed[some..].fill(0);
    let mut flipped = whole.clone();
    flipped[some] ^= 1;
    for damaged in [cut, zeroed, flipped] {
        import.bed.workdir.write(RESULTS, damaged);
        import.assert_refused(RESULTS);
    }
    import.bed.workdir.write(RESULTS, whole);
    import.resume_to_the_end();
}
