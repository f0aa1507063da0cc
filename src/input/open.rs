//! Opens an input: finds out what it is, and reads its header.
//!
//! Joins the stages before the first row. Reads no more than the header needs.

use std::{
    io::{self, Read},
    sync::Arc,
};

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

use super::{
    cells::Layout,
    columns,
    error::{Fault, InputError, Refusal},
    frame::Framer,
    gunzip::Gunzip,
    header,
    link::Linker,
    meaning,
    options::{Encoding, InputOptions},
    rows::Input,
    shape::Shape,
    sniff::{self, HEAD_BYTES},
    source::{self, Counted, Peeked, Source},
    split::Splitter,
};
use crate::decode::Decode;

/// Opens the input and reads its header.
///
/// # Errors
///
/// A refusal, if it is not a file of rows with the columns that are needed.
pub fn open(options: &InputOptions) -> Result<Input, InputError> {
    let refused = |refusal| InputError::Refused {
        path: options.path.clone(),
        refusal,
    };
    refuse_two_meanings(options).map_err(refused)?;
    let input = source::open(&options.path)
        .and_then(|source| read_header(source, options))
        .map_err(refused)?;
    if input.layout.linker.has_wishes_in_columns() && !input.is_repeatable() {
        return Err(refused(Refusal::TypesInStream));
    }
    Ok(input)
}

/// Options that contradict each other, whatever the file has.
fn refuse_two_meanings(options: &InputOptions) -> Result<(), Refusal> {
    let column = options.definition_column.is_some();
    let definition = options.definition.is_some();
    let refuse = |definition, types| Err(Refusal::MeaningOptions { definition, types });
    match (meaning::typed(options), column, definition) {
        (None, true, true) => refuse("--definition-column", "--definition"),
        (Some(types), true, _) => refuse("--definition-column", types),
        (Some(types), _, true) => refuse("--definition", types),
        (None, ..) | (Some(_), false, false) => Ok(()),
    }
}

/// The same input from its first row on, read from the same file: the options
/// are those that it was opened with.
///
/// # Errors
///
/// If it cannot be read once more, as a pipe.
pub fn again(input: Input, options: &InputOptions) -> Result<Input, InputError> {
    let refused = |refusal| InputError::Refused {
        path: options.path.clone(),
        refusal,
    };
    source::again(input.watch)
        .and_then(|source| read_header(source, options))
        .map_err(refused)
}

/// Text in UTF-8, and what was found out about it.
struct Text {
    bytes: Box<dyn Read + Send>,
    encoding: &'static encoding_rs::Encoding,
    bom: bool,
    gzip: bool,
}

/// Everything of [`open`] that comes after the file system.
pub(super) fn read_header(source: Source, options: &InputOptions) -> Result<Input, Refusal> {
    let bytes_read = Arc::default();
    let counted = Counted {
        source: source.bytes,
        count: Arc::clone(&bytes_read),
    };
    let text = unpack(counted, options.encoding)?;
    let mut framer = Framer::new(text.bytes).map_err(broke_off)?;
    let header = header::find(&mut framer, options)?;
    let Some(linker) = Linker::new(&header.columns, options) else {
        // Not reached: columns that are not there were refused as missing.
        return Err(Refusal::Empty(columns::needed_names(options)));
    };
    let shape = Shape {
        header: header.columns.header.iter().collect(),
        key_columns: header.columns.keys().collect(),
        delimiter: header.delimiter,
        bom: text.bom,
        encoding: text.encoding.name().to_owned(),
        gzip: text.gzip,
        bytes_total: source.total,
        from_results: header.columns.kept.is_some(),
    };
    Ok(Input {
        path: options.path.clone(),
        framer,
        splitter: Splitter::new(header.delimiter.byte()),
        layout: Layout {
            columns: header.columns,
            linker,
            shape,
        },
        limit: options.limit,
        watch: source.watch,
        bytes_read,
        rows: 0,
        ghost_rows: 0,
        ended: false,
    })
}

fn broke_off(error: io::Error) -> Refusal {
    Refusal::BrokeOff(Fault::of(error))
}

fn unpack(bytes: impl Read + Send + 'static, encoding: Encoding) -> Result<Text, Refusal> {
    let bytes = Peeked::new(bytes, HEAD_BYTES).map_err(broke_off)?;
    if !sniff::is_gzip(bytes.head()) {
        return decode(bytes, encoding, false);
    }
    let unpacked = Peeked::new(Gunzip::new(bytes), HEAD_BYTES).map_err(broke_off)?;
    decode(unpacked, encoding, true)
}

fn decode<R: Read + Send + 'static>(
    bytes: Peeked<R>,
    encoding: Encoding,
    gzip: bool,
) -> Result<Text, Refusal> {
    let head = bytes.head();
    sniff::refuse_binary(head)?;
    let marked = encoding_rs::Encoding::for_bom(head).map(|(marked, _)| marked);
    let encoding = match encoding {
        Encoding::Auto => marked
            .or_else(|| sniff::utf16_without_bom(head))
            .unwrap_or(UTF_8),
        Encoding::Label(label) if label == UTF_8 => UTF_8,
        Encoding::Label(label) => marked.unwrap_or(label),
    };
    debug_assert!(marked.is_none_or(|marked| [UTF_8, UTF_16LE, UTF_16BE].contains(&marked)));
    Ok(Text {
        encoding,
        bom: marked == Some(encoding),
        gzip,
        // UTF-8 passes as it is: what is none of it is judged cell by cell.
        bytes: if encoding == UTF_8 {
            Box::new(bytes)
        } else {
            Box::new(Decode::new(bytes, encoding))
        },
    })
}
