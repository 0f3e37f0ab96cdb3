//! Why runs cannot be ranked.

use std::path::PathBuf;

use ddrank_metrics::{OutOfRange, SummaryError};

use crate::file::ReportError;

/// Why runs cannot be ranked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaderboardError {
    /// The path is no run.
    #[error("{} is no run; expected a run directory or its report.json", path.display())]
    NoRun {
        /// The path.
        path: PathBuf,
    },
    /// The run has no report yet.
    #[error(
        "the run {} is not finished: it has no report.json; `ddrank score` continues it",
        path.display()
    )]
    Unfinished {
        /// The run directory.
        path: PathBuf,
    },
    /// The report cannot be read.
    #[error("the run {} has no usable report", path.display())]
    Report {
        /// The path.
        path: PathBuf,
        /// Why.
        source: ReportError,
    },
    /// The same run was named twice.
    #[error("{} is the same run as {}; name each run once", path.display(), first.display())]
    Twice {
        /// The second name.
        path: PathBuf,
        /// The first one.
        first: PathBuf,
    },
    /// Another weight was asked for, and the metric has none.
    #[error("the run {} measures plain accuracy, which has no weight", path.display())]
    NoWeight {
        /// The run.
        path: PathBuf,
    },
    /// The report lacks a part of the score.
    #[error("the report of {} has no score `{part}`", path.display())]
    NoPart {
        /// The run.
        path: PathBuf,
        /// The part.
        part: &'static str,
    },
    /// A number in the report is impossible.
    #[error("the report of {} has an impossible number", path.display())]
    Number {
        /// The run.
        path: PathBuf,
        /// Which.
        source: OutOfRange,
    },
    /// The rounds cannot be summarised.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}
