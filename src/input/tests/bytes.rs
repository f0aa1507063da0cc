//! Tests of decoding: byte order marks, encodings, line ends, gzip.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;

use super::*;
use crate::input::{InputEncoding, InputFormat};

const TWO: [Link; 2] = [Ok((1, 2, 1)), Ok((3, 4, 2))];
const FILE: &str = "from_object_id,to_object_id,definition_id\n1,2,1\n3,4,2\n";

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

#[test]
fn i1_leading_byte_order_marks_are_skipped_even_byte_by_byte() {
    for header in [
        "\u{feff}from_object_id",
        "\u{feff}\u{feff}from_object_id",
        "\u{feff}\"from_object_id\"",
    ] {
        let file = FILE.replace("from_object_id", header);
        assert_eq!(read_bytes(file.clone()).links(), TWO);
        let drip = open(Pieces::of(file.as_bytes(), &[1]), &options()).unwrap();
        assert!(drip.shape().bom);
        assert_eq!(drain(drip).links(), TWO, "{header}");
    }
}

#[test]
fn i2_the_header_of_an_appended_file_is_one_invalid_row() {
    let result = read_bytes(format!("\u{feff}{FILE}\u{feff}{FILE}"));
    let mut links = [TWO.as_slice(), &TWO].concat();
    links.insert(2, Err(Code::RepeatedHeader));
    assert_eq!(result.links(), links);
}

#[test]
fn i3_utf16_is_read_exactly_with_and_without_a_mark() {
    let tabs = FILE.replace(',', "\t");
    for text in [
        FILE.to_owned(),
        format!("\u{feff}{FILE}"),
        format!("\u{feff}{tabs}"),
    ] {
        for (bytes, name) in [
            (utf16(&text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(&text, u16::to_be_bytes), "UTF-16BE"),
        ] {
            let input = open(Pieces::of(&bytes, &[3, 1]), &options()).unwrap();
            let encoding = match &input.shape().format {
                InputFormat::Delimited { encoding, .. } => *encoding,
                InputFormat::Workbook { .. } => "workbook",
            };
            assert_eq!(encoding, name);
            assert_eq!(drain(input).links(), TWO);
        }
    }
}

#[test]
fn i3_utf32_is_refused() {
    for unit in [u32::to_le_bytes as fn(u32) -> _, u32::to_be_bytes] {
        for text in [FILE.to_owned(), format!("\u{feff}{FILE}")] {
            let bytes: Vec<u8> = text.chars().flat_map(|c| unit(c.into())).collect();
            assert!(refusal(bytes).contains("UTF-32"));
        }
    }
}

#[test]
fn i4_windows_1252_is_read_cell_by_cell() {
    let result = read_bytes(
        b"note,from_object_id,to_object_id,definition_id,x\nM\xfcller,1,2,1,\xc3\xbc\n".as_slice(),
    );
    assert_eq!(result.links(), [Ok((1, 2, 1))]);
    assert_eq!(result.cells(), [["Müller", "1", "2", "1", "ü"]]);
}

#[test]
fn i4_bytes_around_a_delimiter_do_not_form_a_character() {
    let result =
        read_bytes(b"from_object_id,to_object_id,definition_id,a,b\n1,2,1,\xc3,\xbc\n".as_slice());
    assert_eq!(result.cells(), [["1", "2", "1", "Ã", "¼"]]);
    assert_eq!(result.links(), [Ok((1, 2, 1))]);
}

#[test]
fn i5_an_id_that_is_not_utf8_is_invalid() {
    for bad in [
        b"1\xff2".as_slice(),
        b"\xc0\xb1",
        b"1\xa0",
        b"\xed\xa0\x80",
        b"\xef\xbb",
    ] {
        for place in 0..3 {
            let mut cells: [&[u8]; 3] = [b"1", b"2", b"1"];
            cells[place] = bad;
            let file = [HEADER.as_bytes(), &cells.join(&b","[..]), b"\n5,6,1\n"].concat();
            assert_eq!(
                read_bytes(file).links(),
                [Err(Code::InvalidIdEncoding), Ok((5, 6, 1))]
            );
        }
    }
}

#[test]
fn i6_cells_with_nul_bytes_are_invalid() {
    assert_eq!(
        read_rows("1\0,2,1\n").links(),
        [Err(Code::InvalidIdInvisible)]
    );
    assert_eq!(
        read_rows("1,2,1\0\0\0").links(),
        [Err(Code::InvalidDefinition)]
    );
    let tail = read_rows(&format!("1,2,1\n{}", "\0".repeat(5000)));
    assert_eq!(tail.links(), [Ok((1, 2, 1)), Err(Code::TooFewCells)]);
}

#[test]
fn i7_every_line_end_ends_a_line() {
    for end in ["\r\n", "\r", "\n"] {
        for last in [end, ""] {
            let file = FILE.trim_end().replace('\n', end) + last;
            for sizes in [&[1][..], &[1000]] {
                let result = drain(open(Pieces::of(file.as_bytes(), sizes), &options()).unwrap());
                assert_eq!(result.links(), TWO, "{end:?}");
                assert_eq!(
                    (result.lines(), result.blank_rows),
                    (vec![2, 3], 0),
                    "{end:?}"
                );
            }
        }
    }
    assert_eq!(
        read_bytes("from_object_id,to_object_id,definition_id\r\n1,2,1\r3,4,2\n").lines(),
        [2, 3]
    );
}

#[test]
fn an_explicit_encoding_is_used() {
    let file = b"from_object_id,to_object_id,definition_id,x\n1,2,1,\x80\n".to_vec();
    let options = InputOptions {
        encoding: "windows-1251".parse().unwrap(),
        ..options()
    };
    let input = open(Cursor::new(file), &options).unwrap();
    assert_eq!(drain(input).cells(), [["1", "2", "1", "Ђ"]]);
    assert_eq!("AUTO".parse(), Ok(InputEncoding::Auto));
    assert!("latin-7".parse::<InputEncoding>().is_err());
}

#[test]
fn i24_gzip_with_several_members_is_decompressed() {
    let halves = [gzip(&FILE.as_bytes()[..50]), gzip(&FILE.as_bytes()[50..])].concat();
    for packed in [gzip(FILE.as_bytes()), halves] {
        let input = open(Pieces::of(&packed, &[7]), &options()).unwrap();
        assert!(input.shape().format.is_compressed());
        let count = input.bytes_read();
        assert_eq!(drain(input).links(), TWO);
        assert_eq!(
            count.load(std::sync::atomic::Ordering::Relaxed),
            packed.len() as u64
        );
    }
}

#[test]
fn i24_damaged_gzip_is_always_an_error() {
    let packed = gzip(FILE.as_bytes());
    let mut wrong_sum = packed.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let cut = (1..packed.len()).map(|len| packed[..len].to_vec());
    for bytes in cut.chain([wrong_sum]) {
        if let Ok(input) = open(Cursor::new(bytes), &options()) {
            let error = drain(input).error.unwrap();
            assert!(
                !error.is_refusal() && messages::input(&error).contains("gzip"),
                "{error:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_encoding_reads_in_pieces_as_it_reads_whole(
        text in "[a-zäß€𝄞\n,\"]{0,200}", sizes in prop::collection::vec(1_usize..9, 1..4),
    ) {
        let file = format!("\u{feff}from_object_id,to_object_id,definition_id\n{text}");
        let whole = read_bytes(file.clone());
        for bytes in [file.clone().into_bytes(), utf16(&file, u16::to_le_bytes), gzip(file.as_bytes())] {
            let result = drain(open(Pieces::of(&bytes, &sizes), &options()).unwrap());
            prop_assert_eq!(result.cells(), whole.cells());
            prop_assert_eq!(result.error.is_some(), whole.error.is_some());
        }
    }
}
