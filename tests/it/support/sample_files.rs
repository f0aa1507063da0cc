//! Files as spreadsheets, portals and accidents produce them, with the expected results.

/// A file and the results that both commands must have.
#[derive(Debug)]
pub(crate) struct SampleFile {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) code: i32,
    /// Row and code of the invalid rows.
    pub(crate) invalid: Vec<(u64, &'static str)>,
    /// From and to ids of the sent rows, sorted.
    pub(crate) sent: Vec<(u64, u64)>,
}

const HEADER: &str = "from_object_id,to_object_id,definition_id";

/// A file that is read as the links 1 → 7 and 2 → 7.
fn good(name: &'static str, bytes: impl Into<Vec<u8>>) -> SampleFile {
    SampleFile {
        name,
        bytes: bytes.into(),
        code: 0,
        invalid: Vec::new(),
        sent: vec![(1, 7), (2, 7)],
    }
}

/// Readable files. Each has the links 1 → 7 and 2 → 7, unless `sent` says otherwise.
pub(crate) fn readable() -> Vec<SampleFile> {
    let mut files = bytes_and_lines();
    files.extend(cells_and_columns());
    files
}

fn bytes_and_lines() -> Vec<SampleFile> {
    let plain = format!("{HEADER}\n1,7,1\n2,7,1\n");
    let with = |from: &str, to: &str| plain.replace(from, to);
    vec![
        good("plain", plain.clone()),
        good("a BOM", format!("\u{feff}{plain}")),
        good(
            "a BOM before a quote",
            format!("\u{feff}{}", with("from_object_id", "\"from_object_id\"")),
        ),
        good(
            "UTF-16 LE",
            utf16(&format!("\u{feff}{plain}"), u16::to_le_bytes),
        ),
        good(
            "UTF-16 BE",
            utf16(&format!("\u{feff}{plain}"), u16::to_be_bytes),
        ),
        good("UTF-16 LE without BOM", utf16(&plain, u16::to_le_bytes)),
        good("CRLF", with("\n", "\r\n")),
        good("CR", with("\n", "\r")),
        good("mixed line ends", format!("{HEADER}\r\n1,7,1\r2,7,1\n")),
        good("no final line end", plain.trim_end().to_owned()),
        good("semicolons", with(",", ";")),
        good("tabs", with(",", "\t")),
        good("pipes", with(",", "|")),
        good("a sep line", format!("sep=;\n{}", with(",", ";"))),
    ]
}

fn cells_and_columns() -> Vec<SampleFile> {
    vec![
        good(
            "all cells quoted",
            format!("{HEADER}\n\"1\",\"7\",\"1\"\n\"2\",\"7\",\"1\"\n"),
        ),
        good(
            "blank lines and ghost rows",
            format!("{HEADER}\n\n1,7,1\n,,\n\n2,7,1\n,,\n\n"),
        ),
        good(
            "blanks around ids",
            format!("{HEADER}\n 1 ,7 ,\t1\n2, 7,1\n"),
        ),
        good(
            "another order",
            "note,Definition-ID,TO OBJECT ID,from_object_id\nx,1,7,1\ny,1,7,2\n",
        ),
        good(
            "look-alike columns",
            "from_object,from_object_id,from_object_id_2,to_object_id,definition_id\n8,1,9,7,1\n8,2,9,7,1\n",
        ),
        good(
            "empty cells to spare",
            format!("{HEADER}\n1,7,1,\n2,7,1,,,\n"),
        ),
        good(
            "delimiters and line ends in quotes",
            format!("note,{HEADER}\n\"a,\nb\",1,7,1\n\"c\"\"d\",2,7,1\n"),
        ),
        SampleFile {
            sent: vec![(9_007_199_254_740_993, 9_223_372_036_854_775_807)],
            ..good(
                "the largest ids",
                format!("{HEADER}\n9007199254740993,9223372036854775807,1\n"),
            )
        },
        SampleFile {
            sent: vec![(1, 2), (2, 1)],
            ..good("both directions", format!("{HEADER}\n1,2,1\n2,1,1\n"))
        },
        SampleFile {
            sent: vec![(5, 5)],
            ..good("a record with itself", format!("{HEADER}\n5,5,1\n"))
        },
        SampleFile {
            sent: Vec::new(),
            ..good("a header alone", format!("{HEADER}\n"))
        },
    ]
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Invalid rows and their codes.
const BAD_ROWS: &[(&str, &str)] = &[
    ("1.23457E+11,7,1", "invalid_id_scientific"),
    ("1E5,7,1", "invalid_id_scientific"),
    ("\"1,23457E+11\",7,1", "invalid_id_scientific"),
    ("123.0,7,1", "invalid_id_decimal"),
    ("\"1,234\",7,1", "invalid_id_grouped"),
    ("1.234.567,7,1", "invalid_id_grouped"),
    ("1 234,7,1", "invalid_id_grouped"),
    ("1\u{a0}234,7,1", "invalid_id_invisible"),
    ("1_000,7,1", "invalid_id_grouped"),
    ("'123,7,1", "invalid_id_quoted"),
    ("\"=\"\"123\"\"\",7,1", "invalid_id_quoted"),
    ("#N/A,7,1", "invalid_id_spreadsheet_error"),
    ("TRUE,7,1", "invalid_id_boolean"),
    ("2024-05-01,7,1", "invalid_id_date"),
    ("1E+15,7,1", "invalid_id_rounded"),
    ("=B2,7,1", "formula_without_value"),
    ("007,7,1", "invalid_id_leading_zeros"),
    ("1\u{200b}2,7,1", "invalid_id_invisible"),
    ("1\u{0}2,7,1", "invalid_id_invisible"),
    ("１２,7,1", "invalid_id_digits"),
    ("١٢,7,1", "invalid_id_digits"),
    ("1²,7,1", "invalid_id_digits"),
    (",7,1", "invalid_id_empty"),
    ("1,,1", "invalid_id_empty"),
    ("0,7,1", "invalid_id_zero"),
    ("-1,7,1", "invalid_id_sign"),
    ("\u{2212}1,7,1", "invalid_id_sign"),
    ("+1,7,1", "invalid_id_sign"),
    ("9223372036854775808,7,1", "invalid_id_too_large"),
    ("99999999999999999999999,7,1", "invalid_id_too_large"),
    ("x,7,1", "invalid_id"),
    ("1,7,nonsense", "invalid_definition"),
    ("1,7,0", "invalid_definition"),
    ("1,7,", "invalid_definition"),
    ("1,7", "too_few_cells"),
    ("1,234,567,27", "too_many_cells"),
    ("\"1\"2,7,1", "broken_quote"),
    (
        "from_object_id,to_object_id,definition_id",
        "repeated_header",
    ),
    (
        "\u{feff}from_object_id,to_object_id,definition_id",
        "repeated_header",
    ),
];

/// Files with an invalid row between the rows `1,7,1` and `2,7,1`.
pub(crate) fn with_invalid_rows() -> Vec<SampleFile> {
    let texts = BAD_ROWS.iter();
    let mut files: Vec<_> = texts
        .map(|(row, code)| bad(row, code, row.as_bytes()))
        .collect();
    let encoding = "invalid_id_encoding";
    files.push(bad("bytes that are not text", encoding, b"1\xff2,7,1"));
    files.push(bad("overlong UTF-8", encoding, b"\xc0\xb1,7,1"));
    files
}

fn bad(name: &'static str, code: &'static str, row: &[u8]) -> SampleFile {
    let bytes = [HEADER.as_bytes(), b"\n1,7,1\n", row, b"\n2,7,1\n"].concat();
    SampleFile {
        code: 1,
        invalid: vec![(2, code)],
        ..good(name, bytes)
    }
}

/// Name, bytes, and words that the error must contain.
pub(crate) const REFUSED: &[(&str, &[u8], &str)] = &[
    ("empty", "".as_bytes(), "is empty; it needs a header line"),
    (
        "a BOM alone",
        "\u{feff}".as_bytes(),
        "is empty; it needs a header line",
    ),
    (
        "blanks alone",
        "  \n \n".as_bytes(),
        "is empty; it needs a header line",
    ),
    (
        "no header",
        "1,7,1\n2,7,1\n".as_bytes(),
        "is data, but the first line must be the header",
    ),
    (
        "a missing column",
        "from_object_id,definition_id\n1,1\n".as_bytes(),
        "to_object_id",
    ),
    (
        "a misspelt column",
        "from_objekt_id,to_object_id,definition_id\n".as_bytes(),
        "from_object_id",
    ),
    (
        "a homoglyph",
        "from_оbject_id,to_object_id,definition_id\n".as_bytes(),
        "from_object_id",
    ),
    (
        "a column twice",
        "from_object_id,to_object_id,to_object_id,definition_id\n".as_bytes(),
        "more than once",
    ),
    (
        "a title above",
        "My links\n\nfrom_object_id,to_object_id,definition_id\n1,7,1\n".as_bytes(),
        "below other text",
    ),
    (
        "an open quote in the header",
        "\"from_object_id,to_object_id,definition_id\n1,7,1\n".as_bytes(),
        "never closed",
    ),
    (
        "another sep line",
        "sep=#\nfrom_object_id#to_object_id#definition_id\n".as_bytes(),
        "not supported",
    ),
    (
        "xlsx",
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00rest",
        "an Excel workbook (xlsx)",
    ),
    (
        "xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
        "an old Excel workbook (xls)",
    ),
    ("PDF", b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    (
        "a login page",
        "<!DOCTYPE html>\n<html><title>Log in</title>".as_bytes(),
        "an HTML page",
    ),
    ("JSON", "{\"from_object_id\": 1}".as_bytes(), "JSON"),
    ("UTF-32", b"\xff\xfe\x00\x00f\x00\x00\x00", "UTF-32"),
    (
        "noise",
        b"\x8f\x02\x11\x90\x07\x1b\xaa\x01\x02\x03",
        "looks like binary data, not CSV",
    ),
];
