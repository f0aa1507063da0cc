//! Reads a header by the usual names of its columns, if they can mean only one thing.
//!
//! Pure: names in, indexes out. Used only where columns have no names of this program's own and
//! none were given. What has two meanings is not read.

use super::{
    definition_source::{self, DefinitionSource, TypeSource, TypeSources},
    link_columns::{RowColumns, SideColumn},
    options::InputOptions,
    usual_names::{UsualName, is_untyped},
};

/// Finds the columns. `named` are those of from and to that the header has by a name that was
/// given, or by this program's own.
pub(super) fn find(
    header: &[String],
    line: u64,
    options: &InputOptions,
    named: [Option<SideColumn>; 2],
) -> Option<RowColumns> {
    let columns = UsualColumns::new(header);
    let is_named = |i: usize| named.iter().flatten().any(|column| column.index == i);
    // Then the other columns may be about the records of that column.
    let is_other_id = |&i: &usize| is_untyped(&header[i]) && !is_named(i);
    if (0..header.len()).any(|i| is_other_id(&i)) {
        return None;
    }
    match named {
        [Some(_), Some(_)] => None,
        [None, None] if definition_source::is_unstated(header, options) => columns.pair(),
        named => {
            let source = definition_source::find(header, line, options).ok()?;
            let [from, to] = columns.of_types(source.object_types(), named)?;
            Some(RowColumns { from, to, source })
        }
    }
}

/// The columns of a header whose names say that they have ids of records.
struct UsualColumns(Vec<(usize, UsualName)>);

impl UsualColumns {
    fn new(header: &[String]) -> Self {
        let named = |(i, cell): (usize, &String)| Some((i, UsualName::parse(cell)?));
        Self(header.iter().enumerate().filter_map(named).collect())
    }

    /// The only two columns, with their object types. Unlabeled associations are the same in both
    /// directions, so it does not matter which of them is from.
    fn pair(&self) -> Option<RowColumns> {
        let &[(from, from_name), (to, to_name)] = self.0.as_slice() else {
            return None;
        };
        // What is primary would get lost without a label.
        let is_primary = from_name.is_primary || to_name.is_primary;
        let types = TypeSources {
            from: TypeSource::ForAllRows(from_name.object_type),
            to: TypeSource::ForAllRows(to_name.object_type),
            label: None,
        };
        (!is_primary && may_be_linked(from_name, to_name)).then_some(RowColumns {
            from: SideColumn::of_ids(from),
            to: SideColumn::of_ids(to),
            source: DefinitionSource::Types(types),
        })
    }

    /// The columns of records of these types, unless they are named.
    fn of_types(
        &self,
        types: [Option<&'static str>; 2],
        named: [Option<SideColumn>; 2],
    ) -> Option<[SideColumn; 2]> {
        let only = |object_type: Option<&'static str>| {
            let (index, _) = self.only(object_type?)?;
            Some(SideColumn::of_ids(index))
        };
        match named {
            [None, None] => {
                let (from, from_name) = self.only(types[0]?)?;
                let (to, to_name) = self.only(types[1]?)?;
                let columns = [from, to].map(SideColumn::of_ids);
                may_be_linked(from_name, to_name).then_some(columns)
            }
            [Some(from), None] => Some([from, only(types[1])?]),
            [None, Some(to)] => Some([only(types[0])?, to]),
            [Some(_), Some(_)] => None,
        }
        .filter(|[from, to]| from.index != to.index)
    }

    /// The only column with records of this type.
    fn only(&self, object_type: &str) -> Option<(usize, UsualName)> {
        let is_of_type = |(_, name): &&(usize, UsualName)| name.object_type == object_type;
        let mut columns = self.0.iter().filter(is_of_type);
        let only = columns.next().copied();
        only.filter(|_| columns.next().is_none())
    }
}

/// Whether a row links the records of two such columns. Two columns of associated records both
/// belong to a third record.
fn may_be_linked(from: UsualName, to: UsualName) -> bool {
    from.object_type != to.object_type && !(from.is_associated && to.is_associated)
}
