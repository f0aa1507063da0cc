//! Where files of keys are, who may read them, and what they say about people.

use std::fs::File;

use super::*;
use crate::{
    account::AccountId,
    keys::{KeyFileLocation, key_file::KeyFile, key_hash::KeyHasher},
};

#[test]
fn a_file_holds_no_key() {
    let key = email("anna.meier@example.com");
    let (_folder, bytes) = KeyFolder::with(&[(key, KeyAnswer::Found(id(351)))]);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for part in ["anna", "meier", "example", "contacts", "email"] {
        assert!(!text.contains(part), "{part}: {text:?}");
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_file() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let folder = KeyFolder::new();
    let store = KeyStore::create(&folder.path()).unwrap();
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(store);

    let temporary = KeyFile::temporary(folder.0.path()).unwrap();
    let names = temporary.file.metadata().unwrap().nlink();
    assert_eq!(names, 0, "no other user can open it");
}

#[test]
fn a_temporary_file_answers_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = KeyStore::temporary(folder.path()).unwrap();
    let answers = all_kinds();
    store.insert_all(&answers).unwrap();
    store.sync().unwrap();
    assert_eq!(known(&store, &answers), first(5, &answers));
    store.remove().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_new_run_knows_nothing_of_an_earlier_one() {
    let answers = all_kinds();
    let (folder, bytes) = KeyFolder::with(&answers);
    let store = KeyStore::create(&folder.path()).unwrap();
    assert_eq!(known(&store, &answers), first(0, &answers));
    assert_ne!(
        fs::read(folder.path()).unwrap()[..],
        bytes[..32],
        "a new secret"
    );
}

#[test]
fn answers_of_another_account_are_never_given() {
    let account = |number| Some(AccountId::new(number));
    let folder = KeyFolder::new();
    let answers = all_kinds();
    let mut store = KeyStore::create(&folder.path())
        .unwrap()
        .for_account(account(62_515));
    store.insert_all(&answers).unwrap();
    drop(store);
    for (now, count) in [(None, 0), (account(62_516), 0), (account(62_515), 5)] {
        let store = folder.open(KeyReuse::All).for_account(now);
        assert_eq!(known(&store, &answers), first(count, &answers), "{now:?}");
    }
}

#[test]
fn a_file_that_is_no_longer_needed_is_deleted() {
    let (folder, _) = KeyFolder::with(&all_kinds());
    let store = folder.open(KeyReuse::All);
    store.remove().unwrap();
    assert!(!folder.path().exists());

    let store = KeyStore::create(&folder.path()).unwrap();
    fs::remove_file(folder.path()).unwrap();
    store.remove().unwrap();
}

#[test]
fn another_file_in_its_place_is_never_touched() {
    let folder = KeyFolder::new();
    let path = folder.path();
    for content in ["-----BEGIN PRIVATE KEY-----", "hubkex"] {
        fs::write(&path, content).unwrap();
        for refused in [
            KeyStore::open(&path, KeyReuse::All),
            KeyStore::create(&path),
        ] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(
                    error_text(refused, folder.0.path()),
                    @"DIR/links.results.csv.keys should hold what a run knows of keys but is another file, and is never overwritten; move it away, or choose another file (-o)"
                );
            }
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    insta::assert_snapshot!(
        error_text(KeyStore::create(&path), folder.0.path()),
        @"DIR/links.results.csv.keys is a symbolic link or not a file; give the path of the file itself, or choose another file (-o)"
    );
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let (target, bytes) = KeyFolder::with(&all_kinds());
    let folder = KeyFolder::new();
    std::os::unix::fs::symlink(target.path(), folder.path()).unwrap();
    for refused in [
        KeyStore::open(&folder.path(), KeyReuse::All),
        KeyStore::create(&folder.path()),
    ] {
        let text = error_text(refused, folder.0.path());
        assert!(text.contains("is a symbolic link"), "{text}");
    }
    assert_eq!(fs::read(target.path()).unwrap(), bytes);
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let folder = KeyFolder::new();
    let missing = folder.0.path().join("missing");
    let beside = KeyStore::create(&missing.join("links.results.csv.keys"));
    insta::assert_snapshot!(
        error_text(beside, folder.0.path()),
        @"DIR/missing/links.results.csv.keys cannot be created, because its folder does not exist; create the folder, or choose another file (-o)"
    );
    let temporary = KeyStore::temporary(&missing);
    insta::assert_snapshot!(
        error_text(temporary, folder.0.path()),
        @"no temporary file can be created in DIR/missing: No such file or directory (os error 2); set TMPDIR (on Windows: TMP) to another folder"
    );
}

/// A store in this file, at `location`.
fn store_in(file: File, location: KeyFileLocation) -> KeyStore {
    KeyStore::empty(KeyFile {
        file,
        location,
        hasher: KeyHasher::new(&[7; 16]),
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let folder = Path::new("DIR");
    let beside = KeyFileLocation::BesideResults(folder.join("links.results.csv.keys"));
    let temporary = KeyFileLocation::TemporaryIn(folder.to_owned());
    let texts = [beside, temporary].map(|location| {
        let full = File::options().read(true).write(true).open("/dev/full");
        let mut store = store_in(full.unwrap(), location);
        let error = store.insert_all(&all_kinds()).unwrap_err();
        assert!(error.is_write_failure(), "{error:?}");
        messages::key_store(&error)
    });
    insta::assert_snapshot!(texts.join("\n"), @r"
    DIR/links.results.csv.keys could not be written: No space left on device (os error 28); check that the disk works and has free space, then resume the run
    a temporary file in DIR could not be written: No space left on device (os error 28); free some space there, or set TMPDIR (on Windows: TMP) to another folder
    ");
}

#[test]
fn nothing_is_known_that_was_not_written() {
    let answers = all_kinds();
    let folder = KeyFolder::new();
    let location = KeyFileLocation::BesideResults(folder.path());
    fs::write(folder.path(), "").unwrap();
    let cannot_be_written = File::open(folder.path()).unwrap();
    let mut store = store_in(cannot_be_written, location);
    store.insert_all(&answers).unwrap_err();
    assert_eq!(known(&store, &answers), first(0, &answers));
}

#[test]
fn keys_with_one_fingerprint_have_their_own_answers() {
    let answers = [
        (email("68358"), KeyAnswer::Found(id(1))),
        (email("102825"), KeyAnswer::Found(id(2))),
    ];
    let hasher = KeyHasher::new(&[7; 16]);
    let fingerprints = answers
        .each_ref()
        .map(|(key, _)| hasher.hash(None, key).fingerprint());
    assert_eq!(fingerprints[0], fingerprints[1]);

    let location = KeyFileLocation::TemporaryIn(PathBuf::new());
    let mut store = store_in(tempfile::tempfile().unwrap(), location);
    store.insert_all(&answers[..1]).unwrap();
    assert_eq!(known(&store, &answers), first(1, &answers));
    store.insert_all(&answers[1..]).unwrap();
    assert_eq!(known(&store, &answers), first(2, &answers));
    // Each is replaced where it is.
    let swapped = [0, 1].map(|at| (answers[at].0.clone(), answers[1 - at].1.clone()));
    store.insert_all(&swapped).unwrap();
    assert_eq!(known(&store, &swapped), first(2, &swapped));
}
