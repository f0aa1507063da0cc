//! `types`: the association definitions, as a table.

use std::fmt::Write as _;

use super::{AppError, print::print};
use crate::{
    association::{DefinitionInfo, all_definitions},
    cell::clean,
    cli::TypesArgs,
    exit::ExitCode,
};

/// Prints the definitions from and to the named object types.
pub(super) fn types(args: &TypesArgs) -> Result<ExitCode, AppError> {
    let wanted = |wanted: Option<&String>, actual: &str, singular: &str| {
        wanted.is_none_or(|name| {
            let name = name.to_lowercase().replace([' ', '-'], "_");
            name == actual || name == singular.replace(' ', "_")
        })
    };
    for name in [&args.from, &args.to].into_iter().flatten() {
        let known = |info: &DefinitionInfo| wanted(Some(name), info.from, info.from_singular());
        if !all_definitions().iter().any(known) {
            return Err(AppError::UnknownType(clean(name, 40)));
        }
    }
    let mut table = format!("{:>4}  {:<32}  {}\n", "ID", "NAME", "LINKS");
    for info in all_definitions() {
        if wanted(args.from.as_ref(), info.from, info.from_singular())
            && wanted(args.to.as_ref(), info.to, info.to_singular())
        {
            let (id, name) = (info.definition.get(), &info.name);
            let (from, to) = (info.from_singular(), info.to_singular());
            let note = match (info.sets_primary, info.documented) {
                (true, _) => ", sets the primary company",
                (false, false) => ", no longer documented",
                (false, true) => "",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{id:>4}  {name:<32}  {from} → {to}{note}");
        }
    }
    print(table.as_bytes()).map(|()| ExitCode::Success)
}
