//! The campaign of runs that look before they write: they are killed among links
//! that stood before, verified, and taken back by undos that are killed as well.

use super::{
    crowd,
    kills::{Harm, KILLS_PER_IMPORT, campaign_of, cut_power, draw},
    manner::Manner,
    run::Import,
    scene::{COMPANION, RESULTS},
    undoing::{UNDONE, UNDONE_COMPANION},
};
use crate::support::workdir::Workdir;

/// An undo is cut short so often at most.
const KILLS_PER_UNDO: u64 = 4;

#[test]
fn a_run_that_looked_leaves_no_trace_once_it_is_undone() {
    campaign_of(|seed| {
        let mut import = meeting(seed);
        let harm = *import.rng.choice(&Harm::ALL).unwrap();
        let mut done = 0;
        for _ in 0..import.rng.u64(1..=KILLS_PER_IMPORT) {
            let (moment, signal) = draw(&mut import, harm, [RESULTS, COMPANION]);
            done += u64::from(import.cut_short(moment, signal));
            if harm == Harm::PowerCut {
                cut_power(&mut import, [RESULTS, COMPANION]);
            }
        }
        import.go_on_to_the_end();
        import.is_verified();
        for _ in 0..import.rng.u64(1..=KILLS_PER_UNDO) {
            let files = [UNDONE, UNDONE_COMPANION];
            let (moment, signal) = draw(&mut import, harm, files);
            done += u64::from(import.undo_cut_short(moment, signal));
            if harm == Harm::PowerCut {
                cut_power(&mut import, files);
            }
        }
        import.is_undone();
        done
    });
}

/// An import of rows that meet each other, and links that stand.
fn meeting(seed: u64) -> Import {
    let mut rng = fastrand::Rng::with_seed(seed);
    let manner = Manner::looking(seed, &mut rng);
    let rows = rng.usize(150..450);
    let script = crowd::script(rows, manner.is_dated, &mut rng);
    let files = [
        crowd::before(&script, &mut rng),
        crowd::labelled(&script, &mut rng),
    ];
    let mut import = Import::of((seed, rng), script, manner);
    let url = import.scene.sandbox.base_url();
    for file in files {
        let options = "--api 2026-09 --batch max";
        Workdir::with(file).import(&url, options).exits(0);
    }
    import.begins_here();
    import
}
