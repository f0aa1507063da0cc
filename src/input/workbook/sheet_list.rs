//! The sheets of a workbook: their names, and which one is read.

use super::{
    number::DateSystem,
    package::{Package, Relationship},
    sheet::SheetReader,
    xml::{XmlElement, XmlPiece},
};
use crate::input::workbook_fault::WorkbookFault;

/// A sheet with cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// The part with its cells.
    pub(super) part: String,
}

/// What the part of the workbook says.
pub(super) struct SheetList {
    pub(super) sheets: Vec<Sheet>,
    pub(super) date_system: DateSystem,
    /// The part with the shared texts.
    pub(super) shared_strings: Option<String>,
    /// The part with the styles.
    pub(super) styles: Option<String>,
}

impl SheetList {
    /// Reads it from the part of the workbook. Charts and macros are not listed.
    pub(super) fn read(package: &Package, part: &str) -> Result<Self, WorkbookFault> {
        let relationships = package.relationships(part)?;
        let target = |kind: &str| {
            let mut of_kind = relationships.iter().filter(|to| to.kind == kind);
            of_kind.next().map(|to| to.target.clone())
        };
        let mut list = Self {
            sheets: Vec::new(),
            date_system: DateSystem::default(),
            shared_strings: target("sharedStrings"),
            styles: target("styles"),
        };
        let mut xml = package.xml(part)?;
        loop {
            match xml.next()? {
                XmlPiece::Start(element) | XmlPiece::Empty(element) => match element.name() {
                    "sheet" => list.sheets.extend(sheet(&element, &relationships)?),
                    "workbookPr" => list.date_system = date_system(&element)?,
                    _ => {}
                },
                XmlPiece::Eof => return Ok(list),
                XmlPiece::End | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
    }

    /// The sheet to read: the one with this name, or the only visible one with rows.
    pub(super) fn choose(
        &self,
        package: &Package,
        name: Option<&str>,
    ) -> Result<&Sheet, WorkbookFault> {
        if let Some(name) = name {
            return self.named(name);
        }
        let mut with_rows = Vec::new();
        for sheet in self.sheets.iter().filter(|sheet| !sheet.is_hidden) {
            if SheetReader::has_cells(package, &sheet.part)? {
                with_rows.push(sheet);
            }
        }
        match with_rows.as_slice() {
            [] => Err(WorkbookFault::NoRows),
            [sheet] => Ok(sheet),
            several => Err(WorkbookFault::SeveralSheets(
                several.iter().map(|sheet| sheet.name.clone()).collect(),
            )),
        }
    }

    /// The sheet with this name. No two sheets have names that differ only in case.
    fn named(&self, name: &str) -> Result<&Sheet, WorkbookFault> {
        let wanted = name.to_lowercase();
        let mut sheets = self.sheets.iter();
        let found = sheets.find(|sheet| sheet.name.to_lowercase() == wanted);
        found.ok_or_else(|| WorkbookFault::UnknownSheet {
            name: name.to_owned(),
            sheets: self.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        })
    }
}

fn sheet(
    element: &XmlElement<'_>,
    relationships: &[Relationship],
) -> Result<Option<Sheet>, WorkbookFault> {
    let (Some(name), Some(id)) = (element.attribute("name")?, element.relationship()?) else {
        return Ok(None);
    };
    let state = element.attribute("state")?;
    let is_sheet = |to: &&Relationship| to.id == id && to.kind == "worksheet";
    Ok(relationships.iter().find(is_sheet).map(|to| Sheet {
        name: name.into_owned(),
        is_hidden: state.is_some_and(|state| state != "visible"),
        part: to.target.clone(),
    }))
}

fn date_system(element: &XmlElement<'_>) -> Result<DateSystem, WorkbookFault> {
    let from_1904 = element.attribute("date1904")?;
    Ok(match from_1904.as_deref() {
        Some("1" | "true" | "on") => DateSystem::From1904,
        Some(_) | None => DateSystem::From1900,
    })
}
