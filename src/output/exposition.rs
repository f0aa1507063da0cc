//! The text format that Prometheus reads, and one sample read back from it.
//!
//! Knows neither the names of metrics nor what they mean.

use std::fmt::Write as _;

/// What the samples of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Values that go up and down.
    Gauge,
    /// Quantiles, with a sum and a count.
    Summary,
}

/// All samples of one metric.
#[derive(Clone, Debug)]
pub struct MetricFamily {
    /// The name.
    pub name: &'static str,
    /// What it means. Files that are read together must agree on it.
    pub help: &'static str,
    /// What the samples are.
    pub kind: MetricKind,
    /// None, if nothing is known. Then the family is left out.
    pub samples: Vec<MetricSample>,
}

/// One value.
#[derive(Clone, Debug)]
pub struct MetricSample {
    /// What follows the name of the family: `_sum` and `_count` of a summary.
    pub suffix: &'static str,
    /// Names and values, in the order of display.
    pub labels: MetricLabels,
    /// The value.
    pub value: f64,
}

/// The labels of a sample.
pub type MetricLabels = Vec<(&'static str, String)>;

/// The text of these families, with a line end after the last one. No sample has a timestamp: a
/// file that is read over and over would look old.
#[must_use]
pub fn exposition_text(families: &[MetricFamily]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let MetricFamily { name, help, .. } = family;
        let kind = match family.kind {
            MetricKind::Gauge => "gauge",
            MetricKind::Summary => "summary",
        };
        let help = escaped(help, false);
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for sample in &family.samples {
            let key = sample_key(&format!("{name}{}", sample.suffix), &sample.labels);
            let _ = writeln!(text, "{key} {}", sample.value);
        }
    }
    text
}

/// The value of the sample with this name and these labels, if the text has it as it is written
/// here, and it is a number.
#[must_use]
pub fn sample_value(text: &str, name: &str, labels: &MetricLabels) -> Option<f64> {
    let start = sample_key(name, labels) + " ";
    let value = text.lines().find_map(|line| line.strip_prefix(&start))?;
    value.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `name{label="value"}`
fn sample_key(name: &str, labels: &MetricLabels) -> String {
    let pairs = labels.iter();
    let pairs: Vec<_> = pairs
        .map(|(label, value)| format!("{label}=\"{}\"", escaped(value, true)))
        .collect();
    format!("{name}{{{}}}", pairs.join(","))
}

/// Quotes end the value of a label, but not a help text.
fn escaped(text: &str, has_quotes: bool) -> String {
    let text = text.replace('\\', r"\\").replace('\n', r"\n");
    if has_quotes {
        text.replace('"', "\\\"")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(samples: Vec<MetricSample>) -> MetricFamily {
        MetricFamily {
            name: "a_seconds",
            help: "One \\ two\nand \"three\".",
            kind: MetricKind::Summary,
            samples,
        }
    }

    fn sample(suffix: &'static str, label: &str, value: f64) -> MetricSample {
        let labels = vec![("kind", label.to_owned()), ("other", String::new())];
        MetricSample {
            suffix,
            labels,
            value,
        }
    }

    #[test]
    fn labels_and_help_are_escaped_and_a_family_without_samples_is_left_out() {
        let odd = "a\"b\\c\nd é";
        let samples = vec![sample("", odd, 0.25), sample("_count", "x", 7e15)];
        let text = exposition_text(&[family(Vec::new()), family(samples)]);
        assert_eq!(
            text,
            "# HELP a_seconds One \\\\ two\\nand \"three\".\n\
             # TYPE a_seconds summary\n\
             a_seconds{kind=\"a\\\"b\\\\c\\nd é\",other=\"\"} 0.25\n\
             a_seconds_count{kind=\"x\",other=\"\"} 7000000000000000\n"
        );
        let found = |name, label| sample_value(&text, name, &sample("", label, 0.0).labels);
        assert_eq!(found("a_seconds", odd), Some(0.25));
        assert_eq!(found("a_seconds_count", "x"), Some(7e15));
        assert_eq!(found("a_seconds_count", odd), None);
    }

    #[test]
    fn a_damaged_sample_has_no_value() {
        let labels = vec![("a", "b".to_owned())];
        for (text, value) in [
            ("x{a=\"b\"} 1764459003.422\n", Some(1_764_459_003.422)),
            ("y 1\nx{a=\"b\"} 2", Some(2.0)),
            ("x{a=\"b\"} ", None),
            ("x{a=\"b\"} NaN", None),
            ("x{a=\"b\"} 1e999", None),
            ("x{a=\"b\"} 2 1764459003422", None),
            ("x{a=\"b", None),
            ("", None),
        ] {
            assert_eq!(sample_value(text, "x", &labels), value, "{text}");
        }
    }
}
