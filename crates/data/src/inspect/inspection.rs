//! Looking at a tensor file or an image folder.

use std::path::{Path, PathBuf};

use ddrank_files::{FileFormat, Limits, Skipped, read_tensor_file};
use serde::Serialize;

use super::error::InspectError;
use super::folder::{FolderInspection, summarise};
use super::statistics::TensorSummary;

/// What to look at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InspectOptions {
    /// How much a tensor file may ask for.
    pub limits: Limits,
    /// Look at this tensor only; all of them without it.
    pub key: Option<String>,
}

/// What was found. Its `Display` is a table for people.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Inspection {
    /// A tensor file.
    File(FileInspection),
    /// An image folder.
    Folder(FolderInspection),
}

/// What is in a tensor file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FileInspection {
    /// The file.
    pub path: PathBuf,
    /// Its container.
    pub format: FileFormat,
    /// Its tensors, in the order of the file.
    pub tensors: Vec<TensorSummary>,
    /// What else it holds.
    pub skipped: Vec<Skipped>,
}

/// Looks at a tensor file of any format or at an image folder `<class>/<file>`.
///
/// # Errors
/// When the file cannot be read, has no tensor of the given name, or the folder cannot be listed. Images that cannot
/// be decoded are not an error: they are counted and listed.
pub fn inspect(path: &Path, options: &InspectOptions) -> Result<Inspection, InspectError> {
    if path.is_dir() {
        if let Some(key) = &options.key {
            return Err(InspectError::KeyOfFolder {
                path: path.to_owned(),
                key: key.clone(),
            });
        }
        return Ok(Inspection::Folder(summarise(path)?));
    }
    let file = read_tensor_file(path, &options.limits)?;
    let tensors = match &options.key {
        Some(key) => vec![TensorSummary::of(file.select(Some(key))?)],
        None => file.tensors().iter().map(TensorSummary::of).collect(),
    };
    Ok(Inspection::File(FileInspection {
        path: path.to_owned(),
        format: file.format(),
        tensors,
        skipped: file.skipped().to_vec(),
    }))
}
