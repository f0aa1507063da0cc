//! The plan log: one line of text for each row of the input, with what is to be done and the ids,
//! so that an apply does exactly this.
//!
//! Lines are in the order of the file, but a row that took long may come later. Cells are separated
//! by tabs: row, action, code, from id, to id, type, types before, replaced record, message.

use std::{
    io::{self, BufRead, Write},
    str::FromStr,
};

use ring::digest::{Context, SHA256};

use crate::{
    association::{AssociationType, RecordId},
    code::Code,
    hex::hex,
    plan_action::{LinksBefore, PlanAction},
};

/// The first line. It changes when the lines after it do.
const HEADER: &str = "plan log 1";

/// The cells of a line.
const CELLS: usize = 9;

/// Separates the types of a pair.
const TYPE_SEPARATOR: &str = ",";

/// The ids and the type of a link, in the direction of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedLink {
    /// The record that the link starts from.
    pub from: RecordId,
    /// The record that the link leads to.
    pub to: RecordId,
    /// The type.
    pub association_type: AssociationType,
}

/// What is planned for one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// The number of the data row.
    pub row: u64,
    /// What is done.
    pub action: PlanAction,
    /// Why, if there is a reason to tell.
    pub code: Option<Code>,
    /// The link; `None` if the row cannot be imported.
    pub link: Option<PlannedLink>,
    /// What exists before, in the canonical direction of the link.
    pub before: LinksBefore,
    /// Why the row cannot be imported; empty if it can.
    pub message: String,
}

/// The log is not one that this version has written.
#[derive(Debug)]
pub enum PlanLogError {
    /// It could not be read or written.
    Io(io::Error),
    /// This line, counted from 1, is not as it was written.
    Damaged(u64),
}

impl From<io::Error> for PlanLogError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes a plan log, and computes its SHA-256.
pub struct PlanLogWriter<W> {
    inner: W,
    hash: Context,
}

impl<W: Write> PlanLogWriter<W> {
    /// Begins a log.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(inner: W) -> io::Result<Self> {
        let hash = Context::new(&SHA256);
        let mut writer = Self { inner, hash };
        writer.write(format!("{HEADER}\n").as_bytes())?;
        Ok(writer)
    }

    /// Adds whole lines.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.hash.update(lines);
        self.inner.write_all(lines)
    }

    /// Ends the log. Returns the destination and the hash.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<(W, String)> {
        self.inner.flush()?;
        Ok((self.inner, hex(self.hash.finish().as_ref())))
    }
}

impl PlanLine {
    /// Adds the line to a text.
    pub fn write_to(&self, text: &mut Vec<u8>) {
        let link = self.link.map_or_else(Default::default, |link| {
            [
                link.from.to_string(),
                link.to.to_string(),
                link.association_type.to_string(),
            ]
        });
        let types: Vec<_> = self.before.types.iter().map(ToString::to_string).collect();
        let replaced = self
            .before
            .replaced
            .map_or_else(String::new, |id| id.to_string());
        let code = self.code.map_or("", Code::as_str);
        let [from, to, association_type] = &link;
        let types = types.join(TYPE_SEPARATOR);
        let message = one_line(&self.message);
        let (row, action) = (self.row, self.action.word());
        let text_of_row = format!(
            "{row}\t{action}\t{code}\t{from}\t{to}\t{association_type}\t{types}\t{replaced}\t\
             {message}\n"
        );
        text.extend_from_slice(text_of_row.as_bytes());
    }

    /// `None` if the line is not as it was written.
    fn parse(text: &str) -> Option<Self> {
        let cells: Vec<_> = text.split('\t').collect();
        let cells: [&str; CELLS] = cells.try_into().ok()?;
        let [
            row,
            action,
            code,
            from,
            to,
            association_type,
            types,
            replaced,
            message,
        ] = cells;
        let has_link = [from, to, association_type]
            .iter()
            .any(|cell| !cell.is_empty());
        let types = types.split(TYPE_SEPARATOR).filter(|text| !text.is_empty());
        let types: Result<Vec<_>, _> = types.map(AssociationType::from_str).collect();
        let mut parsed = Self {
            row: row.parse().ok()?,
            action: PlanAction::parse(action)?,
            code: None,
            link: None,
            before: LinksBefore {
                types: types.ok()?,
                replaced: None,
            },
            message: message.to_owned(),
        };
        if !code.is_empty() {
            parsed.code = Some(Code::parse(code.as_bytes())?);
        }
        if !replaced.is_empty() {
            parsed.before.replaced = Some(record(replaced)?);
        }
        if has_link {
            parsed.link = Some(PlannedLink {
                from: record(from)?,
                to: record(to)?,
                association_type: association_type.parse().ok()?,
            });
        }
        Some(parsed)
    }
}

fn record(text: &str) -> Option<RecordId> {
    text.parse().ok().and_then(RecordId::new)
}

/// A message without characters that have a meaning in the log.
fn one_line(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

/// Reads the lines of a plan log.
pub struct PlanLogReader<R> {
    inner: R,
    hash: Context,
    line: Vec<u8>,
    line_number: u64,
}

impl<R: BufRead> PlanLogReader<R> {
    /// Begins with the first line.
    ///
    /// # Errors
    /// If it is not a plan log of this version.
    pub fn open(inner: R) -> Result<Self, PlanLogError> {
        let mut reader = Self {
            inner,
            hash: Context::new(&SHA256),
            line: Vec::new(),
            line_number: 0,
        };
        match reader.next_text()? {
            Some(HEADER) => Ok(reader),
            Some(_) | None => Err(PlanLogError::Damaged(1)),
        }
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// If it cannot be read, or is not as it was written.
    pub fn next_line(&mut self) -> Result<Option<PlanLine>, PlanLogError> {
        let Some(text) = self.next_text()? else {
            return Ok(None);
        };
        let line = PlanLine::parse(text);
        line.map(Some)
            .ok_or(PlanLogError::Damaged(self.line_number))
    }

    /// The SHA-256 of what was read.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(self.hash.clone().finish().as_ref())
    }

    fn next_text(&mut self) -> Result<Option<&str>, PlanLogError> {
        self.line.clear();
        self.line_number += 1;
        if self.inner.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.hash.update(&self.line);
        let text = std::str::from_utf8(&self.line).ok();
        let text = text.and_then(|text| text.strip_suffix('\n'));
        text.map(Some)
            .ok_or(PlanLogError::Damaged(self.line_number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::Category;

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn association_type(category: Category, id: u32) -> AssociationType {
        AssociationType { category, id }
    }

    fn lines() -> Vec<PlanLine> {
        let link = PlannedLink {
            from: id(101),
            to: id(i64::MAX.unsigned_abs()),
            association_type: association_type(Category::UserDefined, 37),
        };
        let add = PlanLine {
            row: 7,
            action: PlanAction::AddLabel,
            code: None,
            link: Some(link),
            before: LinksBefore {
                types: vec![
                    association_type(Category::HubSpotDefined, 1),
                    association_type(Category::HubSpotDefined, 279),
                ],
                replaced: Some(id(8)),
            },
            message: String::new(),
        };
        let cannot = PlanLine {
            row: 8,
            action: PlanAction::Cannot,
            code: Some(Code::RecordNotFound),
            link: None,
            before: LinksBefore::default(),
            message: "no contact 404 in Zürich".to_owned(),
        };
        vec![add, cannot]
    }

    fn written(lines: &[PlanLine]) -> (Vec<u8>, String) {
        let mut log = PlanLogWriter::create(Vec::new()).unwrap();
        for line in lines {
            let mut text = Vec::new();
            line.write_to(&mut text);
            log.write(&text).unwrap();
        }
        log.finish().unwrap()
    }

    #[test]
    fn lines_are_read_as_they_were_written_with_the_same_hash() {
        let (text, hash) = written(&lines());
        let mut reader = PlanLogReader::open(text.as_slice()).unwrap();
        for line in lines() {
            assert_eq!(reader.next_line().unwrap(), Some(line));
        }
        assert_eq!(reader.next_line().unwrap(), None);
        assert_eq!(reader.hash(), hash);
    }

    #[test]
    fn a_message_stays_on_its_line() {
        let mut line = lines().remove(1);
        line.message = "two\nlines\tand a tab".to_owned();
        let (text, _) = written(&[line]);
        let mut reader = PlanLogReader::open(text.as_slice()).unwrap();
        let read = reader.next_line().unwrap().unwrap();
        assert_eq!(read.message, "two lines and a tab");
    }

    #[test]
    fn a_changed_or_cut_line_is_named() {
        let (text, _) = written(&lines());
        let text = String::from_utf8(text).unwrap();
        for (changed, line) in [
            (text.replace("plan log 1", "plan log 2"), 1),
            (text.replace("add_label", "add"), 2),
            (text.replace("101", "0"), 2),
            (text.replace("record_not_found", "gone"), 3),
            (text[..text.len() - 1].to_owned(), 3),
            (String::new(), 1),
        ] {
            let read = || -> Result<(), PlanLogError> {
                let mut reader = PlanLogReader::open(changed.as_bytes())?;
                while reader.next_line()?.is_some() {}
                Ok(())
            };
            let error = read().unwrap_err();
            assert!(
                matches!(error, PlanLogError::Damaged(at) if at == line),
                "{error:?}"
            );
        }
    }
}
