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
pub(super) const KILLS_PER_IMPORT: u64 = 5;

/// What cuts legs short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// SIGKILL.
    Kill,
    /// SIGKILL, SIGTERM or SIGINT.
    Signals,
    /// SIGKILL, and what was not synced is damaged.
    PowerCut,
}

impl Harm {
    pub(super) const ALL: [Self; 3] = [Self::Kill, Self::Signals, Self::PowerCut];
}

/// One for each harm, and that of runs that look.
const CAMPAIGNS: u64 = 4;

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

/// This variant's share of all kills: scenes that end too early are followed by
/// others. A scene says how often something was cut short in it.
pub(super) fn campaign_of(mut scene: impl FnMut(u64) -> u64) {
    let wanted = kills().div_ceil(CAMPAIGNS);
    let (mut done, mut seed) = (0, seed());
    while done < wanted {
        done += scene(seed);
        seed = seed.wrapping_add(1);
    }
}

fn campaign(harm: Harm) {
    campaign_of(|seed| {
        let (mut import, mut done) = (Import::new(seed), 0);
        let legs = match harm {
            Harm::Kill | Harm::Signals => KILLS_PER_IMPORT,
            // The last one counts: after it nothing mends what was misread.
            Harm::PowerCut => import.rng.u64(1..=KILLS_PER_IMPORT),
        };
        for _ in 0..legs {
            let (moment, signal) = draw(&mut import, harm, [RESULTS, COMPANION]);
            done += u64::from(import.cut_short(moment, signal));
            if harm == Harm::PowerCut {
                cut_power(&mut import, [RESULTS, COMPANION]);
            }
        }
        import.go_on_to_the_end();
        if harm == Harm::Kill {
            import.is_verified();
        }
        done
    });
}

/// Damages what is not on the disk for certain.
pub(super) fn cut_power(
    Import { scene, rng, .. }: &mut Import,
    [results, companion]: [&'static str; 2],
) {
    let synced = synced_lengths(&scene.bytes(companion));
    for (name, floor) in [(results, synced.0), (companion, synced.1)] {
        let what = damage(&scene.workdir.path(name), floor, rng);
        scene.tell(&what);
    }
}

/// When and how the next leg is cut short.
pub(super) fn draw(import: &mut Import, harm: Harm, files: [&'static str; 2]) -> (Moment, Signal) {
    let share = (import.calls() / (KILLS_PER_IMPORT + 1)).max(1);
    let rng = &mut import.rng;
    let signal = match harm {
        Harm::Kill | Harm::PowerCut => Signal::Kill,
        Harm::Signals => *rng
            .choice(&[Signal::Kill, Signal::Terminate, Signal::Interrupt])
            .unwrap(),
    };
    (moment(share, files, rng), signal)
}

/// A moment within the first so many calls, most likely.
fn moment(calls: u64, [results, companion]: [&'static str; 2], rng: &mut Rng) -> Moment {
    /// From the start to the first request, and well into the run.
    const STARTING: u64 = 60_000;
    const RUNNING: u64 = 250_000;
    /// A line of the results, roughly.
    const LINE: u64 = 100;
    match rng.u32(..10) {
        0..2 => Moment::Elapsed(Duration::from_micros(rng.u64(..STARTING))),
        2..4 => Moment::Elapsed(Duration::from_micros(rng.u64(..RUNNING))),
        4..8 => Moment::Requests(rng.u64(1..=calls)),
        8 => Moment::Grown(results, rng.u64(1..=calls * LINE)),
        _ => Moment::Grown(companion, rng.u64(1..200)),
    }
}
