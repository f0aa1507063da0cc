//! The effect of a power cut on a file: its last bytes are lost or become zeros. Synced bytes stay,
//! because an honest disk keeps them.

use std::{fs::OpenOptions, os::unix::fs::FileExt as _, path::Path};

use fastrand::Rng;
use serde_json::Value;

/// Maximum number of lost bytes.
const MAX_LOST: u64 = 4_096;

/// The length of a line or two.
const SMALL: u64 = 120;

/// Cuts or zeroes some of the last bytes, but none below the floor. Returns a description.
pub(super) fn damage_tail(path: &Path, floor: u64, rng: &mut Rng) -> String {
    let name = path.file_name().unwrap_or_default().display();
    let Ok(file) = OpenOptions::new().write(true).open(path) else {
        return format!("  {name} is not there to be damaged");
    };
    let length = file.metadata().unwrap().len();
    let bytes = match rng.u32(..3) {
        0 => rng.u64(1..=SMALL),
        1 => rng.u64(1..=MAX_LOST),
        _ => MAX_LOST,
    };
    let left = length.saturating_sub(bytes).max(floor).min(length);
    let what = if rng.bool() {
        file.set_len(left).unwrap();
        "an incomplete last line was removed"
    } else {
        let zeros = vec![0; usize::try_from(length - left).unwrap()];
        file.write_all_at(&zeros, left).unwrap();
        "is zeroed"
    };
    format!("  {name}, {length} bytes, {what} from {left} on; {floor} are synced")
}

/// The lengths of the results and of the run log that are certainly on the disk.
pub(super) fn synced_lengths(run_log: &[u8]) -> (u64, u64) {
    let (mut results, mut own, mut length) = (0, 0, 0);
    for line in run_log.split_inclusive(|byte| *byte == b'\n') {
        let Ok(event) = serde_json::from_slice::<Value>(line) else {
            break;
        };
        length += line.len() as u64;
        results = event["synced"]["length"].as_u64().unwrap_or(results);
        if ["begun", "resumed", "ended", "absent", "before"]
            .iter()
            .any(|name| event.get(name).is_some())
        {
            own = length;
        }
    }
    (results, own)
}

#[test]
fn damage_spares_synced_bytes_and_little_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (mut cut, mut zeroed, mut all) = (0, 0, 0);
    for seed in 0..300 {
        std::fs::write(&path, [7; 5_000]).unwrap();
        damage_tail(&path, 3_000, &mut Rng::with_seed(seed));
        let bytes = std::fs::read(&path).unwrap();
        let kept = bytes.iter().take_while(|byte| **byte == 7).count();
        assert!((3_000..5_000).contains(&kept), "{kept}");
        assert!(bytes[kept..].iter().all(|byte| *byte == 0));
        cut += u32::from(bytes.len() < 5_000);
        zeroed += u32::from(bytes.len() == 5_000);
        all += u32::from(kept == 3_000);
    }
    assert!(
        cut > 50 && zeroed > 50 && (100..250).contains(&all),
        "{cut} {zeroed} {all}"
    );
}

#[test]
fn the_last_mark_in_the_run_log_is_the_synced_length() {
    let begun = "{\"begun\":{}}\n{\"absent\":[[1,9]]}\n{\"before\":[]}\n";
    let synced =
        "{\"synced\":{\"length\":7,\"crc32\":1}}\n{\"synced\":{\"length\":9,\"crc32\":1}}\n";
    let torn = "{\"handed_out\":3}\n{\"synced\":{\"length\":99}";
    let length = begun.len() as u64;
    assert_eq!(synced_lengths(b""), (0, 0));
    assert_eq!(synced_lengths(begun.as_bytes()), (0, length));
    let whole = format!("{begun}{synced}{torn}");
    assert_eq!(synced_lengths(whole.as_bytes()), (9, length));
    let resumed = format!("{begun}{synced}{{\"resumed\":{{}}}}\n");
    assert_eq!(
        synced_lengths(resumed.as_bytes()),
        (9, resumed.len() as u64)
    );
}
