//! Where source text comes from: a folder, or a map in tests of the scanner.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::LayoutError;

/// Source files by their path, which is relative to some root that only the implementation knows.
pub trait SourceFiles {
    /// The text of the file, or `None` where there is no such file.
    ///
    /// # Errors
    ///
    /// When there is one and it cannot be read.
    fn text(&self, path: &Path) -> Result<Option<String>, LayoutError>;
}

/// The files below a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl SourceFiles for Folder {
    fn text(&self, path: &Path) -> Result<Option<String>, LayoutError> {
        let full = self.0.join(path);
        if !full.is_file() {
            return Ok(None);
        }
        match fs::read_to_string(&full) {
            Ok(text) => Ok(Some(text)),
            Err(source) => Err(LayoutError::Read { path: full, source }),
        }
    }
}

impl SourceFiles for BTreeMap<&str, &str> {
    fn text(&self, path: &Path) -> Result<Option<String>, LayoutError> {
        let text = path.to_str().and_then(|path| self.get(path));
        Ok(text.map(|&text| text.to_owned()))
    }
}

/// All `.rs` files below `folder`, sorted, as paths that begin with it. A folder that does not exist has none.
///
/// # Errors
///
/// When a folder cannot be listed.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, LayoutError> {
    let failed = |source| LayoutError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
