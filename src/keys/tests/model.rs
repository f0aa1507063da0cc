//! A store of keys answers as a map would, also after it was closed and opened again.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// What happens to a store.
#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<(u8, KeyAnswer)>),
    Reopen(KeyReuse),
}

fn answer() -> impl Strategy<Value = KeyAnswer> {
    let id = || (1..=RecordId::MAX).prop_map(id);
    prop_oneof![
        id().prop_map(KeyAnswer::Found),
        (id(), id()).prop_map(|(old, new)| KeyAnswer::Merged { old, new }),
        candidates().prop_map(KeyAnswer::Ambiguous),
        id().prop_map(KeyAnswer::Archived),
        Just(KeyAnswer::NotFound),
    ]
}

fn candidates() -> impl Strategy<Value = Candidates> {
    let time = (-1_000_000_i64..1_000_000_000_000).prop_map(|time| {
        let time = Timestamp::from_microsecond(time);
        time.unwrap()
    });
    let candidate = (
        (1..=RecordId::MAX).prop_map(id),
        proptest::option::of(".{0,40}"),
        proptest::option::of(time),
    );
    let candidate = candidate.prop_map(|(id, name, created_at)| CandidateRecord {
        id,
        name,
        created_at,
    });
    let shown = proptest::collection::vec(candidate, 0..=Candidates::SHOWN);
    (any::<u64>(), shown).prop_map(|(total, shown)| Candidates {
        oldest: shown.first().map_or(id(1), |first| first.id),
        total,
        shown,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => proptest::collection::vec((any::<u8>(), answer()), 0..20).prop_map(Step::Insert),
        1 => prop_oneof![Just(KeyReuse::All), Just(KeyReuse::FoundOnly)].prop_map(Step::Reopen),
    ]
}

/// Keys that differ in each of their parts.
fn key(n: u8) -> RecordKey {
    let object_types = ["contacts", "companies"];
    let names = ["email", "external_id"];
    RecordKey {
        property: KeyProperty {
            object_type: object_types[usize::from(n % 2)],
            name: names[usize::from(n / 2 % 2)],
        },
        value: (n / 4).to_string().into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_store_answers_as_a_map_does(
        steps in proptest::collection::vec(step(), 1..12),
    ) {
        let folder = KeyFolder::new();
        let mut store = KeyStore::create(&folder.path()).unwrap();
        // Each answer, and whether it counts whatever it is.
        let mut model = HashMap::new();
        for step in steps {
            match step {
                Step::Insert(answers) => {
                    let answers = answers.into_iter().map(|(n, answer)| (key(n), answer));
                    let answers: Vec<_> = answers.collect();
                    store.insert_all(&answers).unwrap();
                    let new = answers.into_iter().map(|(key, answer)| (key, (answer, true)));
                    model.extend(new);
                }
                Step::Reopen(reuse) => {
                    drop(store);
                    store = folder.open(reuse);
                    let earlier = model.values_mut();
                    earlier.for_each(|(_, counts)| *counts = reuse == KeyReuse::All);
                }
            }
            for key in (0..=u8::MAX).map(key) {
                let known = model.get(&key);
                let known = known.filter(|(answer, counts)| {
                    let found = matches!(answer, KeyAnswer::Found(_) | KeyAnswer::Merged { .. });
                    *counts || found
                });
                let known = known.map(|(answer, _)| answer.clone());
                prop_assert_eq!(store.get(&key).unwrap(), known);
            }
        }
    }
}

#[test]
fn many_keys_are_found_again_by_a_later_session() {
    let folder = KeyFolder::new();
    let mut store = KeyStore::create(&folder.path()).unwrap();
    let key = |n: u64| email(&format!("{n}@example.com"));
    let all: Vec<_> = (1..=20_000)
        .map(|n| (key(n), KeyAnswer::Found(id(n))))
        .collect();
    for batch in all.chunks(100) {
        store.insert_all(batch).unwrap();
    }
    for store in [
        store,
        folder.open(KeyReuse::All),
        folder.open(KeyReuse::FoundOnly),
    ] {
        assert_eq!(known(&store, &all), first(all.len(), &all));
        assert_eq!(store.get(&key(0)).unwrap(), None);
    }
}
