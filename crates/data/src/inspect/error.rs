//! What can go wrong when a file is looked at or drawn.

use std::path::PathBuf;

use ddrank_files::FileError;

use crate::{DecodeError, UnlistedFolder};

/// Why something could not be inspected or drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// A tensor file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// An image folder could not be listed.
    #[error(transparent)]
    Folder(#[from] UnlistedFolder),
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
