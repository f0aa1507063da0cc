//! The associations that exist when the sandbox starts, read from a file with the columns of an
//! import.
//!
//! Knows nothing of requests. The link store keeps the associations.

use std::path::Path;

use super::{
    association_input::record_id,
    catalogue::{Catalogue, TypePair},
    error::SandboxError,
    links::{LinkStore, RecordPair},
    merged_ids::MergedIds,
    object::ObjectType,
};
use crate::{
    association::{AssociationType, Category, Definition, RecordId},
    tables::{v1, v2026_09},
};

/// The columns, in the order of [`LinkColumns`].
const FROM: &str = "from_object_id";
const TO: &str = "to_object_id";
const DEFINITION: &str = "definition_id";
const FROM_TYPE: &str = "from_object_type";
const TO_TYPE: &str = "to_object_type";
const LABEL: &str = "label";

/// Adds the associations of a file, in its order.
pub(super) fn read(
    path: &Path,
    catalogue: &Catalogue,
    merged: &MergedIds,
    links: &mut LinkStore,
) -> Result<(), SandboxError> {
    let unreadable = |source| SandboxError::LinksFile {
        path: path.to_owned(),
        source,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let columns =
        LinkColumns::of(&header).ok_or_else(|| SandboxError::LinksColumns(path.to_owned()))?;
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |problem| SandboxError::LinksLine {
            path: path.to_owned(),
            line,
            problem,
        };
        let (ends, association_type) = columns.link_type(&record, catalogue).map_err(wrong)?;
        let id = |column, object_type| current_record_id(record.get(column), object_type, merged);
        let (from, to) = id(columns.from, ends.0)
            .zip(id(columns.to, ends.1))
            .ok_or_else(|| wrong("an id is no positive whole number".to_owned()))?;
        links.add(RecordPair { ends, from, to }, &[association_type]);
    }
    Ok(())
}

/// The current id of the record in this cell.
fn current_record_id(
    cell: Option<&str>,
    object_type: ObjectType,
    merged: &MergedIds,
) -> Option<RecordId> {
    let number = cell?.parse().ok()?;
    record_id(merged.current_id(object_type, number))
}

/// The positions of the columns.
struct LinkColumns {
    from: usize,
    to: usize,
    link_type: LinkTypeColumns,
}

/// The columns that say which association type a line has.
enum LinkTypeColumns {
    Definition(usize),
    Types {
        from: usize,
        to: usize,
        label: Option<usize>,
    },
}

impl LinkColumns {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let column = |name: &str| {
            header.iter().position(|cell| {
                let cell = cell.trim_start_matches('\u{feff}');
                cell.eq_ignore_ascii_case(name)
            })
        };
        let link_type = match column(DEFINITION) {
            Some(definition) => LinkTypeColumns::Definition(definition),
            None => LinkTypeColumns::Types {
                from: column(FROM_TYPE)?,
                to: column(TO_TYPE)?,
                label: column(LABEL),
            },
        };
        Some(Self {
            from: column(FROM)?,
            to: column(TO)?,
            link_type,
        })
    }

    /// The object types and the association type of a line.
    fn link_type(
        &self,
        record: &csv::StringRecord,
        catalogue: &Catalogue,
    ) -> Result<(TypePair, AssociationType), String> {
        let cell = |column: usize| record.get(column).unwrap_or_default();
        match self.link_type {
            LinkTypeColumns::Definition(column) => {
                let text = cell(column);
                let association_type = parse_association_type(text)
                    .and_then(|association_type| catalogue.get(association_type));
                let known =
                    association_type.ok_or_else(|| format!("'{text}' is no association type"))?;
                Ok((known.ends, known.association_type))
            }
            LinkTypeColumns::Types { from, to, label } => {
                let end = |text: &str| {
                    let known = catalogue.object_type(text);
                    known.ok_or_else(|| format!("'{text}' is no object type"))
                };
                let ends = (end(cell(from))?, end(cell(to))?);
                let label = label.map(cell).unwrap_or_default();
                let association_type = catalogue.labelled(ends, label);
                let association_type = association_type
                    .ok_or_else(|| format!("there is no label '{label}' between these"))?;
                Ok((ends, association_type))
            }
        }
    }
}

/// Parses a type: its id, the name of its definition, or `USER_DEFINED=26`.
fn parse_association_type(text: &str) -> Option<AssociationType> {
    let of_hubspot = |id| AssociationType {
        category: Category::HubSpotDefined,
        id,
    };
    let named = || {
        let known = v2026_09::table()
            .parse(text)
            .or_else(|_| v1::table().parse(text));
        known.ok().map(Definition::association_type)
    };
    let number = text.parse().ok().map(of_hubspot);
    number.or_else(|| text.parse().ok()).or_else(named)
}
