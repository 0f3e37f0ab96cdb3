//! The run directory: what is finished stays finished.
//!
//! `runs/<name>/` holds the configuration as it was run, `trials.jsonl` with one line per finished trial (appended and
//! synced), and the reports. Killing the process at any moment loses at most the trials in flight.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ddrank_files::replace_file;

use crate::trial::{Outcome, TrialKey};

/// Why a run directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunDirectoryError {
    /// A file operation failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Another process works in it.
    #[error("{} is in use by another ddrank; wait for it to end, or give this run another name", path.display())]
    InUse {
        /// The run directory.
        path: PathBuf,
    },
}

/// An open run directory, locked against other processes until it is dropped.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    journal: File,
    outcomes: BTreeMap<TrialKey, Outcome>,
    notices: Vec<String>,
    _lock: File,
}

impl RunDirectory {
    /// Opens or creates the directory, takes its lock, reads the finished trials and repairs a torn last line.
    ///
    /// # Errors
    /// If another process holds the lock, or a file cannot be made, read or repaired.
    pub fn open(path: &Path) -> Result<Self, RunDirectoryError> {
        let fail = |action, path: &Path| {
            let path = path.to_owned();
            move |source| RunDirectoryError::Io {
                action,
                path,
                source,
            }
        };
        std::fs::create_dir_all(path).map_err(fail("create", path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path);
        let lock = lock.map_err(fail("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RunDirectoryError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(fail("lock", &lock_path)(source)),
        }
        let journal_path = path.join("trials.jsonl");
        let mut journal = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&journal_path)
            .map_err(fail("open", &journal_path))?;
        let mut bytes = Vec::new();
        journal
            .read_to_end(&mut bytes)
            .map_err(fail("read", &journal_path))?;
        let contents = JournalContents::parse(&bytes);
        if contents.whole < bytes.len() {
            journal
                .set_len(contents.whole as u64)
                .map_err(fail("repair", &journal_path))?;
            journal.sync_all().map_err(fail("repair", &journal_path))?;
        }
        let JournalContents {
            outcomes, notices, ..
        } = contents;
        Ok(Self {
            path: path.to_owned(),
            journal,
            outcomes,
            notices,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What had to be repaired or skipped on opening.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The outcome of a finished trial.
    pub fn outcome(&self, key: &TrialKey) -> Option<&Outcome> {
        self.outcomes.get(key)
    }

    /// Appends a finished trial and syncs it to the disk before returning.
    ///
    /// # Errors
    /// If the line cannot be written or synced.
    pub fn record(&mut self, outcome: Outcome) -> Result<(), RunDirectoryError> {
        let path = self.path.join("trials.jsonl");
        let fail = |source| RunDirectoryError::Io {
            action: "append to",
            path: path.clone(),
            source,
        };
        let mut line = serde_json::to_vec(&outcome).map_err(|error| fail(error.into()))?;
        line.push(b'\n');
        self.journal
            .write_all(&line)
            .and_then(|()| self.journal.sync_data())
            .map_err(fail)?;
        self.outcomes.insert(outcome.key.clone(), outcome);
        Ok(())
    }

    /// Writes a file of the directory under a temporary name, syncs it and renames it.
    ///
    /// # Errors
    /// If any of these steps fails; an earlier file of that name is then untouched.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), RunDirectoryError> {
        write_atomically(&self.path.join(name), contents)
    }
}

/// The trials finished in a run directory, read without opening it: nothing is locked, repaired or made.
///
/// # Errors
/// If the journal exists and cannot be read.
pub fn finished_trials(path: &Path) -> Result<BTreeSet<TrialKey>, RunDirectoryError> {
    let path = path.join("trials.jsonl");
    match std::fs::read(&path) {
        Ok(bytes) => Ok(JournalContents::parse(&bytes)
            .outcomes
            .into_keys()
            .collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(source) => Err(RunDirectoryError::Io {
            action: "read",
            path,
            source,
        }),
    }
}

/// Writes `contents` to a temporary file beside `path`, syncs it and renames it to `path`.
///
/// # Errors
/// If any of these steps fails; an earlier file is then untouched.
pub fn write_atomically(path: &Path, contents: &[u8]) -> Result<(), RunDirectoryError> {
    replace_file(path, |file| file.write_all(contents)).map_err(|source| RunDirectoryError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

struct JournalContents {
    outcomes: BTreeMap<TrialKey, Outcome>,
    notices: Vec<String>,
    /// Bytes up to the end of the last whole line.
    whole: usize,
}

impl JournalContents {
    fn parse(bytes: &[u8]) -> Self {
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let mut contents = Self {
            outcomes: BTreeMap::new(),
            notices: Vec::new(),
            whole,
        };
        if whole < bytes.len() {
            contents.notices.push(
                "trials.jsonl: the last line was torn and has been cut off; that trial runs again"
                    .into(),
            );
        }
        for (index, line) in bytes[..whole]
            .split_inclusive(|&byte| byte == b'\n')
            .enumerate()
        {
            match serde_json::from_slice::<Outcome>(line) {
                Ok(outcome) => {
                    contents.outcomes.insert(outcome.key.clone(), outcome);
                }
                Err(error) => {
                    let notice = format!(
                        "trials.jsonl: line {} is damaged and is not used ({error})",
                        index + 1
                    );
                    contents.notices.push(notice);
                }
            }
        }
        contents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str) -> Outcome {
        let json = format!(
            r#"{{"key":"{name}","curve":[{{"epoch":1,"accuracy":0.25,"loss":2.5}}],"diverged":null,"device":"flex","seconds":0.125}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn key(name: &str) -> TrialKey {
        outcome(name).key
    }

    #[test]
    fn what_is_recorded_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut directory = RunDirectory::open(folder.path()).unwrap();
        directory.record(outcome("a")).unwrap();
        directory.record(outcome("b")).unwrap();
        drop(directory);
        assert_eq!(finished_trials(folder.path()).unwrap().len(), 2);
        let directory = RunDirectory::open(folder.path()).unwrap();
        assert_eq!(directory.outcome(&key("a")), Some(&outcome("a")));
        assert_eq!(directory.outcome(&key("c")), None);
        assert!(directory.notices().is_empty());
    }

    /// The process may die between any two bytes of a line.
    #[test]
    fn a_line_torn_anywhere_is_cut_off_and_the_rest_survives() {
        let whole = [
            serde_json::to_string(&outcome("a")).unwrap(),
            serde_json::to_string(&outcome("b")).unwrap(),
        ];
        for cut in 0..=whole[1].len() {
            let folder = tempfile::tempdir().unwrap();
            let text = format!("{}\n{}", whole[0], &whole[1][..cut]);
            std::fs::write(folder.path().join("trials.jsonl"), text).unwrap();
            let mut directory = RunDirectory::open(folder.path()).unwrap();
            assert_eq!(
                directory.notices().len(),
                usize::from(cut > 0),
                "cut at {cut}"
            );
            assert!(directory.outcome(&key("a")).is_some());
            assert!(directory.outcome(&key("b")).is_none());
            directory.record(outcome("b")).unwrap();
            drop(directory);
            let text = std::fs::read_to_string(folder.path().join("trials.jsonl")).unwrap();
            assert_eq!(
                text,
                format!("{}\n{}\n", whole[0], whole[1]),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn a_damaged_line_is_named_and_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let good = serde_json::to_string(&outcome("b")).unwrap();
        std::fs::write(
            folder.path().join("trials.jsonl"),
            format!("{{\"key\": 7}}\n{good}\n"),
        )
        .unwrap();
        let directory = RunDirectory::open(folder.path()).unwrap();
        assert!(
            directory.notices()[0].contains("line 1"),
            "{:?}",
            directory.notices()
        );
        assert!(directory.outcome(&key("b")).is_some());
    }

    #[test]
    fn a_directory_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let first = RunDirectory::open(folder.path()).unwrap();
        let error = RunDirectory::open(folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("in use by another ddrank"),
            "{error}"
        );
        drop(first);
        RunDirectory::open(folder.path()).unwrap();
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        let error = write_atomically(&folder.path().join("none/report.json"), b"x").unwrap_err();
        assert!(error.to_string().contains("report.json"), "{error}");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }
}
