//! The main campaigns: processes that are killed, get a signal, or lose power.

use std::time::Duration;

use fastrand::Rng;

use super::{
    damage::{damage_tail, synced_lengths},
    import::{Import, KillTime},
    kills,
    run_process::KillSignal,
    seed,
    test_bed::{RESULTS, RUN_LOG},
};

/// Maximum number of interruptions per import.
pub(super) const KILLS_PER_IMPORT: u64 = 5;

/// What interrupts processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    /// SIGKILL.
    Kill,
    /// SIGKILL, SIGTERM or SIGINT.
    Signals,
    /// SIGKILL, with damage to bytes that were not synced.
    PowerCut,
}

impl Interruption {
    pub(super) const ALL: [Self; 3] = [Self::Kill, Self::Signals, Self::PowerCut];
}

/// One for each kind of interruption, that of workbooks, that of keys, and that of runs with
/// read-before-write.
const CAMPAIGNS: u64 = 6;

#[test]
fn kills_lose_nothing_and_cause_no_false_claims() {
    campaign(Interruption::Kill);
}

#[test]
fn kills_of_the_import_of_a_workbook_lose_nothing() {
    campaign_of(|seed| {
        let (mut import, mut done) = (Import::of_workbook(seed), 0);
        for _ in 0..KILLS_PER_IMPORT {
            let (kill_time, signal) = draw(&mut import, Interruption::Kill, [RESULTS, RUN_LOG]);
            done += u64::from(import.interrupt(kill_time, signal));
        }
        import.resume_to_the_end();
        import.assert_verified();
        done
    });
}

#[test]
fn after_signals_no_row_is_sent_twice() {
    campaign(Interruption::Signals);
}

#[test]
fn power_cuts_only_repeat_what_was_lost() {
    campaign(Interruption::PowerCut);
}

/// Runs this campaign's share of all kills. Imports that end too early are followed by others. The
/// function returns how often a process was interrupted.
pub(super) fn campaign_of(mut run_import: impl FnMut(u64) -> u64) {
    let wanted = kills().div_ceil(CAMPAIGNS);
    let (mut done, mut seed) = (0, seed());
    while done < wanted {
        done += run_import(seed);
        seed = seed.wrapping_add(1);
    }
}

fn campaign(interruption: Interruption) {
    campaign_of(|seed| {
        let (mut import, mut done) = (Import::new(seed), 0);
        let legs = match interruption {
            Interruption::Kill | Interruption::Signals => KILLS_PER_IMPORT,
            // The last interruption matters: no later process can correct its effects.
            Interruption::PowerCut => import.rng.u64(1..=KILLS_PER_IMPORT),
        };
        for _ in 0..legs {
            let (kill_time, signal) = draw(&mut import, interruption, [RESULTS, RUN_LOG]);
            done += u64::from(import.interrupt(kill_time, signal));
            if interruption == Interruption::PowerCut {
                cut_power(&mut import, [RESULTS, RUN_LOG]);
            }
        }
        import.resume_to_the_end();
        if interruption == Interruption::Kill {
            import.assert_verified();
        }
        done
    });
}

/// Damages bytes that are not certainly on the disk.
pub(super) fn cut_power(
    Import { bed, rng, .. }: &mut Import,
    [results, run_log]: [&'static str; 2],
) {
    let synced = synced_lengths(&bed.bytes(run_log));
    for (name, floor) in [(results, synced.0), (run_log, synced.1)] {
        let what = damage_tail(&bed.workdir.path(name), floor, rng);
        bed.log_step(&what);
    }
}

/// When and how the next process is interrupted.
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

/// A random time, most likely within the first `calls` calls.
fn random_kill_time(calls: u64, [results, run_log]: [&'static str; 2], rng: &mut Rng) -> KillTime {
    /// Times from the start to the first request, and well into the run, in microseconds.
    const STARTING: u64 = 60_000;
    const RUNNING: u64 = 250_000;
    /// The approximate length of a line of the results.
    const LINE: u64 = 100;
    match rng.u32(..10) {
        0..2 => KillTime::Elapsed(Duration::from_micros(rng.u64(..STARTING))),
        2..4 => KillTime::Elapsed(Duration::from_micros(rng.u64(..RUNNING))),
        4..8 => KillTime::Requests(rng.u64(1..=calls)),
        8 => KillTime::Grown(results, rng.u64(1..=calls * LINE)),
        _ => KillTime::Grown(run_log, rng.u64(1..200)),
    }
}
