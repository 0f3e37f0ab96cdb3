//! The shared cache: outcomes of trials that several runs have in common, the full-data arm above all.

use std::path::{Path, PathBuf};

use crate::execution::run_directory::{RunDirectoryError, write_atomically};
use crate::trial::{Outcome, TrialKey};

/// A folder of outcomes, one file per trial. Several processes may use it at once: files appear whole or not at all.
#[derive(Clone, Debug)]
pub struct TrialCache {
    folder: PathBuf,
}

impl TrialCache {
    /// Opens or creates the cache.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self, RunDirectoryError> {
        std::fs::create_dir_all(folder.join("trials")).map_err(|source| RunDirectoryError::Io {
            action: "create",
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The outcome of a trial. A missing, damaged or foreign file is a miss.
    pub fn get(&self, key: &TrialKey) -> Option<Outcome> {
        let bytes = std::fs::read(self.file(key)).ok()?;
        let outcome: Outcome = serde_json::from_slice(&bytes).ok()?;
        (outcome.key == *key).then_some(Outcome {
            from_cache: true,
            ..outcome
        })
    }

    /// Stores an outcome for other runs.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put(&self, outcome: &Outcome) -> Result<(), RunDirectoryError> {
        let path = self.file(&outcome.key);
        let bytes = serde_json::to_vec_pretty(outcome).map_err(|error| RunDirectoryError::Io {
            action: "write",
            path: path.clone(),
            source: error.into(),
        })?;
        write_atomically(&path, &bytes)
    }

    fn file(&self, key: &TrialKey) -> PathBuf {
        self.folder.join("trials").join(format!("{key}.json"))
    }
}
