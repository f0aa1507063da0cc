//! A strict reader of Prometheus's text format, as its specification says and not as the program
//! writes it. It accepts less than Prometheus does: what the program promises.

use std::collections::{BTreeMap, BTreeSet};

/// The labels of a sample, by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// The text of a file, read.
#[derive(Debug)]
pub(crate) struct Exposition {
    pub(crate) families: Vec<Family>,
}

/// A metric with its samples.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) help: String,
    pub(crate) kind: String,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

impl Exposition {
    /// Reads a text, or says what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if !text.ends_with('\n') {
            return Err("no line end at the end".to_owned());
        }
        let mut lines = text.split_terminator('\n').peekable();
        let mut families = Vec::<Family>::new();
        while lines.peek().is_some() {
            let family = Family::read(&mut lines)?;
            if families.iter().any(|earlier| earlier.name == family.name) {
                return Err(format!("{} comes twice", family.name));
            }
            families.push(family);
        }
        let all = families.iter().flat_map(|family| &family.samples);
        let mut seen = BTreeSet::new();
        for sample in all {
            if !seen.insert((&sample.name, &sample.labels)) {
                return Err(format!("{sample:?} comes twice"));
            }
        }
        Ok(Self { families })
    }

    /// The family with this name.
    pub(crate) fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }

    /// The value of the sample with this name and, among others, this label; `None` if there is
    /// none. There must not be several.
    pub(crate) fn labelled(&self, name: &str, label: &str, value: &str) -> Option<f64> {
        self.only(name, |labels| {
            labels.get(label).map(String::as_str) == Some(value)
        })
    }

    /// The value of the only sample with this name; `None` if there is none.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.only(name, |_| true)
    }

    fn only(&self, name: &str, is_wanted: impl Fn(&Labels) -> bool) -> Option<f64> {
        let samples = self.families.iter().flat_map(|family| &family.samples);
        let found: Vec<_> = samples
            .filter(|sample| sample.name == name && is_wanted(&sample.labels))
            .collect();
        assert!(found.len() < 2, "{found:?}");
        found.first().map(|sample| sample.value)
    }

    /// The sum of the samples with this name; `None` if there are none.
    pub(crate) fn sum(&self, name: &str) -> Option<f64> {
        let samples = self.families.iter().flat_map(|family| &family.samples);
        let values = samples.filter(|sample| sample.name == name);
        let values = values.map(|sample| sample.value);
        values.reduce(|sum, value| sum + value)
    }
}

impl Family {
    /// Reads its help, its type, and all of its samples.
    fn read<'a>(
        lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
    ) -> Result<Self, String> {
        let mut described = |keyword: &str| {
            let line = lines.next().unwrap_or_default();
            let rest = line.strip_prefix("# ")?.strip_prefix(keyword)?;
            let (name, text) = rest.strip_prefix(' ')?.split_once(' ')?;
            Some((name.to_owned(), text.to_owned()))
        };
        let (name, help) = described("HELP").ok_or("no help before samples")?;
        let (of, kind) = described("TYPE").ok_or("no type after the help")?;
        if of != name || !is_name(&name, ":") || help.is_empty() {
            return Err(format!("help of '{name}', type of '{of}'"));
        }
        let help = unescaped(&help, "\\n").ok_or_else(|| format!("help of {name}"))?;
        let mut samples = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let sample = Sample::read(line).ok_or_else(|| format!("bad line '{line}'"))?;
            if !is_of(&sample, &name, &kind) {
                return Err(format!("'{line}' among {name} ({kind})"));
            }
            samples.push(sample);
        }
        if samples.is_empty() {
            return Err(format!("{name} has no samples"));
        }
        Ok(Self {
            name,
            help,
            kind,
            samples,
        })
    }

    /// The names of the labels that its samples have.
    pub(crate) fn label_names(&self) -> BTreeSet<&str> {
        let samples = self.samples.iter();
        samples
            .flat_map(|sample| sample.labels.keys().map(String::as_str))
            .collect()
    }
}

/// Whether a sample may be in the family with this name and type.
fn is_of(sample: &Sample, name: &str, kind: &str) -> bool {
    let quantile = sample.labels.get("quantile");
    let is_quantile = quantile.is_some_and(|text| {
        let share = text.parse::<f64>();
        share.is_ok_and(|share| (0.0..=1.0).contains(&share))
    });
    match (kind, sample.name.strip_prefix(name)) {
        ("gauge", Some("")) | ("summary", Some("_sum" | "_count")) => quantile.is_none(),
        ("summary", Some("")) => is_quantile,
        _ => false,
    }
}

impl Sample {
    /// `name{label="value",…} number`, with one blank and nothing after the number.
    fn read(line: &str) -> Option<Self> {
        let (name, rest) = line.split_once('{')?;
        let mut labels = Labels::new();
        let mut rest = rest;
        let value = loop {
            let (label, after) = rest.split_once("=\"")?;
            let end = closing_quote(after)?;
            let is_plain = is_name(label, "") && !label.starts_with("__");
            let value = unescaped(&after[..end], "\\n\"")?;
            if !is_plain || labels.insert(label.to_owned(), value).is_some() {
                return None;
            }
            let after = &after[end + 1..];
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None => break after.strip_prefix("} ")?,
            }
        };
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let is_plain =
            value.starts_with(|c: char| c.is_ascii_digit()) && value.chars().all(is_number);
        (is_name(name, ":") && is_plain).then_some(Self {
            name: name.to_owned(),
            labels,
            value: value.parse().ok()?,
        })
    }
}

/// Where the quote is that ends a text, which is the first without a backslash before it.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends.then_some(at)
    })
}

/// Letters, digits, underscores and these marks; no digit comes first.
fn is_name(name: &str, marks: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || marks.contains(c);
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(is_part)
}

/// The text with its escapes replaced. Only these letters may be escaped.
fn unescaped(text: &str, letters: &str) -> Option<String> {
    let mut plain = String::new();
    let mut all = text.chars();
    while let Some(c) = all.next() {
        plain.push(match c {
            '\\' => match all.next().filter(|c| letters.contains(*c))? {
                'n' => '\n',
                other => other,
            },
            '"' if letters.contains('"') => return None,
            other => other,
        });
    }
    Some(plain)
}

#[test]
fn the_reader_reads_escapes_and_summaries() {
    let text = "# HELP a:b One \\\\ \\n \"two\".\n# TYPE a:b gauge\na:b{x=\"\\\\n\\\"\\n\",_y=\"\\\\\"} 0.5\n\
                # HELP c_d Three.\n# TYPE c_d summary\nc_d{quantile=\"0.5\",x=\"a,b}\"} 1\n\
                c_d_sum{x=\"a\"} 7\nc_d_count{x=\"a\"} 1764459003.422\n";
    let read = Exposition::read(text).unwrap();
    assert_eq!(read.families[0].help, "One \\ \n \"two\".");
    assert_eq!(read.labelled("a:b", "x", "\\n\"\n"), Some(0.5));
    assert_eq!(read.labelled("c_d", "x", "a,b}"), Some(1.0));
    assert_eq!(read.value("c_d_count"), Some(1_764_459_003.422));
    assert_eq!(read.value("c"), None);
}

#[test]
fn the_reader_refuses_what_is_not_promised() {
    let family = |lines: &str| format!("# HELP a Help.\n# TYPE a gauge\n{lines}");
    let summary = |lines: &str| format!("# HELP a Help.\n# TYPE a summary\n{lines}");
    Exposition::read(&family("a{x=\"1\"} 1\na{x=\"2\"} 1\n")).unwrap();
    for bad in [
        family("a{x=\"1\"} 1"),
        family(""),
        family("a{x=\"1\"} 1 1764459003422\n"),
        family("a{x=\"1\"} 1 \n"),
        family("a{x=\"1\"}  1\n"),
        family("a{x=\"1\"} 1\r\n"),
        family("a{x=\"1\"} NaN\n"),
        family("a{x=\"1\"} +1\n"),
        family("a{x=\"1\"} 1\na{x=\"1\"} 2\n"),
        family("a{x=\"1\",x=\"2\"} 1\n"),
        family("a{x=\"\\t\"} 1\n"),
        family("a{x=\"\"\"} 1\n"),
        family("a{x=\"1} 1\n"),
        family("a{x=\"1\",} 1\n"),
        family("a{1x=\"1\"} 1\n"),
        family("a{__x=\"1\"} 1\n"),
        family("b{x=\"1\"} 1\n"),
        family("a_sum{x=\"1\"} 1\n"),
        family("a{x=\"1\"} 1\n\n"),
        family("a{x=\"1\"} 1\n# TYPE a gauge\n"),
        family("a{x=\"1\"} 1\n") + &family("a{x=\"2\"} 1\n"),
        summary("a{x=\"1\"} 1\n"),
        summary("a_sum{quantile=\"0.5\"} 1\n"),
        summary("a{quantile=\"50\"} 1\n"),
        "# TYPE a gauge\n# HELP a Help.\na{x=\"1\"} 1\n".to_owned(),
        "# HELP a Help.\n# TYPE b gauge\na{x=\"1\"} 1\n".to_owned(),
        "# HELP a \\t\n# TYPE a gauge\na{x=\"1\"} 1\n".to_owned(),
        "# HELP a-b Help.\n# TYPE a-b gauge\na-b{x=\"1\"} 1\n".to_owned(),
        "a{x=\"1\"} 1\n".to_owned(),
    ] {
        assert!(Exposition::read(&bad).is_err(), "{bad}");
    }
}
