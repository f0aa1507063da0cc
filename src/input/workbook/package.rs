//! The package of a workbook: a zip archive of parts, and the relationships between them.
//!
//! Finds parts by name; does not know what is in them.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read as _, Seek as _, SeekFrom},
    sync::{Arc, atomic::AtomicU64},
};

use zip::{ZipArchive, result::ZipError};

use super::{
    part::{MAX_RATIO_KEPT, MAX_RATIO_STREAMED, PartEntry, PartReader, workbook_fault},
    xml::{XmlElement, XmlPiece, XmlReader},
};
use crate::input::{
    shared_strings::FileVersion,
    workbook_fault::{Damage, WorkbookFault},
};

/// How an entry of the directory of an archive begins, and the length of its fixed part.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;

/// The relationships of the whole package.
const ROOT_RELATIONSHIPS: &str = "_rels/.rels";

/// The parts of a package.
pub(super) struct Package {
    file: File,
    /// By name: in lower case, with `/` between folders. Names of parts ignore case.
    entries: HashMap<String, PartEntry>,
}

/// A relationship from one part to another.
#[derive(Clone, Debug)]
pub(super) struct Relationship {
    pub(super) id: String,
    /// The last part of the type's name, such as `worksheet`. What precedes it depends on the
    /// variant of the format.
    pub(super) kind: String,
    /// The name of the other part.
    pub(super) target: String,
}

impl Package {
    /// Reads the directory of the archive.
    pub(super) fn open(file: File) -> Result<Self, WorkbookFault> {
        let mut archive = ZipArchive::new(file).map_err(|error| archive_fault(&error))?;
        let mut entries = HashMap::new();
        for index in 0..archive.len() {
            let Ok(entry) = archive.by_index_raw(index) else {
                return Err(WorkbookFault::Truncated);
            };
            let Some(start) = entry.data_start() else {
                return Err(WorkbookFault::Truncated);
            };
            let name = String::from_utf8_lossy(entry.name_raw());
            let found = PartEntry {
                start,
                compressed: entry.compressed_size(),
                size: entry.size(),
                crc32: entry.crc32(),
                compression: entry.compression(),
                max_ratio: MAX_RATIO_KEPT,
            };
            entries.insert(name.replace('\\', "/").to_lowercase(), found);
        }
        let directory = archive.central_directory_start();
        let file = archive.into_inner();
        if entries.len() != count_entries(&file, directory)? {
            // Programs read one or the other.
            return Err(WorkbookFault::damaged("zip", Damage::SameName));
        }
        Ok(Self { file, entries })
    }

    /// The version of the file.
    pub(super) fn version(&self) -> Result<FileVersion, WorkbookFault> {
        let metadata = self.file.metadata().map_err(WorkbookFault::Read)?;
        Ok(FileVersion {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// Whether there is a part with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&name.to_lowercase())
    }

    /// Reads the XML of a part.
    pub(super) fn xml(&self, name: &str) -> Result<XmlReader, WorkbookFault> {
        self.open_part(name, self.entry(name)?, Arc::default())
    }

    /// Reads the XML of a part that is not kept in memory, and counts the bytes of the file.
    pub(super) fn streamed_xml(
        &self,
        name: &str,
        count: Arc<AtomicU64>,
    ) -> Result<XmlReader, WorkbookFault> {
        let entry = PartEntry {
            max_ratio: MAX_RATIO_STREAMED,
            ..*self.entry(name)?
        };
        self.open_part(name, &entry, count)
    }

    fn entry(&self, name: &str) -> Result<&PartEntry, WorkbookFault> {
        let entry = self.entries.get(&name.to_lowercase());
        entry.ok_or_else(|| WorkbookFault::MissingPart(name.to_owned()))
    }

    fn open_part(
        &self,
        name: &str,
        entry: &PartEntry,
        count: Arc<AtomicU64>,
    ) -> Result<XmlReader, WorkbookFault> {
        let file = self.file.try_clone();
        file.and_then(|file| PartReader::new(file, *entry, count))
            .and_then(|part| XmlReader::new(part, name))
            .map_err(|error| workbook_fault(name, &error))
    }

    /// The relationships of a part; none if they are not in the package.
    pub(super) fn relationships(&self, part: &str) -> Result<Vec<Relationship>, WorkbookFault> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let path = if part.is_empty() {
            ROOT_RELATIONSHIPS.to_owned()
        } else if folder.is_empty() {
            format!("_rels/{name}.rels")
        } else {
            format!("{folder}/_rels/{name}.rels")
        };
        if !self.has(&path) {
            return Ok(Vec::new());
        }
        let mut xml = self.xml(&path)?;
        let mut found = Vec::new();
        loop {
            match xml.next()? {
                XmlPiece::Start(element) | XmlPiece::Empty(element)
                    if element.name() == "Relationship" =>
                {
                    found.extend(relationship(&element, folder)?);
                }
                XmlPiece::Eof => return Ok(found),
                XmlPiece::Start(_)
                | XmlPiece::Empty(_)
                | XmlPiece::End
                | XmlPiece::Text(_)
                | XmlPiece::Other => {}
            }
        }
    }

    /// The name of the part with the workbook.
    pub(super) fn workbook_part(&self) -> Result<Option<String>, WorkbookFault> {
        let root = self.relationships("")?;
        let related = root.into_iter().find(|to| to.kind == "officeDocument");
        let part = related.map_or_else(|| "xl/workbook.xml".to_owned(), |to| to.target);
        Ok(self.has(&part).then_some(part))
    }
}

/// `None` for a relationship that leads out of the package, such as a link to a page.
fn relationship(
    element: &XmlElement<'_>,
    folder: &str,
) -> Result<Option<Relationship>, WorkbookFault> {
    let attribute = |name| element.attribute(name);
    if attribute("TargetMode")?.is_some_and(|mode| mode == "External") {
        return Ok(None);
    }
    let (Some(id), Some(kind), Some(target)) =
        (attribute("Id")?, attribute("Type")?, attribute("Target")?)
    else {
        return Ok(None);
    };
    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Some(Relationship {
        id: id.into_owned(),
        kind,
        target: resolve(folder, &target),
    }))
}

/// The name of the part that a target means: relative to a folder, or absolute.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let base = if target.starts_with('/') { "" } else { folder };
    let mut names: Vec<&str> = Vec::new();
    for name in base.split('/').chain(target.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

/// The number of entries in the directory of an archive, which may have several of one name.
fn count_entries(mut file: &File, directory: u64) -> Result<usize, WorkbookFault> {
    file.seek(SeekFrom::Start(directory))
        .map_err(WorkbookFault::Read)?;
    let mut entries = BufReader::new(file);
    let mut count = 0;
    let mut entry = [0; ENTRY_BYTES];
    while entries.read_exact(&mut entry).is_ok() && entry.starts_with(ENTRY_MARK) {
        // The lengths of the name, of extra fields and of a comment, which follow.
        let length = |at: usize| i64::from(u16::from_le_bytes([entry[at], entry[at + 1]]));
        let rest = length(28) + length(30) + length(32);
        entries.seek_relative(rest).map_err(WorkbookFault::Read)?;
        count += 1;
    }
    Ok(count)
}

fn archive_fault(error: &ZipError) -> WorkbookFault {
    if let ZipError::Io(error) = error
        && error.kind() != io::ErrorKind::UnexpectedEof
    {
        return WorkbookFault::Read(io::Error::new(error.kind(), error.to_string()));
    }
    WorkbookFault::Truncated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_relative_to_the_folder_or_absolute() {
        for (folder, target, part) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl", "./styles.xml", "xl/styles.xml"),
            ("xl/a", "../b\\c.xml", "xl/b/c.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("xl", "../../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(resolve(folder, target), part, "{target}");
        }
    }
}
