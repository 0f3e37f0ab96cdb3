//! What is in a tensor file or an image folder: shapes, statistics, class counts, and a picture of the images.

mod folder;
mod folder_grid;
mod grid;
mod statistics;
mod table;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::files::{FileError, FileFormat, Limits, Skipped, read_tensor_file};
use crate::synthetic::{DecodeError, SyntheticError};

pub use folder::{ClassSummary, FolderInspection, ImageSize};
pub use folder_grid::draw_folder_grid;
pub use grid::{GridOptions, GridPixels, GridSummary, draw_grid, draw_tensor_grid};
pub use statistics::{Histogram, LabelSummary, RowKind, TensorSummary};

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

/// Why something could not be inspected or drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// A tensor file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// An image folder could not be listed.
    #[error(transparent)]
    Folder(#[from] SyntheticError),
    /// A tensor name was given for an image folder.
    #[error("the tensor name `{key}` was given, but {} is an image folder", path.display())]
    KeyOfFolder {
        /// The folder.
        path: PathBuf,
        /// The name.
        key: String,
    },
    /// The tensor is not a set of images.
    #[error(
        "cannot draw shape {seen:?}; expected [n, 3, height, width] or [n, 1, height, width] with at least one pixel"
    )]
    NotImages {
        /// The shape.
        seen: Vec<usize>,
    },
    /// The pixels or labels do not fit the shape.
    #[error("{what}: {seen} values, expected {expected}")]
    WrongLength {
        /// `pixels` or `labels`.
        what: &'static str,
        /// Values given.
        seen: usize,
        /// Values needed.
        expected: usize,
    },
    /// A picture of the folder cannot be decoded.
    #[error("cannot use {}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DecodeError,
    },
    /// The pictures of a folder differ in size.
    #[error(
        "{} has {} x {} pixels, the pictures before it {} x {}; a grid needs pictures of one size",
        path.display(), seen.0, seen.1, expected.0, expected.1
    )]
    MixedSizes {
        /// The first picture of another size.
        path: PathBuf,
        /// Its width and height.
        seen: (u32, u32),
        /// Width and height of the pictures before it.
        expected: (u32, u32),
    },
    /// The picture could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// A row or a picture without room.
    #[error("a grid needs at least one column and one row, got {columns} columns and {rows} rows")]
    EmptyGrid {
        /// Columns allowed.
        columns: usize,
        /// Rows allowed.
        rows: usize,
    },
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
        return Ok(Inspection::Folder(folder::summarise(path)?));
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
