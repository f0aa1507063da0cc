//! The campaign proper: legs that are killed, asked to end, or lose power.

use std::time::Duration;

use fastrand::Rng;

use super::{
    damage::{damage_tail, synced_lengths},
    import::{Import, KillTime},
    kills,
    run_process::KillSignal,
    seed,
    test_bed::{COMPANION, RESULTS},
};

/// An import is cut short so often at most.
pub(super) const KILLS_PER_IMPORT: u64 = 5;

/// What cuts legs short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    /// SIGKILL.
    Kill,
    /// SIGKILL, SIGTERM or SIGINT.
    Signals,
    /// SIGKILL, and what was not synced is damaged.
    PowerCut,
}

impl Interruption {
    pub(super) const ALL: [Self; 3] = [Self::Kill, Self::Signals, Self::PowerCut];
}

/// One for each interruption, and that of runs that look.
const CAMPAIGNS: u64 = 4;

#[test]
fn kills_lose_nothing_and_nothing_false_is_claimed() {
    campaign(Interruption::Kill);
}

#[test]
fn after_signals_no_row_is_sent_twice() {
    campaign(Interruption::Signals);
}

#[test]
fn power_cuts_cost_a_repeat_of_what_was_cut_and_nothing_else() {
    campaign(Interruption::PowerCut);
}

/// This variant's share of all kills: scenes that end too early are followed by
/// others. The function returns how often a process was interrupted.
pub(super) fn campaign_of(mut bed: impl FnMut(u64) -> u64) {
    let wanted = kills().div_ceil(CAMPAIGNS);
    let (mut done, mut seed) = (0, seed());
    while done < wanted {
        done += bed(seed);
        seed = seed.wrapping_add(1);
    }
}

fn campaign(interruption: Interruption) {
    campaign_of(|seed| {
        let (mut import, mut done) = (Import::new(seed), 0);
        let legs = match interruption {
            Interruption::Kill | Interruption::Signals => KILLS_PER_IMPORT,
            // The last one counts: after it nothing mends what was misread.
            Interruption::PowerCut => import.rng.u64(1..=KILLS_PER_IMPORT),
        };
        for _ in 0..legs {
            let (kill_time, signal) = draw(&mut import, interruption, [RESULTS, COMPANION]);
            done += u64::from(import.interrupt(kill_time, signal));
            if interruption == Interruption::PowerCut {
                cut_power(&mut import, [RESULTS, COMPANION]);
            }
        }
        import.go_on_to_the_end();
        if interruption == Interruption::Kill {
            import.assert_verified();
        }
        done
    });
}

/// Damages what is not on the disk for certain.
pub(super) fn cut_power(
    Import { bed, rng, .. }: &mut Import,
    [results, companion]: [&'static str; 2],
) {
    let synced = synced_lengths(&bed.bytes(companion));
    for (name, floor) in [(results, synced.0), (companion, synced.1)] {
        let what = damage_tail(&bed.workdir.path(name), floor, rng);
        bed.log_step(&what);
    }
}

/// When and how the next leg is cut short.
pub(super) fn draw(
    import: &mut Import,
    interruption: Interruption,
    files: [&'static str; 2],
) -> (KillTime, KillSignal) {
    let share = (import.calls() / (KILLS_PER_IMPORT + 1)).max(1);
    let rng = &mut import.rng;
    let signal = match interruption {
        Interruption::Kill | Interruption::PowerCut => KillSignal::Kill,
        Interruption::Signals => *rng
            .choice(&[
                KillSignal::Kill,
                KillSignal::Terminate,
                KillSignal::Interrupt,
            ])
            .unwrap(),
    };
    (random_kill_time(share, files, rng), signal)
}

/// A moment within the first so many calls, most likely.
fn random_kill_time(
    calls: u64,
    [results, companion]: [&'static str; 2],
    rng: &mut Rng,
) -> KillTime {
    /// From the start to the first request, and well into the run.
    const STARTING: u64 = 60_000;
    const RUNNING: u64 = 250_000;
    /// A line of the results, roughly.
    const LINE: u64 = 100;
    match rng.u32(..10) {
        0..2 => KillTime::Elapsed(Duration::from_micros(rng.u64(..STARTING))),
        2..4 => KillTime::Elapsed(Duration::from_micros(rng.u64(..RUNNING))),
        4..8 => KillTime::Requests(rng.u64(1..=calls)),
        8 => KillTime::Grown(results, rng.u64(1..=calls * LINE)),
        _ => KillTime::Grown(companion, rng.u64(1..200)),
    }
}
