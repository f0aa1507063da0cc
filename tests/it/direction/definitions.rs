//! An independent reader of the definition tables.

use std::collections::BTreeSet;

use hubassoc::hubspot::ApiVersion;

/// One definition.
#[derive(Clone, Debug)]
pub(super) struct DefinitionLine {
    pub(super) id: u32,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The definition of the inverse direction.
    pub(super) inverse: Option<u32>,
}

pub(super) fn definition_lines(api_version: ApiVersion) -> Vec<DefinitionLine> {
    let table = if api_version == ApiVersion::V1 {
        include_str!("../../../src/tables/v1.tsv")
    } else {
        include_str!("../../../src/tables/2026-09.tsv")
    };
    let line = |line: &'static str| {
        let cells: Vec<_> = line.split('\t').collect();
        DefinitionLine {
            id: cells[0].parse().unwrap(),
            from: cells[1],
            to: cells[2],
            inverse: cells[6].parse().ok(),
        }
    };
    table.lines().skip(1).map(line).collect()
}

impl DefinitionLine {
    /// A link with this definition, in both directions.
    pub(super) fn links(&self, (from, to): (u64, u64)) -> BTreeSet<String> {
        let (one, other) = (self.from, self.to);
        let here = link_text((one, from), (other, to), self.id);
        let there = self
            .inverse
            .map(|inverse| link_text((other, to), (one, from), inverse));
        std::iter::once(here).chain(there).collect()
    }
}

/// A link from one record to another.
pub(super) fn link_text(from: (&str, u64), to: (&str, u64), definition: u32) -> String {
    format!(
        "{} {} -> {} {} under {definition}",
        from.0, from.1, to.0, to.1
    )
}
