//! The XML of a part: one element or text after the other, in bounded memory.
//!
//! Knows nothing about workbooks. Entities that a document defines are refused, because no
//! workbook has them and they can grow without limit.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Read},
};

use encoding_rs::{UTF_16BE, UTF_16LE};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    attributes::CellAttributes,
    part::{PartFault, PartReader, workbook_fault},
};
use crate::{
    decode::Utf8Decoder,
    input::{
        source::PeekReader,
        workbook_fault::{Damage, WorkbookFault},
    },
};

/// How much of a part is in memory.
const BUFFER_BYTES: usize = 64 << 10;

/// The most bytes of one piece of XML. A cell has at most 32,767 characters, each of which takes
/// at most ten bytes.
const MAX_PIECE_BYTES: usize = 1 << 20;

/// Bytes that begin a byte order mark of UTF-16, or `<?` in UTF-16.
const UTF16_HEAD: usize = 2;

/// Reads the XML of a part.
pub(super) struct XmlReader {
    part: String,
    /// The prefix of the first element, once it is known.
    prefix: Option<String>,
    reader: Reader<PieceLimit>,
    buffer: Vec<u8>,
}

/// A piece of XML that matters to a workbook.
pub(super) enum XmlPiece<'a> {
    /// An element begins.
    Start(XmlElement<'a>),
    /// An element without content.
    Empty(XmlElement<'a>),
    /// The innermost element ends.
    End,
    /// Text between elements, or a part of it.
    Text(Cow<'a, str>),
    /// Anything without content, such as a comment.
    Other,
    /// The end of the part.
    Eof,
}

/// The start of an element.
pub(super) struct XmlElement<'a> {
    part: &'a str,
    /// The prefix of the part's namespace.
    prefix: &'a str,
    start: BytesStart<'a>,
}

impl XmlElement<'_> {
    /// Its name without the prefix of its namespace, or nothing if its namespace is not that of the
    /// part.
    #[inline]
    pub(super) fn name(&self) -> &str {
        match self.start.name().into_inner().split_once(':') {
            Some((prefix, name)) if prefix == self.prefix => name,
            None if self.prefix.is_empty() => self.start.name().into_inner(),
            Some(_) | None => "",
        }
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<Cow<'_, str>>, WorkbookFault> {
        self.find_attribute(|found| found == name)
    }

    /// The value of the attribute that refers to a relationship. Its prefix differs.
    pub(super) fn relationship(&self) -> Result<Option<Cow<'_, str>>, WorkbookFault> {
        self.find_attribute(|found| found.ends_with(":id"))
    }

    fn find_attribute(
        &self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Cow<'_, str>>, WorkbookFault> {
        for attribute in self.start.attributes().with_checks(false) {
            let attribute =
                attribute.map_err(|error| self.damaged(Damage::Xml(error.to_string())))?;
            if is_wanted(attribute.key.as_ref()) {
                let value = attribute.normalized_value(XmlVersion::Explicit1_0);
                return value
                    .map(Some)
                    .map_err(|error| self.damaged(Damage::Xml(error.to_string())));
            }
        }
        Ok(None)
    }

    /// The attributes that rows and cells have.
    #[inline]
    pub(super) fn cell_attributes(&self) -> Result<CellAttributes<'_>, WorkbookFault> {
        let attributes = CellAttributes::parse(self.start.attributes_raw());
        attributes.map_err(|rest| self.damaged(Damage::Attributes(rest.to_owned())))
    }

    /// The fault of a part that is damaged here.
    pub(super) fn damaged(&self, damage: Damage) -> WorkbookFault {
        WorkbookFault::damaged(self.part, damage)
    }
}

impl XmlReader {
    /// Starts to read a part with this name.
    pub(super) fn new(part: PartReader, name: &str) -> io::Result<Self> {
        let bytes = PeekReader::new(part, UTF16_HEAD)?;
        let text: Box<dyn Read + Send> = match bytes.head() {
            [0xff, 0xfe] | [b'<', 0] => Box::new(Utf8Decoder::new(bytes, UTF_16LE)),
            [0xfe, 0xff] | [0, b'<'] => Box::new(Utf8Decoder::new(bytes, UTF_16BE)),
            _ => Box::new(bytes),
        };
        let limited = PieceLimit {
            source: BufReader::with_capacity(BUFFER_BYTES, text),
            used: 0,
        };
        Ok(Self {
            part: name.to_owned(),
            prefix: None,
            reader: Reader::from_reader(limited),
            buffer: Vec::new(),
        })
    }

    /// The name of the part.
    pub(super) fn part(&self) -> &str {
        &self.part
    }

    /// The next bytes that are in memory, which are not parsed yet. Nothing if the part's namespace
    /// has a prefix.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<&[u8], WorkbookFault> {
        if self.prefix.as_deref() != Some("") {
            return Ok(&[]);
        }
        let source = self.reader.get_mut();
        source.used = 0;
        let bytes = source.fill_buf();
        bytes.map_err(|error| workbook_fault(&self.part, &error))
    }

    /// Skips bytes that were peeked at: whole elements.
    #[inline]
    pub(super) fn consume(&mut self, bytes: usize) {
        self.reader.stream().consume(bytes);
    }

    /// Appends the text of the element that has just begun, up to its end.
    pub(super) fn append_plain_text(&mut self, into: &mut String) -> Result<(), WorkbookFault> {
        loop {
            match next_event(&mut self.reader, &mut self.buffer, &self.part)? {
                Event::Text(text) => into.push_str(&text.xml10_content()),
                Event::CData(text) => into.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let text = entity(&reference);
                    into.push_str(&text.ok_or_else(|| self.unknown_entity())?);
                }
                Event::End(_) => return Ok(()),
                Event::Start(_) => self.skip_element()?,
                Event::Eof => return Err(self.ends_early()),
                Event::DocType(_)
                | Event::Empty(_)
                | Event::Comment(_)
                | Event::PI(_)
                | Event::Decl(_) => {}
            }
        }
    }

    fn unknown_entity(&self) -> WorkbookFault {
        WorkbookFault::damaged(&self.part, Damage::UnknownEntity)
    }

    /// The fault of a part that ends inside an element.
    pub(super) fn ends_early(&self) -> WorkbookFault {
        WorkbookFault::damaged(&self.part, Damage::EndsEarly)
    }

    /// Skips the rest of the element that has just begun.
    pub(super) fn skip_element(&mut self) -> Result<(), WorkbookFault> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                XmlPiece::Start(_) => depth += 1,
                XmlPiece::End => depth -= 1,
                XmlPiece::Eof => {
                    return Err(self.ends_early());
                }
                XmlPiece::Empty(_) | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
        Ok(())
    }

    /// Reads the rest of the part, to see that it is whole. `visit` gets the elements in it.
    pub(super) fn read_rest(
        &mut self,
        mut visit: impl FnMut(&XmlElement<'_>) -> Result<(), WorkbookFault>,
    ) -> Result<(), WorkbookFault> {
        loop {
            match self.next()? {
                XmlPiece::Start(element) | XmlPiece::Empty(element) => visit(&element)?,
                XmlPiece::Eof => return Ok(()),
                XmlPiece::End | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
    }

    /// The next piece.
    #[inline]
    pub(super) fn next(&mut self) -> Result<XmlPiece<'_>, WorkbookFault> {
        let part = self.part.as_str();
        let event = next_event(&mut self.reader, &mut self.buffer, part)?;
        if let (None, Event::Start(first) | Event::Empty(first)) = (&self.prefix, &event) {
            self.prefix = Some(prefix_of(first));
        }
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let element = |start| XmlElement {
            part,
            prefix,
            start,
        };
        Ok(match event {
            Event::Start(start) => XmlPiece::Start(element(start)),
            Event::Empty(start) => XmlPiece::Empty(element(start)),
            Event::End(_) => XmlPiece::End,
            Event::Text(text) => XmlPiece::Text(text.xml10_content()),
            Event::CData(text) => XmlPiece::Text(text.xml10_content()),
            Event::GeneralRef(reference) => {
                let unknown = || WorkbookFault::damaged(part, Damage::UnknownEntity);
                XmlPiece::Text(entity(&reference).ok_or_else(unknown)?)
            }
            Event::Eof => XmlPiece::Eof,
            Event::DocType(_) => {
                return Err(WorkbookFault::damaged(part, Damage::DocumentType));
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => XmlPiece::Other,
        })
    }
}

/// The next event of the parser. It takes the fields of its reader one by one, so that the others
/// can be used while the event is.
#[inline]
fn next_event<'a>(
    reader: &mut Reader<PieceLimit>,
    buffer: &'a mut Vec<u8>,
    part: &str,
) -> Result<Event<'a>, WorkbookFault> {
    buffer.clear();
    reader.get_mut().used = 0;
    let event = reader.read_event_into(buffer);
    event.map_err(|error| xml_fault(part, error))
}

/// The prefix of an element's name.
fn prefix_of(start: &BytesStart<'_>) -> String {
    let name = start.name().into_inner();
    name.split_once(':')
        .map_or("", |(prefix, _)| prefix)
        .to_owned()
}

/// The text that an entity stands for. Only those that every XML has are known.
fn entity(reference: &BytesRef<'_>) -> Option<Cow<'static, str>> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string().into());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(Cow::Borrowed)
}

fn xml_fault(part: &str, error: quick_xml::Error) -> WorkbookFault {
    if let quick_xml::Error::Io(error) = error {
        workbook_fault(part, &error)
    } else {
        WorkbookFault::damaged(part, Damage::Xml(error.to_string()))
    }
}

/// A source that refuses to give more bytes of one piece than a cell can have.
struct PieceLimit {
    source: BufReader<Box<dyn Read + Send>>,
    /// The bytes of the current piece so far.
    used: usize,
}

impl Read for PieceLimit {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.source.read(into)
    }
}

impl BufRead for PieceLimit {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used > MAX_PIECE_BYTES {
            return Err(PartFault::Damaged(Damage::Oversized).into());
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.used += bytes;
        self.source.consume(bytes);
    }
}
