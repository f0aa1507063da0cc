//! `types`: lists the association definitions, as a table or as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    error::AppError,
    print::{JSON_VERSION, print, print_json},
};
use crate::{
    association::{DefinitionInfo, object_type, show_unknown_object_type},
    cli::{OutputFormat, TypesArgs},
    exit::ExitCode,
    messages,
};

/// Names are padded to this width, or to the longest name.
const NAME_CHARS: usize = 32;

/// Prints the definitions from and to the named object types.
pub(super) fn types(args: &TypesArgs) -> Result<ExitCode, AppError> {
    let infos = args.api.definitions().all();
    let parse_type = |name: &String| {
        object_type(name)
            .filter(|name| infos.iter().any(|info| [info.from, info.to].contains(name)))
            .ok_or_else(|| {
                let name = show_unknown_object_type(name, NAME_CHARS);
                AppError::UnknownType(name, messages::list_types(args.api.name()))
            })
    };
    let from = args.from.as_ref().map(parse_type).transpose()?;
    let to = args.to.as_ref().map(parse_type).transpose()?;
    let is_wanted = |info: &&DefinitionInfo| {
        from.is_none_or(|from| info.from == from) && to.is_none_or(|to| info.to == to)
    };
    let wanted: Vec<_> = infos.iter().filter(is_wanted).collect();
    match args.output.format {
        OutputFormat::Text => print(table(&wanted).as_bytes()),
        OutputFormat::Json => print_json(&TypesDocument::new(args.api.name(), &wanted)),
    }
    .map(|()| ExitCode::Success)
}

/// The definitions as a table.
fn table(wanted: &[&DefinitionInfo]) -> String {
    let longest = wanted.iter().map(|info| info.names.name.len()).max();
    let width = longest.unwrap_or_default().max(NAME_CHARS);
    let mut table = format!("{:>4}  {:<width$}  {}\n", "ID", "NAME", "LINKS");
    for info in wanted {
        let (id, name) = (info.association_type.id, &info.names.name);
        let (from, to) = (info.from_singular(), info.to_singular());
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{id:>4}  {name:<width$}  {from} → {to}{}",
            note(info)
        );
    }
    table
}

/// The definitions as a program reads them.
#[derive(Debug, Serialize)]
struct TypesDocument {
    version: u32,
    command: &'static str,
    api: &'static str,
    definitions: Vec<DefinitionFields>,
}

/// A definition.
#[derive(Debug, Serialize)]
struct DefinitionFields {
    id: u32,
    category: &'static str,
    name: String,
    description: &'static str,
    from: &'static str,
    to: &'static str,
    sets_primary: bool,
    documented: bool,
}

impl TypesDocument {
    fn new(api: &'static str, wanted: &[&DefinitionInfo]) -> Self {
        let definitions = wanted.iter().map(|info| DefinitionFields {
            id: info.association_type.id,
            category: info.association_type.category.api_name(),
            name: info.names.name.clone(),
            description: info.names.description,
            from: info.from,
            to: info.to,
            sets_primary: info.sets_primary(),
            documented: info.documented,
        });
        Self {
            version: JSON_VERSION,
            command: "types",
            api,
            definitions: definitions.collect(),
        }
    }
}

/// A remark on a definition.
fn note(info: &DefinitionInfo) -> &'static str {
    let of_company = [info.from, info.to].contains(&"companies");
    match (info.sets_primary(), info.documented) {
        (true, _) if of_company => ", sets the primary company",
        (true, _) => ", sets the primary one",
        (false, false) => ", no longer documented",
        (false, true) => "",
    }
}
