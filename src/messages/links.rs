//! Sentences about links and their records: what they are today, what stands, and what is
//! done about it.

use crate::association::Association;

pub(super) fn merged(written: &Association, sent: &Association) -> String {
    let info = sent.definition.info();
    let types = info.map_or(("record", "record"), |info| {
        (info.from_singular(), info.to_singular())
    });
    let ends = [
        (types.0, written.from, sent.from),
        (types.1, written.to, sent.to),
    ];
    let merged = ends.into_iter().filter(|(_, old, new)| old != new);
    let words: Vec<_> = merged
        .map(|(kind, old, new)| format!("{kind} {old} was merged into {kind} {new}"))
        .collect();
    format!("{}; this row is about that one", words.join(", and "))
}
