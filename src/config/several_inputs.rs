//! Several inputs of one command: where the results of each go, and which inputs do not go
//! together. Does not open them.

use std::path::{Path, PathBuf};

use super::paths::{files_beside, place, results_beside};
use crate::cli::ImportArgs;

/// Why several inputs do not go together.
#[derive(Debug, thiserror::Error)]
pub enum SeveralInputsError {
    /// Standard input has no name that its results could have.
    #[error(
        "- (standard input) cannot be one of several inputs; give it in a command of its own, with \
         --results"
    )]
    Stdin,
    /// One path cannot be the results of all.
    #[error(
        "--results names one file, but each of the {0} inputs has its own results beside it; leave \
         out --results (also as HUBASSOC_RESULTS or in the configuration file), or give one input"
    )]
    OneResultsPath(usize),
    /// A pipe has no name that its results could have.
    #[error(
        "{} is a pipe and cannot be one of several inputs; give it in a command of its own, with \
         --results", .0.display()
    )]
    Pipe(PathBuf),
    /// A file is given twice, perhaps by different paths.
    #[error("{} and {} are the same file; give it once", .0.display(), .1.display())]
    SameFile(PathBuf, PathBuf),
    /// The names differ only in what the results do not have.
    #[error(
        "{} and {} would have the same results ({}); rename one of them, or import it in a command \
         of its own, with --results", one.display(), other.display(), results.display()
    )]
    SameResults {
        /// The first of them.
        one: PathBuf,
        /// The second.
        other: PathBuf,
        /// The results of both.
        results: PathBuf,
    },
    /// Results are never overwritten.
    #[error(
        "the results {} of {} already exist and are never overwritten; nothing was sent; continue \
         with --resume (inputs without results are started, too), or give the input another name",
        results.display(), input.display()
    )]
    ResultsExist {
        /// The results.
        results: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// A pattern such as `*.csv` also matches what earlier runs have written.
    #[error(
        "{} is not an input of its own: the import of {} writes it; leave it out (a pattern such \
         as *.csv also matches results and failures)", file.display(), input.display()
    )]
    OfAnotherInput {
        /// The results or the failures.
        file: PathBuf,
        /// Whose.
        input: PathBuf,
    },
}

/// An input, and where all its files are.
struct InputFiles<'a> {
    input: &'a Path,
    results: PathBuf,
    input_place: Option<PathBuf>,
    results_place: Option<PathBuf>,
    other_places: Vec<PathBuf>,
}

/// Where the results of several inputs go, in the order of the inputs.
///
/// # Errors
/// If the inputs do not go together: then no run may begin.
pub fn results_paths(args: &ImportArgs) -> Result<Vec<PathBuf>, SeveralInputsError> {
    let inputs = &args.input.inputs;
    if inputs.iter().any(|input| input == "-") {
        return Err(SeveralInputsError::Stdin);
    }
    if args.results.is_some() {
        return Err(SeveralInputsError::OneResultsPath(inputs.len()));
    }
    let mut files: Vec<InputFiles<'_>> = Vec::with_capacity(inputs.len());
    for input in inputs {
        let next = InputFiles::new(args, Path::new(input))?;
        for earlier in &files {
            earlier.check_beside(&next)?;
        }
        files.push(next);
    }
    Ok(files.into_iter().map(|files| files.results).collect())
}

impl<'a> InputFiles<'a> {
    fn new(args: &ImportArgs, input: &'a Path) -> Result<Self, SeveralInputsError> {
        let results = results_beside(input, args.sandbox)
            .ok_or_else(|| SeveralInputsError::Pipe(input.to_owned()))?;
        let others = files_beside(&results);
        Ok(Self {
            input,
            input_place: place(input),
            results_place: place(&results),
            other_places: others.iter().filter_map(|path| place(path)).collect(),
            results,
        })
    }

    fn check_beside(&self, other: &Self) -> Result<(), SeveralInputsError> {
        let is_same =
            |one: &Option<PathBuf>, other: &Option<PathBuf>| one.is_some() && one == other;
        let [one, two] = [self.input.to_owned(), other.input.to_owned()];
        if one == two || is_same(&self.input_place, &other.input_place) {
            return Err(SeveralInputsError::SameFile(one, two));
        }
        for (run, file) in [(self, other), (other, self)] {
            if run.writes(file) {
                return Err(SeveralInputsError::OfAnotherInput {
                    file: file.input.to_owned(),
                    input: run.input.to_owned(),
                });
            }
        }
        if self.results == other.results || is_same(&self.results_place, &other.results_place) {
            return Err(SeveralInputsError::SameResults {
                one,
                other: two,
                results: self.results.clone(),
            });
        }
        Ok(())
    }

    /// Whether its run writes this input.
    fn writes(&self, other: &Self) -> bool {
        let mut own = self.results_place.iter().chain(&self.other_places);
        own.any(|path| Some(path) == other.input_place.as_ref())
    }
}
