use std::io;
use std::path::PathBuf;

/// Why the layout could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A file or folder could not be read.
    #[error("{}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// A file is no Rust that `syn` understands.
    #[error("{}:{line}: {message}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where in it.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// `mod name;` without a file.
    #[error("{}: no file of the module {name}", path.display())]
    NoModule {
        /// The file that declares it.
        path: PathBuf,
        /// The module.
        name: String,
    },
    /// `cargo metadata` could not be run or failed.
    #[error("cargo metadata: {0}")]
    Cargo(String),
    /// `cargo metadata` answered something else than expected.
    #[error("the answer of cargo metadata")]
    Metadata(#[from] serde_json::Error),
}
