//! Shared test helpers: a scripted API on the paused clock, a private directory with a scrubbed
//! environment, and servers that keep the rules or break them.

pub(crate) mod checkup;
pub(crate) mod dated_responses;
pub(crate) mod exposition;
pub(crate) mod fake_hubspot;
pub(crate) mod killed_run;
pub(crate) mod linked_api;
pub(crate) mod linked_run;
pub(crate) mod quota_reset;
pub(crate) mod quota_server;
pub(crate) mod raw_server;
pub(crate) mod run_result;
pub(crate) mod running;
pub(crate) mod sample_files;
pub(crate) mod sandbox;
pub(crate) mod scripted_api;
pub(crate) mod scripted_calls;
pub(crate) mod terminal;
pub(crate) mod unavailable;
pub(crate) mod verdicts;
pub(crate) mod workdir;

use hubassoc::{
    association::{Association, RecordId},
    row::Row,
    row_cells::RowCells,
    tables::v1,
};

/// What a row asks for: from, to, definition.
pub(crate) type Link = (u64, u64, u32);

/// A row without cells.
pub(crate) fn row(number: u64, ids: Link) -> Row {
    Row {
        number,
        line: number + 1,
        cells: RowCells::default(),
        link: Ok(link(ids).into()),
        origin: None,
    }
}

/// The link as an association.
pub(crate) fn link((from, to, definition): Link) -> Association {
    let id = |id| RecordId::new(id).unwrap();
    Association {
        from: id(from),
        to: id(to),
        definition: v1::table().definition(definition).unwrap(),
    }
}

/// A file with one link from contact n to company 7 for every n in `from`.
pub(crate) fn links(from: impl IntoIterator<Item = u64>) -> String {
    let header = "from_object_id,to_object_id,definition_id\n".to_owned();
    let rows = from.into_iter().map(|from| format!("{from},7,1\n"));
    header + &rows.collect::<String>()
}
