//! The campaign of runs with read-before-write: they are killed among existing links, verified, and
//! undone by undos that are killed too.

use super::{
    connected_rows,
    import::Import,
    import_options::ImportOptions,
    kills::{Interruption, KILLS_PER_IMPORT, campaign_of, cut_power, draw},
    test_bed::{RESULTS, RUN_LOG},
    undo_checks::{UNDONE, UNDONE_RUN_LOG},
};
use crate::support::workdir::Workdir;

/// Maximum number of interruptions per undo.
const KILLS_PER_UNDO: u64 = 4;

#[test]
fn an_undone_run_leaves_no_trace() {
    campaign_of(|seed| {
        let mut import = conflicting_import(seed);
        let interruption = *import.rng.choice(&Interruption::ALL).unwrap();
        let mut done = 0;
        for _ in 0..import.rng.u64(1..=KILLS_PER_IMPORT) {
            let (kill_time, signal) = draw(&mut import, interruption, [RESULTS, RUN_LOG]);
            done += u64::from(import.interrupt(kill_time, signal));
            if interruption == Interruption::PowerCut {
                cut_power(&mut import, [RESULTS, RUN_LOG]);
            }
        }
        import.resume_to_the_end();
        import.assert_verified();
        for _ in 0..import.rng.u64(1..=KILLS_PER_UNDO) {
            let files = [UNDONE, UNDONE_RUN_LOG];
            let (kill_time, signal) = draw(&mut import, interruption, files);
            done += u64::from(import.interrupt_undo(kill_time, signal));
            if interruption == Interruption::PowerCut {
                cut_power(&mut import, files);
            }
        }
        import.assert_undone();
        done
    });
}

/// An import of rows that conflict with each other and with existing links.
fn conflicting_import(seed: u64) -> Import {
    let mut rng = fastrand::Rng::with_seed(seed);
    let options = ImportOptions::reading_first(seed, &mut rng);
    let rows = rng.usize(150..450);
    let file = connected_rows::random_file(rows, options.is_dated, &mut rng);
    let files = [
        connected_rows::before(&file, &mut rng),
        connected_rows::labelled(&file, &mut rng),
    ];
    let mut import = Import::of((seed, rng), file, options);
    let url = import.bed.sandbox.base_url();
    for file in files {
        let options = "--api 2026-09 --batch max";
        Workdir::with(file).import(&url, options).exits(0);
    }
    import.start_here();
    import
}
