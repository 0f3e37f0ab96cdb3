//! Image folders: `<class>/<file>`.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::SyntheticError;

/// Extensions of image files, in lower case.
const EXTENSIONS: [&str; 9] = [
    "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp",
];

/// One class of an image folder.
#[derive(Debug)]
pub(crate) struct ClassFolder {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    /// Sorted by the bytes of their names.
    pub(crate) files: Vec<PathBuf>,
}

/// What an image folder holds.
#[derive(Debug)]
pub(crate) struct ImageFolder {
    /// Sorted by the bytes of their names.
    pub(crate) classes: Vec<ClassFolder>,
    /// Files and folders that do not belong: hidden ones, other extensions, wrong depth.
    pub(crate) odd: Vec<PathBuf>,
}

/// Lists an image folder. Nothing is opened.
pub(crate) fn scan(root: &Path) -> Result<ImageFolder, SyntheticError> {
    let mut folder = ImageFolder {
        classes: Vec::new(),
        odd: Vec::new(),
    };
    for path in list(root)? {
        if hidden(&path) || !path.is_dir() {
            folder.odd.push(path);
            continue;
        }
        let mut files = Vec::new();
        for file in list(&path)? {
            if hidden(&file) || !image_name(&file) || !file.is_file() {
                folder.odd.push(file);
            } else {
                files.push(file);
            }
        }
        folder.classes.push(ClassFolder {
            name: name(&path).to_string_lossy().into_owned(),
            path,
            files,
        });
    }
    Ok(folder)
}

/// The entries of a folder, sorted by the bytes of their names.
fn list(path: &Path) -> Result<Vec<PathBuf>, SyntheticError> {
    let entries = || {
        std::fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<Vec<_>, _>>()
    };
    let mut entries = entries().map_err(|source| SyntheticError::Folder {
        path: path.to_owned(),
        source,
    })?;
    entries.sort_by(|a, b| name(a).as_encoded_bytes().cmp(name(b).as_encoded_bytes()));
    Ok(entries)
}

fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

fn hidden(path: &Path) -> bool {
    name(path).as_encoded_bytes().starts_with(b".")
}

fn image_name(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|e| EXTENSIONS.contains(&e.to_ascii_lowercase().as_str()))
}
