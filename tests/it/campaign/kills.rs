//! The campaign proper: legs that are killed, asked to end, or lose power.

use std::time::Duration;

use fastrand::Rng;

use super::{
    damage::{damage, synced_lengths},
    kills,
    leg::Signal,
    run::{Import, Moment},
    scene::{COMPANION, RESULTS},
    seed,
};

/// An import is cut short so often at most.
const KILLS_PER_IMPORT: u64 = 5;

/// What cuts legs short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// SIGKILL.
    Kill,
    /// SIGKILL, SIGTERM or SIGINT.
    Signals,
    /// SIGKILL, and what was not synced is damaged.
    PowerCut,
}

const HARMS: [Harm; 3] = [Harm::Kill, Harm::Signals, Harm::PowerCut];

#[test]
fn kills_lose_nothing_and_nothing_false_is_claimed() {
    campaign(Harm::Kill);
}

#[test]
fn after_signals_no_row_is_sent_twice() {
    campaign(Harm::Signals);
}

#[test]
fn power_cuts_cost_a_repeat_of_what_was_cut_and_nothing_else() {
    campaign(Harm::PowerCut);
}

/// This variant's share of all kills; imports that end too early are followed
/// by others.
fn campaign(harm: Harm) {
    let wanted = kills().div_ceil(HARMS.len() as u64);
    let (mut done, mut seed) = (0, seed());
    while done < wanted {
        let mut import = Import::new(seed);
        let legs = match harm {
            Harm::Kill | Harm::Signals => KILLS_PER_IMPORT,
            // The last one counts: after it nothing mends what was misread.
            Harm::PowerCut => import.rng.u64(1..=KILLS_PER_IMPORT),
        };
        for _ in 0..legs {
            let (moment, signal) = draw(&mut import, harm);
            done += u64::from(import.cut_short(moment, signal));
            if harm == Harm::PowerCut {
                cut_power(&mut import);
            }
        }
        import.go_on_to_the_end();
        seed = seed.wrapping_add(1);
    }
}

/// Damages what is not on the disk for certain.
fn cut_power(Import { scene, rng, .. }: &mut Import) {
    let (results, companion) = synced_lengths(&scene.bytes(COMPANION));
    for (name, floor) in [(RESULTS, results), (COMPANION, companion)] {
        let what = damage(&scene.workdir.path(name), floor, rng);
        scene.tell(&what);
    }
}

/// When and how the next leg is cut short.
fn draw(import: &mut Import, harm: Harm) -> (Moment, Signal) {
    let calls = (import.script.rows.len() / import.batch) as u64;
    let share = calls / (KILLS_PER_IMPORT + 1);
    let rng = &mut import.rng;
    let signal = match harm {
        Harm::Kill | Harm::PowerCut => Signal::Kill,
        Harm::Signals => *rng
            .choice(&[Signal::Kill, Signal::Terminate, Signal::Interrupt])
            .unwrap(),
    };
    (moment(share, rng), signal)
}

/// A moment within the first so many calls, most likely.
fn moment(calls: u64, rng: &mut Rng) -> Moment {
    /// From the start to the first request, and well into the run.
    const STARTING: u64 = 60_000;
    const RUNNING: u64 = 250_000;
    /// A line of the results, roughly.
    const LINE: u64 = 100;
    match rng.u32(..10) {
        0..2 => Moment::Elapsed(Duration::from_micros(rng.u64(..STARTING))),
        2..4 => Moment::Elapsed(Duration::from_micros(rng.u64(..RUNNING))),
        4..8 => Moment::Requests(rng.u64(1..=calls)),
        8 => Moment::Grown(RESULTS, rng.u64(1..=calls * LINE)),
        _ => Moment::Grown(COMPANION, rng.u64(1..200)),
    }
}
