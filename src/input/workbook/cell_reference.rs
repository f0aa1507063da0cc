//! References to cells, such as `AB12`. Pure.

/// The letters of the last column, XFD, and the digits of the last row.
const MAX_COLUMN_LETTERS: usize = 3;
const MAX_ROW_DIGITS: usize = 7;

/// The column of a reference such as `AB12`, from 0. `None` if it is none, or of another row.
#[inline]
pub(super) fn column_in_row(reference: &str, row: u32) -> Option<usize> {
    let bytes = reference.as_bytes();
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let letters = &bytes[..letters.count()];
    if letters.len() > MAX_COLUMN_LETTERS {
        return None;
    }
    let digit = |letter: &u8| usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = letters
        .iter()
        .fold(0, |column, letter| column * 26 + digit(letter));
    let digits = &bytes[letters.len()..];
    let is_number = !digits.is_empty() && digits.len() <= MAX_ROW_DIGITS;
    let number = digits.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + u32::from(digit))
    });
    let is_in_row = is_number && number == Some(row);
    column.checked_sub(1).filter(|_| is_in_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_columns_of_their_row() {
        for (reference, row, column) in [
            ("A1", 1, Some(0)),
            ("Z7", 7, Some(25)),
            ("AA12", 12, Some(26)),
            ("XFD1048576", 1_048_576, Some(16_383)),
            ("b2", 2, Some(1)),
            ("A2", 1, None),
            ("A", 1, None),
            ("1", 1, None),
            ("A0", 1, None),
            ("$A$1", 1, None),
            ("AAAAAAAAAAAAAAAAAAAA1", 1, None),
        ] {
            assert_eq!(column_in_row(reference, row), column, "{reference}");
        }
    }
}
