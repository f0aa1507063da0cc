//! Numbers of a workbook as text: as exact as the file has them, and never more.
//!
//! A spreadsheet keeps 15 digits of a number. Longer ones are written with an exponent, so that
//! nobody takes their last digits for true.

use std::fmt::Write as _;

use jiff::{
    ToSpan as _,
    civil::{Date, date},
};

use super::styles::NumberFormat;

/// Whole numbers below this are exact.
const EXACT: f64 = 1e15;

/// The digits of a whole number that is exact.
const EXACT_DIGITS: usize = 15;

/// Smaller numbers are written with an exponent.
const SMALL: f64 = 1e-9;

/// The last day that a spreadsheet knows is 9999-12-31.
const LAST_DAY: f64 = 2_958_466.0;

/// Excel counts a 29 February 1900, which did not exist, as this day.
const LEAP_DAY_1900: i64 = 60;

/// Times are read to the millisecond, which is what spreadsheets keep.
const MILLIS_PER_DAY: i64 = 86_400_000;

/// The day from which a workbook counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DateSystem {
    /// Day 1 is 1900-01-01.
    #[default]
    From1900,
    /// Day 0 is 1904-01-01, as in files from old versions for the Mac.
    From1904,
}

/// Appends the text of a number as it is in the file.
pub(super) fn append_number(
    written: &str,
    format: NumberFormat,
    system: DateSystem,
    into: &mut String,
) {
    let written = written.trim_ascii();
    if format == NumberFormat::Plain && is_exact_id(written) {
        return into.push_str(written);
    }
    match written.parse::<f64>() {
        Ok(number) if number.is_finite() => {
            let day = (0.0..LAST_DAY).contains(&number);
            match format {
                NumberFormat::Date if day => append_date(number, system, into),
                NumberFormat::Duration if day => append_time(millis(number), into),
                NumberFormat::Plain | NumberFormat::Date | NumberFormat::Duration => {
                    append_plain(number, into);
                }
            }
        }
        Ok(_) | Err(_) => into.push_str(written),
    }
}

/// Whether it is a positive whole number with few enough digits, as ids are written.
fn is_exact_id(written: &str) -> bool {
    let bytes = written.as_bytes();
    matches!(bytes, [b'1'..=b'9', rest @ ..]
        if rest.len() < EXACT_DIGITS && rest.iter().all(u8::is_ascii_digit))
}

/// The number with the 15 digits that a spreadsheet keeps. Some programs write more, and lose them
/// when the workbook is saved again. A fraction is not rounded to a whole number, which could be an id.
fn kept_digits(number: f64) -> f64 {
    let kept = format!("{number:.14e}").parse().unwrap_or(number);
    if kept.fract() == 0.0 && number.fract() != 0.0 {
        number
    } else {
        kept
    }
}

fn append_plain(number: f64, into: &mut String) {
    let number = kept_digits(number);
    let size = number.abs();
    // Writing to a string cannot fail.
    if number == 0.0 {
        into.push('0');
    } else if size >= EXACT {
        let text = format!("{number:E}");
        into.push_str(&text.replace('E', "E+"));
    } else if size < SMALL {
        let _ = write!(into, "{number:E}");
    } else {
        let _ = write!(into, "{number}");
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number of a day is small"
)]
#[expect(clippy::cast_precision_loss, reason = "the number is small")]
fn millis(days: f64) -> i64 {
    (days * MILLIS_PER_DAY as f64).round() as i64
}

fn append_date(number: f64, system: DateSystem, into: &mut String) {
    let millis = millis(number);
    let (day, time) = (millis / MILLIS_PER_DAY, millis % MILLIS_PER_DAY);
    if day > 0 || (system == DateSystem::From1904 && time == 0) {
        append_day(day, system, into);
        if time == 0 {
            return;
        }
        into.push('T');
    }
    append_time(time, into);
}

fn append_day(day: i64, system: DateSystem, into: &mut String) {
    const FROM_1900: Date = date(1899, 12, 31);
    const AFTER_LEAP_DAY: Date = date(1899, 12, 30);
    const FROM_1904: Date = date(1904, 1, 1);
    let first = match system {
        DateSystem::From1904 => FROM_1904,
        DateSystem::From1900 if day == LEAP_DAY_1900 => return into.push_str("1900-02-29"),
        DateSystem::From1900 if day < LEAP_DAY_1900 => FROM_1900,
        DateSystem::From1900 => AFTER_LEAP_DAY,
    };
    match first.checked_add(day.days()) {
        Ok(date) => drop(write!(into, "{date}")),
        // A day after 9999-12-31.
        Err(_) => drop(write!(into, "{day}")),
    }
}

fn append_time(millis: i64, into: &mut String) {
    let seconds = millis / 1_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let _ = write!(into, "{hours:02}:{minutes:02}:{:02}", seconds % 60);
    if millis % 1_000 != 0 {
        let _ = write!(into, ".{:03}", millis % 1_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str, format: NumberFormat, system: DateSystem) -> String {
        let mut text = String::new();
        append_number(written, format, system, &mut text);
        text
    }

    #[test]
    fn numbers_are_exact_or_have_an_exponent() {
        for (written, shown) in [
            ("351000000001", "351000000001"),
            ("351000000001.0", "351000000001"),
            ("3.51000000001E11", "351000000001"),
            ("123456789012345", "123456789012345"),
            ("999999999999999", "999999999999999"),
            ("1000000000000000", "1E+15"),
            ("1234567890123456", "1.23456789012346E+15"),
            ("9007199254740993", "9.00719925474099E+15"),
            ("0.3333333333333333", "0.333333333333333"),
            ("351000000001.006", "351000000001.006"),
            ("99999999999999.99", "99999999999999.98"),
            ("351000000001.00006", "351000000001.00006"),
            ("0.1", "0.1"),
            ("0.10000000000000001", "0.1"),
            ("1.5", "1.5"),
            ("-5", "-5"),
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("1E-10", "1E-10"),
            ("0.000001", "0.000001"),
            ("-1E+20", "-1E+20"),
            (" 12 ", "12"),
            ("", ""),
            ("abc", "abc"),
            ("1e999", "1e999"),
        ] {
            let found = text(written, NumberFormat::Plain, DateSystem::From1900);
            assert_eq!(found, shown, "{written}");
        }
    }

    #[test]
    fn dates_are_days_times_or_both() {
        use DateSystem::{From1900, From1904};
        use NumberFormat::{Date, Duration};
        let cases = [
            ("46354", Date, From1900, "2026-11-28"),
            ("46354.4375", Date, From1900, "2026-11-28T10:30:00"),
            ("46354.9999999999", Date, From1900, "2026-11-29"),
            ("0.4375", Date, From1900, "10:30:00"),
            ("0.437505787037037", Date, From1900, "10:30:00.500"),
            ("1", Date, From1900, "1900-01-01"),
            ("59", Date, From1900, "1900-02-28"),
            ("60", Date, From1900, "1900-02-29"),
            ("61", Date, From1900, "1900-03-01"),
            ("0", Date, From1904, "1904-01-01"),
            ("44892", Date, From1904, "2026-11-28"),
            ("1.5", Duration, From1900, "36:00:00"),
            ("2958465", Date, From1900, "9999-12-31"),
            // No date has these numbers.
            ("351000000001", Date, From1900, "351000000001"),
            ("-1", Date, From1900, "-1"),
        ];
        for (written, format, system, shown) in cases {
            assert_eq!(text(written, format, system), shown, "{written}");
        }
    }
}
