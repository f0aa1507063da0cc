//! Files that were torn, damaged, changed or written by another version.

use super::*;

#[test]
fn a_file_that_was_torn_anywhere_has_the_whole_entries_before_it() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let ends = ends(&answers);
    for length in 0..=bytes.len() {
        let mut store = folder.open_as(&bytes[..length]);
        let whole = whole_before(&ends, length);
        assert_eq!(known(&store, &answers), first(whole, &answers), "{length}");
        // What follows is written where the whole entries end.
        store.insert_all(&answers[whole..]).unwrap();
        let store = folder.open(KeyReuse::All);
        assert_eq!(known(&store, &answers), first(5, &answers), "{length}");
        if length >= ends[0] {
            assert_eq!(fs::read(folder.path()).unwrap(), bytes);
        }
    }
}

#[test]
fn a_torn_or_damaged_end_is_cut_off() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let ends = ends(&answers);
    let mut damaged = bytes.clone();
    damaged[ends[2] + 9] ^= 1;
    for (bytes, whole) in [(&bytes[..ends[4] - 1], 3), (&damaged, 2)] {
        let store = folder.open_as(bytes);
        assert_eq!(known(&store, &answers), first(whole, &answers));
        let left = fs::metadata(folder.path()).unwrap().len();
        assert_eq!(left, ends[whole] as u64);
    }
}

#[test]
fn no_flipped_bit_or_zeroed_block_gives_another_answer() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let ends = ends(&answers);
    let check = |damaged: &[u8], at: usize| {
        let whole = whole_before(&ends, at);
        let store = folder.open_as(damaged);
        assert_eq!(known(&store, &answers), first(whole, &answers), "byte {at}");
    };
    // Without its name, it would be another file.
    for at in 7..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            check(&damaged, at);
        }
    }
    for at in (ends[0]..bytes.len()).step_by(16) {
        let mut damaged = bytes.clone();
        let first_change = (at..at + 16).find(|at| damaged[*at] != 0);
        damaged[at..at + 16].fill(0);
        if let Some(at) = first_change {
            check(&damaged, at);
        }
    }
}

#[test]
fn an_entry_counts_only_where_it_was_written_and_in_its_file() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let (_other, others) = KeyFolder::with(&answers);
    let start = ends(&answers)[0];
    let moved = [&bytes[..start], &bytes[ends(&answers)[1]..]].concat();
    let mixed = [&bytes[..start], &others[start..]].concat();
    for bytes in [moved, mixed] {
        let store = folder.open_as(&bytes);
        assert_eq!(known(&store, &answers), first(0, &answers));
        assert_eq!(fs::metadata(folder.path()).unwrap().len(), start as u64);
    }
}

#[test]
fn a_file_of_another_version_or_without_a_whole_header_is_replaced() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let mut version_2 = bytes.clone();
    version_2[7] = b'2';
    let mut secret = bytes.clone();
    secret[8] ^= 1;
    let mut check = bytes.clone();
    check[31] ^= 1;
    let unwritten = vec![0; bytes.len()];
    for bytes in [version_2, secret, check, unwritten] {
        let mut store = folder.open_as(&bytes);
        assert_eq!(known(&store, &answers), first(0, &answers));
        let new = fs::read(folder.path()).unwrap();
        assert_eq!(&new[..8], b"hubkeys1");
        assert_eq!(new.len(), ends(&answers)[0]);
        assert_ne!(new[8..24], bytes[8..24], "a new secret");
        store.insert_all(&answers).unwrap();
        let store = folder.open(KeyReuse::All);
        assert_eq!(known(&store, &answers), first(5, &answers));
    }
}

#[test]
fn a_file_that_was_changed_while_it_was_in_use_is_an_error() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let start = ends(&answers)[0];
    // Its hash is still that of the key.
    let mut other_id = bytes.clone();
    other_id[start + 24] ^= 1;
    for changed in [&bytes[..start], &other_id] {
        let store = folder.open_as(&bytes);
        fs::write(folder.path(), changed).unwrap();
        let error = store.get(&answers[0].0).unwrap_err();
        assert!(error.is_write_failure(), "{error:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                error_text(Err::<(), _>(error), folder.0.path()),
                @"another program changed DIR/links.results.csv.keys while the run was using it; delete it and resume the run, which looks up its keys again"
            );
        }
    }
}

/// How many entries end at this byte or before it.
fn whole_before(ends: &[usize], at: usize) -> usize {
    ends[1..].iter().filter(|end| **end <= at).count()
}

/// Where the entries of these answers begin, and the last one ends.
fn ends(answers: &[(RecordKey, KeyAnswer)]) -> Vec<usize> {
    let lengths = (0..=answers.len()).map(|count| KeyFolder::with(&answers[..count]).1.len());
    lengths.collect()
}
