//! Tests of headers and delimiters: found, or refused with a name and a remedy.

use super::*;
use crate::{input::Delimiter, tables::v1};

const TWO: [Link; 2] = [Ok((1, 2, 1)), Ok((3, 4, 2))];
const FILE: &str = "from_object_id,to_object_id,definition_id\n1,2,1\n3,4,2\n";

fn refusal_with(bytes: &str, change: impl FnOnce(&mut InputOptions)) -> String {
    let mut options = options();
    change(&mut options);
    match open(io::Cursor::new(bytes.to_owned()), &options) {
        Ok(input) => panic!("not refused: {:?}", input.shape()),
        Err(refusal) => messages::refusal(&refusal),
    }
}

fn read_with(bytes: &str, change: impl FnOnce(&mut InputOptions)) -> InputResult {
    let mut options = options();
    change(&mut options);
    drain(open(io::Cursor::new(bytes.to_owned()), &options).unwrap())
}

#[test]
fn i15_the_delimiter_is_detected() {
    for (delimiter, word) in [
        (",", "comma"),
        (";", "semicolon"),
        ("\t", "tab"),
        ("|", "pipe"),
    ] {
        let file = FILE.replace(',', delimiter);
        let input = open(io::Cursor::new(file.clone()), &options()).unwrap();
        assert_eq!(input.shape().delimiter.to_string(), word);
        assert_eq!(drain(input).links(), TWO);
        assert_eq!(
            delimiter.parse::<Delimiter>().unwrap(),
            word.parse().unwrap()
        );
        for sep in [
            format!("sep={delimiter}\r\n{file}"),
            format!("\u{feff}SEP={delimiter}\n{file}"),
        ] {
            let result = read_bytes(sep);
            assert_eq!(
                (result.links(), result.lines()),
                (TWO.to_vec(), vec![3, 4]),
                "{word}"
            );
        }
    }
    assert!("x".parse::<Delimiter>().is_err());
}

#[test]
fn i15_a_delimiter_inside_quotes_is_ignored() {
    let file = "\"a;b;c\nd,from_object_id\",from_object_id;x,to_object_id,definition_id\n";
    assert!(refusal(file).contains("has no column from_object_id"));
    let file = "\"a;from_object_id;b\nd\",from_object_id,to_object_id,definition_id\nx,1,2,1\n";
    assert_eq!(read_bytes(file).links(), [Ok((1, 2, 1))]);
}

#[test]
fn i15_a_wrong_delimiter_is_refused_with_the_right_one() {
    let message = refusal_with(FILE, |options| {
        options.delimiter = Some(";".parse().unwrap());
    });
    assert!(
        message.contains("separated by semicolon") && message.contains("--delimiter comma"),
        "{message}"
    );
    let message = refusal(FILE.replace(',', "^"));
    assert!(
        message.contains("--delimiter") && message.contains("from_object_id^to_object_id"),
        "{message}"
    );
    assert!(refusal(format!("sep=^\n{FILE}")).contains("names a delimiter that is not supported"));
}

#[test]
fn i16_an_empty_file_is_refused() {
    for bytes in [
        "", "\u{feff}", " ", "\n\r\n\r", "  \n\t\n", ",,,\n,,,", "sep=;\n",
    ] {
        assert!(
            refusal(bytes).contains("empty"),
            "{bytes:?}: {}",
            refusal(bytes)
        );
    }
}

#[test]
fn i17_a_file_with_only_a_header_has_no_rows() {
    for end in ["", "\n", "\r\n", "\r", "\n\n,,\n"] {
        let result = read_bytes(format!("{}{end}", HEADER.trim_end()));
        assert!(result.rows.is_empty() && result.error.is_none(), "{end:?}");
    }
}

#[test]
fn i18_a_file_without_a_header_is_refused() {
    for bytes in ["1,2,1\n3,4,2\n", "101;102;contact_to_company\n"] {
        let message = refusal(bytes);
        assert!(
            message
                .contains("line 1 is data, but the first line must be the header (3 cells); add"),
            "{message}"
        );
    }
}

#[test]
fn i19_missing_and_misspelt_columns_are_refused_by_name() {
    for (name, shown) in [
        ("from_object_ids", "from_object_ids"),
        ("from_\u{43e}bject_id", r"from_\u{43e}bject_id"),
        ("from.object.id", "from.object.id"),
        ("from_object_id\u{a0}", r"from_object_id\u{a0}"),
    ] {
        let message = refusal(FILE.replace("from_object_id", name));
        assert!(
            message.contains("no column from_object_id;") && message.contains(shown),
            "{message}"
        );
        assert!(
            message.contains("to_object_id, definition_id") && message.contains("--from-column"),
            "{message}"
        );
    }
    let message = refusal("from_object_id,to_object_id\n1,2\n");
    assert!(
        message.contains("no column definition_id") && message.contains("--definition "),
        "{message}"
    );
    let message = refusal("a\u{1b}[2J,b\n");
    assert!(
        message.contains("a\\u{1b}[2J") || message.contains("binary"),
        "{message}"
    );
}

#[test]
fn i19_a_lookalike_is_not_taken_for_the_letter() {
    let message = refusal_with(
        "\u{212a}ind,to_object_id,definition_id\n1,2,1\n",
        |options| {
            options.from_column = Some("Kind".into());
        },
    );
    assert!(message.contains("no column Kind"), "{message}");
}

#[test]
fn i20_a_needed_column_twice_is_refused() {
    for name in ["to_object_id", "To Object-ID"] {
        let message = refusal(FILE.replace("definition_id", &format!("definition_id,{name}")));
        assert!(
            message.contains(
                "has the column to_object_id more than once; rename or delete one of them"
            ),
            "{message}"
        );
    }
}

#[test]
fn i21_columns_are_found_by_name_in_any_order() {
    let result = read_bytes(
        "x_to_object_id,Definition ID,to_object_id2,TO-OBJECT-ID,,fromobjectid\n9,1,9,2,9,1\n",
    );
    assert_eq!(result.links(), [Ok((1, 2, 1))]);
}

#[test]
fn i21_columns_and_definition_can_be_given() {
    let file = "Person;Firma;Art\n1;2;Contact to company\n";
    let result = read_with(file, |options| {
        options.from_column = Some("person".into());
        options.to_column = Some("Firma".into());
        options.definition_column = Some("ART".into());
    });
    assert_eq!(result.links(), [Ok((1, 2, 1))]);
    let result = read_with("from_object_id,to_object_id\n1,2\n", |options| {
        options.definition = v1::table().parse("deal_to_contact").ok();
    });
    assert_eq!(result.links(), [Ok((1, 2, 3))]);
}

#[test]
fn a_setting_that_is_given_twice_is_refused() {
    let message = refusal_with(FILE, |options| {
        options.definition = v1::table().parse("1").ok();
    });
    assert!(message.contains("leave out --definition"), "{message}");
    let message = refusal_with(FILE, |options| {
        options.to_column = Some("from_object_id".into());
    });
    assert!(
        message.contains(
            "the column from_object_id is given for two of from, to and definition; each needs its \
             own column"
        ),
        "{message}"
    );
}

#[test]
fn i22_title_rows_are_refused() {
    for title in [
        "Export of 2024\n",
        "Report,,\n\n",
        "# made by us, with love, for you\n",
    ] {
        let message = refusal(format!("{title}{FILE}"));
        assert!(
            message.contains("below other text") && message.contains("line 1"),
            "{message}"
        );
    }
}

#[test]
fn i8_unbalanced_quotes_in_the_header_are_refused() {
    let open = FILE.replace("to_object_id", "\"to_object_id");
    assert!(
        refusal(open).contains("the quote in the header on line 1 is never closed (or not within")
    );
    let broken = FILE.replace("definition_id", "definition_id,\"a\"b");
    assert!(refusal(broken).contains("the header on line 1 has text after a closing quote"));
}

#[test]
fn i23_other_formats_than_csv_are_refused_by_name() {
    let table: &[(&[u8], &str)] = &[
        (b"PK\x03\x04\x14\0", "xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "xls"),
        (b"%PDF-1.7\n", "PDF"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\n <!DOCTYPE html>\n<html lang=\"en\">", "HTML"),
        (b"<?xml version=\"1.0\"?>\n", "XML"),
        (b"[{\"from_object_id\": 1}]", "JSON"),
        (b"{\n\"a\": 1}", "JSON"),
        (b"\x28\xb5\x2f\xfd\0\0", "zstd"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"PAR1\x15", "Parquet"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\x7fELF\x02\x01\x01\0\0\0\n\0\0", "binary"),
        (b"abc\x01\x02\x03\xff\xfe\n", "binary"),
    ];
    for (bytes, name) in table {
        let message = refusal(*bytes);
        assert!(
            message.starts_with("looks like") && message.contains(name),
            "{name}: {message}"
        );
    }
}

#[test]
fn i37_an_endless_header_is_refused_in_bounded_memory() {
    let endless = || io::repeat(b'x').take(1 << 40);
    let Err(endless) = open(endless(), &options()) else {
        panic!("not refused")
    };
    let message = messages::refusal(&endless);
    assert!(message.contains("longer than"), "{message}");
    let message = refusal(format!("a{}", ",a".repeat(20_000)));
    assert!(
        message.contains("more than 16384 cells; is this a CSV file?"),
        "{message}"
    );
    let message = refusal(format!("a{}\n", ",some name".repeat(900)));
    assert!(
        message.contains("(901 in all)") && message.len() < 1000,
        "{message}"
    );
}

#[test]
fn opening_reads_only_the_header() {
    struct PanicReader;
    impl Read for PanicReader {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("read too far")
        }
    }
    for header in [
        "\u{feff}from_object_id,to_object_id,definition_id\r",
        "sep=;\nfrom_object_id;\"to_object_id\";definition_id\n",
    ] {
        for sizes in [&[1][..], &[2, 3], &[500]] {
            let source = Pieces::of(header.as_bytes(), sizes).0;
            let chained = source.into_iter().fold(
                Box::new(io::empty()) as Box<dyn Read + Send>,
                |all, piece| Box::new(all.chain(io::Cursor::new(piece))),
            );
            assert!(
                open(chained.chain(PanicReader), &options()).is_ok(),
                "{header}"
            );
        }
    }
}

#[test]
fn a_lookalike_of_a_needed_header_is_shown_differently() {
    for (header, shown) in [
        (
            "from_object_id\u{a0},to_object_id,definition_id",
            r"from_object_id\u{a0}, to_object_id",
        ),
        (
            "fr\u{43e}m_object_id,to_object_id,definition_id",
            r"fr\u{43e}m_object_id, to_object_id",
        ),
        (
            "From\u{202f}Object ID,to_object_id,definition_id",
            r"From\u{202f}Object ID, to_object_id",
        ),
    ] {
        let message = refusal(format!("{header}\n1,2,1\n"));
        assert!(
            message.contains("has no column from_object_id;"),
            "{message}"
        );
        assert!(message.contains(shown), "{message}");
    }
}

#[test]
fn a_lookalike_of_a_column_name_is_shown_differently() {
    let message = refusal_with(
        "Fru\u{308}h,to_object_id,definition_id\n1,2,1\n",
        |options| {
            options.from_column = Some("Fr\u{fc}h".to_owned());
        },
    );
    assert!(message.contains(r"has no column Fr\u{fc}h;"), "{message}");
    assert!(message.contains(r"Fru\u{308}h, to_object_id"), "{message}");
}

#[test]
fn a_file_with_quoted_lines_is_refused_with_a_remedy() {
    for (file, word) in [
        (
            "\"from_object_id,to_object_id,definition_id\"\r\n\"1,2,1\"\r\n",
            "comma",
        ),
        (
            "\u{feff}\"from_object_id;\"\"to_object_id\"\";definition_id\"\n\"1;\"\"2\"\";1\"\n",
            "semicolon",
        ),
        (
            "\"from_object_id,to_object_id,definition_id\";;\n\"1,2,1\";;\n",
            "comma",
        ),
    ] {
        let message = refusal(file.to_owned());
        let what = format!(
            "line 1 is in quotes, so it is one cell: a spreadsheet saved a file with {word}"
        );
        assert!(
            message.contains(&what) && message.contains("Text to Columns"),
            "{message}"
        );
    }
}

#[test]
fn a_row_in_quotes_has_its_own_message() {
    let result = read_rows("\"1,2,1\"\n1,2\n\"a,b,c\",2\n");
    let code = |row: &Row| row.link.as_ref().map_err(|failure| failure.code).err();
    let is_of_too_few = |row| code(row) == Some(Code::TooFewCells);
    assert!(result.rows.iter().all(is_of_too_few));
    let message: Vec<_> = result.rows.iter().map(message).collect();
    assert!(
        message[0].contains(
            "the whole row is in quotes: remove the outer quotes, and write each doubled quote \
             inside as one"
        ),
        "{message:?}"
    );
    for message in &message[1..] {
        assert!(
            message.contains(
                "fill in the missing cells, or put cells that contain line breaks in quotes"
            ),
            "{message}"
        );
    }
}
