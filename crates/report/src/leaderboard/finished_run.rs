//! A finished run, found by its directory or its report.

use std::path::{Path, PathBuf};

use super::error::LeaderboardError;
use crate::file::read_json;
use crate::model::Report;

/// A finished run.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// Its run directory or report, as it was named.
    pub path: PathBuf,
    /// Its report.
    pub report: Report,
}

impl FinishedRun {
    /// Whether both are one run under two names, by the file that their paths lead to.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let file = |run: &Self| {
            let path = if run.path.is_dir() {
                run.path.join("report.json")
            } else {
                run.path.clone()
            };
            path.canonicalize().ok()
        };
        match (file(self), file(other)) {
            (Some(one), Some(other)) => one == other,
            // Reports that never were files have only their names.
            _ => self.path == other.path,
        }
    }
}

/// Reads a finished run: a run directory, or a `report.json`.
///
/// # Errors
///
/// When there is no run, it is not finished, or its report cannot be read.
pub fn read_run(path: &Path) -> Result<FinishedRun, LeaderboardError> {
    let file = if path.is_dir() {
        let file = path.join("report.json");
        if !file.exists() {
            let path = path.to_owned();
            let is_run = ["configuration.toml", "trials.jsonl"]
                .iter()
                .any(|name| path.join(name).exists());
            return Err(if is_run {
                LeaderboardError::Unfinished { path }
            } else {
                LeaderboardError::NoRun { path }
            });
        }
        file
    } else if path.exists() {
        path.to_owned()
    } else {
        return Err(LeaderboardError::NoRun {
            path: path.to_owned(),
        });
    };
    let report = read_json(&file).map_err(|source| LeaderboardError::Report {
        path: path.to_owned(),
        source,
    })?;
    Ok(FinishedRun {
        path: path.to_owned(),
        report,
    })
}
