//! Tests of id and definition cells: what is accepted, what is not, and the messages.

use proptest::prelude::*;

use super::*;
use crate::tables::v1;

/// Reads a cell as from id and as to id, quoted if needed.
fn id(cell: &str) -> Result<u64, Code> {
    let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
    let result = read_rows(&format!("{quoted},7,1\n7,{quoted},1\n"));
    match *result.links() {
        [Ok((from, 7, 1)), Ok((7, to, 1))] if from == to => Ok(from),
        [Err(from), Err(to)] if from == to => Err(from),
        ref other => panic!("{cell}: {other:?}"),
    }
}

/// Cells that are not ids, with their codes.
const NO_IDS: &[(Code, &[&str])] = &[
    (
        Code::InvalidIdScientific,
        &["1.23457E+11", "1E5", "1,2e+05", "1e5", "-1E5"],
    ),
    (
        Code::InvalidIdDecimal,
        &["123.0", "1.234", "12,5", "1,234.00", "1.5"],
    ),
    (
        Code::InvalidIdGrouped,
        &[
            "1,234",
            "1 234",
            "1_000",
            "1'234",
            "1.234.567",
            "12 345 678",
        ],
    ),
    (
        Code::InvalidIdSeveral,
        &[
            "7001;7002",
            "7001; 7002",
            "7001;7002;",
            "1;2",
            "7001|7002",
            "7001\n7002",
            "7001\r\n7002\r\n7003",
            "7001,7002",
            "7001, 7002",
            "7001 7002",
            "1, 234",
            "351001,352,353001",
            "[7001,7002]",
            "[\"7001\", \"7002\"]",
        ],
    ),
    (
        Code::InvalidIdQuoted,
        &["'123", "=\"123\"", "=123", "\"123\""],
    ),
    (
        Code::InvalidIdRounded,
        &[
            "1.23456789012346E+15",
            "1E+15",
            "9,007E+300",
            "1E99999999999",
        ],
    ),
    (
        Code::FormulaWithoutValue,
        &["=B2", "=VLOOKUP(A2,Sheet2!A:B,2,0)", "=", "=1+1"],
    ),
    (
        Code::InvalidIdDate,
        &[
            "2024-01-31",
            "2026-11-28T10:30:00",
            "10:30:00",
            "36:00:00.500",
        ],
    ),
    (Code::InvalidIdBoolean, &["TRUE", "False"]),
    (
        Code::InvalidIdSpreadsheetError,
        &["#N/A", "#REF!", "#WERT!", "####"],
    ),
    (Code::InvalidIdLeadingZeros, &["007", "01"]),
    (
        Code::InvalidIdInvisible,
        &[
            "\u{a0}12",
            "1\u{a0}234",
            "1\u{202f}234",
            "\u{200b}12",
            "\u{feff}12",
            "12\u{200e}",
            "1\u{2}",
        ],
    ),
    (Code::InvalidIdDigits, &["１２", "١٢", "1²", "१"]),
    (Code::InvalidIdZero, &["0", "000"]),
    (Code::InvalidIdSign, &["-1", "+1", "\u{2212}1", "\u{ff0b}1"]),
    (
        Code::InvalidIdTooLarge,
        &[
            "9223372036854775808",
            "18446744073709551616",
            "99999999999999999999",
        ],
    ),
    (
        Code::InvalidId,
        &[
            "2024-01", "abc", "12a", "1-2", "total", "0x10", "1/2", "12:30", "1 2",
        ],
    ),
];

#[test]
fn every_kind_of_invalid_id_has_its_code() {
    for &(code, cells) in NO_IDS {
        for cell in cells {
            assert_eq!(id(cell), Err(code), "{cell}");
        }
    }
    assert_eq!(
        read_rows(",7,1\n7, ,1\n").links(),
        [Err(Code::InvalidIdEmpty); 2]
    );
}

#[test]
fn i29_blanks_around_an_id_are_ignored() {
    assert_eq!(read_rows(" 12 ,\t13, 1\n").links(), [Ok((12, 13, 1))]);
}

#[test]
fn i32_i33_large_ids_are_exact_or_invalid() {
    for exact in [1, (1 << 53) + 1, i64::MAX as u64] {
        assert_eq!(id(&exact.to_string()), Ok(exact));
    }
    let result = read_rows(&format!("{},2,1\n", "9".repeat(5000)));
    let failure = result.rows[0].link.clone().unwrap_err();
    assert_eq!(failure.code, Code::InvalidIdTooLarge);
    let message = message(&result.rows[0]);
    assert!(message.len() < 200 && message.contains("5000 digits"));
}

#[test]
fn i25_the_message_names_column_cell_and_remedy() {
    let result = read_rows("1,1.23457E+11,1\n");
    assert_eq!(
        message(&result.rows[0]),
        "to_object_id: Excel rounded this id to 1.23457E+11; in the spreadsheet, format the column \
         as a number without decimals and save it again"
    );
}

#[test]
fn messages_escape_hidden_and_control_characters() {
    let result = read_rows("1\u{1b}[2J\u{202e},2,1\n");
    let message = message(&result.rows[0]);
    assert!(
        message.contains("\\u{1b}[2J\\u{202e}") && !message.contains('\u{1b}'),
        "{message}"
    );
}

#[test]
fn i34_i35_i36_duplicate_rows_are_all_read() {
    let result = read_rows("5,5,1\n1,2,1\n1,2,1\n2,1,1\n1,2,2\n");
    let links = [(5, 5, 1), (1, 2, 1), (1, 2, 1), (2, 1, 1), (1, 2, 2)];
    assert_eq!(result.links(), links.map(Ok));
}

#[test]
fn i22_a_total_line_is_invalid() {
    let result = read_rows("1,2,1\nTotal,1,\n");
    assert_eq!(result.links(), [Ok((1, 2, 1)), Err(Code::InvalidId)]);
}

#[test]
fn definitions_can_be_ids_or_names_in_each_row() {
    let names: Vec<_> = v1::table()
        .all()
        .iter()
        .map(|info| info.names.name.clone())
        .collect();
    let rows = names.join(
        "
1,2, ",
    );
    let rows = format!(
        "1,2, {rows}
1,2, {rows}
"
    );
    let ids: Vec<_> = v1::table()
        .all()
        .iter()
        .map(|info| Ok((1, 2, info.association_type.id)))
        .collect();
    assert_eq!(read_rows(&rows).links(), [ids.clone(), ids].concat());
    assert_eq!(
        read_rows("1,2,4294967295\n1,2,Deal to contact\n").links(),
        [Ok((1, 2, u32::MAX)), Ok((1, 2, 3))]
    );
    for bad in [
        "",
        "0",
        "01",
        "-1",
        "1.0",
        "contact_to_contact",
        "4294967296",
        "99999999999",
        "１",
    ] {
        assert_eq!(
            read_rows(&format!("1,2,{bad}\n1,2,{bad}\n")).links(),
            [Err(Code::InvalidDefinition); 2],
            "{bad}"
        );
    }
}

proptest! {
    #[test]
    fn ids_come_out_as_they_went_in(from in 1..=i64::MAX as u64, to in 1..=i64::MAX as u64, definition in 1_u32..) {
        prop_assert_eq!(read_rows(&format!("{from},{to},{definition}")).links(), [Ok((from, to, definition))]);
    }

    #[test]
    fn a_cell_is_exactly_its_number_or_no_id(cell in "[0-9 \t.,'eE+-]{0,6}|.{0,6}") {
        let plain = cell.trim_matches([' ', '\t']);
        let number = plain.parse().ok().filter(|n: &u64| n.to_string() == plain && *n > 0);
        prop_assert_eq!(id(&cell).ok(), number);
    }
}
