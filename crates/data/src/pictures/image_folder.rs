//! Image folders: `<class>/<file>`.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Extensions of pictures, in lower case; other files are passed over.
pub(crate) const EXTENSIONS: [&str; 9] = [
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

/// A folder that could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list {}", path.display())]
pub struct UnlistedFolder {
    /// The folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// Lists an image folder. Nothing is opened.
pub(crate) fn scan(root: &Path) -> Result<ImageFolder, UnlistedFolder> {
    let mut folder = ImageFolder {
        classes: Vec::new(),
        odd: Vec::new(),
    };
    for path in list(root)? {
        // Noted, not refused: systems leave such files behind, and users want to hear of a misplaced picture.
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
fn list(path: &Path) -> Result<Vec<PathBuf>, UnlistedFolder> {
    let entries = || {
        std::fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<Vec<_>, _>>()
    };
    let mut entries = entries().map_err(|source| UnlistedFolder {
        path: path.to_owned(),
        source,
    })?;
    // By bytes, as Python sorts: locale and file system must not decide labels.
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
