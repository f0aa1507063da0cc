//! Parses the bytes of a results file: whole lines, and a possibly torn end. An independent, very
//! strict parser without any code of the program.

/// The contents of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ParsedCsv {
    /// Whole records, the header first.
    pub(super) records: Vec<Vec<String>>,
    /// Their length in bytes.
    pub(super) whole: usize,
    /// The whole cells after them.
    pub(super) torn_cells: Vec<String>,
    /// The number of bytes after them, of an unfinished line.
    pub(super) torn: usize,
}

/// The parser's position in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CsvPosition {
    CellStart,
    Bare,
    Quoted,
    /// A quote inside a quoted cell: either its end, or the first of two.
    Quote,
}

/// Parses a file that may end anywhere, even inside a character. Zeros at the end, as after a power
/// cut, belong to the torn line.
pub(super) fn parse(bytes: &[u8]) -> Result<ParsedCsv, String> {
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let mut parsed = ParsedCsv::default();
    let (mut record, mut cell, mut at) = (Vec::new(), Vec::new(), CsvPosition::CellStart);
    for (index, byte) in bytes[..bytes.len() - zeros].iter().enumerate() {
        at = match (at, byte) {
            (CsvPosition::Quoted, b'"') => CsvPosition::Quote,
            (CsvPosition::Quote, b'"') | (CsvPosition::Quoted, _) => {
                cell.push(*byte);
                CsvPosition::Quoted
            }
            (CsvPosition::CellStart, b'"') => CsvPosition::Quoted,
            (CsvPosition::CellStart | CsvPosition::Bare | CsvPosition::Quote, b',' | b'\n') => {
                record.push(text(&mut cell, index)?);
                if *byte == b'\n' {
                    parsed.records.push(std::mem::take(&mut record));
                    parsed.whole = index + 1;
                }
                CsvPosition::CellStart
            }
            (CsvPosition::CellStart | CsvPosition::Bare, b'"' | b'\r' | 0)
            | (CsvPosition::Quote, _) => {
                return Err(format!("byte {byte:#x} at {index} does not belong there"));
            }
            (CsvPosition::CellStart | CsvPosition::Bare, _) => {
                cell.push(*byte);
                CsvPosition::Bare
            }
        };
    }
    parsed.torn_cells = record;
    parsed.torn = bytes.len() - parsed.whole;
    Ok(parsed)
}

fn text(cell: &mut Vec<u8>, index: usize) -> Result<String, String> {
    String::from_utf8(std::mem::take(cell)).map_err(|_| format!("no text before byte {index}"))
}

#[test]
fn whole_lines_and_a_torn_one_are_distinguished() {
    let text = "a,b\n\"1\n2\",\"x\"\"y\"\n3,";
    let parsed = parse(text.as_bytes()).unwrap();
    assert_eq!(parsed.records, [vec!["a", "b"], vec!["1\n2", "x\"y"]]);
    assert_eq!((parsed.whole, parsed.torn), (text.len() - 2, 2));
    assert_eq!(parsed.torn_cells, ["3"]);
}

#[test]
fn a_line_torn_anywhere_is_not_counted() {
    let text = "a,b\n\"1\n€\",\"x\"\"y\"\n";
    for length in 4..text.len() {
        let parsed = parse(&text.as_bytes()[..length]).unwrap();
        assert_eq!((parsed.records.len(), parsed.whole), (1, 4), "{length}");
        assert_eq!(parsed.torn, length - 4);
    }
}

#[test]
fn zeros_at_the_end_are_a_torn_line() {
    let parsed = parse(b"a,b\n1,\"2\"\0\0").unwrap();
    assert_eq!((parsed.records.len(), parsed.torn), (1, 7));
    let parsed = parse(b"a,b\n\0").unwrap();
    assert_eq!((parsed.records.len(), parsed.torn), (1, 1));
}

#[test]
fn invalid_csv_is_refused() {
    for text in ["a\"b\n", "\"a\"b\n", "a\r\n", "a\0b\n", "\u{0}\nb"] {
        assert!(parse(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(parse(b"\xff\n").is_err());
}
