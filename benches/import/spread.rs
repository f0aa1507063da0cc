//! Several figures as one: the median, and how far they spread.

use std::fmt;

/// Figures of repeated runs.
#[derive(Default)]
pub(crate) struct Spread(Vec<f64>);

impl Spread {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
        self.0.sort_by(f64::total_cmp);
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = &self.0;
        match figures[..] {
            [] => write!(out, "no figure"),
            [only] => write!(out, "{only:6.2}"),
            [least, .., most] => {
                let median = figures[figures.len() / 2];
                write!(out, "{median:6.2} ({least:.2} to {most:.2})")
            }
        }
    }
}
