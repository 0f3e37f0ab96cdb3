//! Why a configuration of DD-Ranking cannot be turned into TOML.

use std::path::{Path, PathBuf};

use crate::ConfigurationError;

/// A file that cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is wrong, or is not offered here.
    #[error("{}{}: {message}", path.display(), line.map_or_else(String::new, |line| format!(":{line}")))]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where there is one.
        line: Option<usize>,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// The values are not accepted by the configuration that they would make.
    #[error("the values make no configuration")]
    Result(#[source] ConfigurationError),
}

impl ImportError {
    pub(super) fn content(path: &Path, line: Option<usize>, message: impl Into<String>) -> Self {
        Self::Content {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}
