//! Which pictures a folder holds, in which order.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::DataError;
use crate::pictures::EXTENSIONS;

/// How deep folders inside a class folder are searched.
const MAX_DEPTH: usize = 8;

/// One split: class names in the order of labels, and the pictures of all classes in turn.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) folder: PathBuf,
    pub(super) classes: Vec<String>,
    pub(super) pictures: Vec<(PathBuf, u32)>,
}

impl Listing {
    /// Lists `folder/<class>/**` for these classes, whose position is the label: the pictures of each class sorted by the
    /// bytes of their names; the first picture of every class, then the second, and so on, at most `limit` in all.
    pub(super) fn read(
        folder: &Path,
        classes: Vec<String>,
        limit: Option<usize>,
    ) -> Result<Self, DataError> {
        let members = classes
            .par_iter()
            .map(|class| pictures_in(&folder.join(class)))
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        for (class, members) in classes.iter().zip(&members) {
            if members.is_empty() {
                let problem = format!(
                    "a class without pictures: expected files ending in {}",
                    EXTENSIONS.join(", ")
                );
                return Err(DataError::content(&folder.join(class), problem));
            }
        }
        Ok(Self::in_turns(folder, classes, members, limit))
    }

    /// The pictures of each class, in turns.
    pub(super) fn in_turns(
        folder: &Path,
        classes: Vec<String>,
        members: Vec<Vec<PathBuf>>,
        limit: Option<usize>,
    ) -> Self {
        let total = members.iter().map(Vec::len).sum();
        let count = limit.map_or(total, |limit| limit.min(total));
        // In turns, so that a limit keeps the classes balanced.
        let mut members: Vec<_> = members.into_iter().map(Vec::into_iter).collect();
        let mut pictures = Vec::with_capacity(count + classes.len());
        while pictures.len() < count {
            for (label, class) in members.iter_mut().enumerate() {
                pictures.extend(class.next().map(|path| (path, label as u32)));
            }
        }
        pictures.truncate(count);
        Self {
            folder: folder.to_owned(),
            classes,
            pictures,
        }
    }
}

/// Names of the class folders, sorted by their bytes.
pub(super) fn class_names(folder: &Path) -> Result<Vec<String>, DataError> {
    let mut classes = Vec::new();
    let mut has_pictures = false;
    for Entry { path, is_folder } in entries(folder)? {
        if !is_folder {
            has_pictures |= is_picture(&path);
            continue;
        }
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) => classes.push(name.to_owned()),
            None => {
                return Err(DataError::content(
                    &path,
                    "the class name is not valid UTF-8",
                ));
            }
        }
    }
    if classes.is_empty() {
        let seen = if has_pictures {
            "pictures, but no class folders"
        } else {
            "no class folders"
        };
        return Err(DataError::content(
            folder,
            format!("{seen}: expected one folder per class"),
        ));
    }
    // By bytes, as torchvision's ImageFolder does: the position is the label.
    classes.sort_unstable();
    Ok(classes)
}

/// The pictures in a folder and the folders in it, sorted by the bytes of their names.
pub(super) fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut pictures = Vec::new();
    collect(folder, MAX_DEPTH, &mut pictures)?;
    pictures.sort_unstable_by(|a, b| {
        a.as_os_str()
            .as_encoded_bytes()
            .cmp(b.as_os_str().as_encoded_bytes())
    });
    Ok(pictures)
}

/// An entry of a folder that is not hidden.
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

fn entries(folder: &Path) -> Result<Vec<Entry>, DataError> {
    let read = |error| DataError::read(folder, error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        if is_hidden(&entry.file_name()) {
            continue;
        }
        let path = entry.path();
        // Only a link has to be followed: asking for a million files one by one takes long.
        let kind = entry.file_type().map_err(read)?;
        let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
        entries.push(Entry { path, is_folder });
    }
    Ok(entries)
}

fn collect(folder: &Path, depth: usize, pictures: &mut Vec<PathBuf>) -> Result<(), DataError> {
    if depth == 0 {
        let problem = format!(
            "more than {MAX_DEPTH} folders inside each other in a class (or a link to a folder that holds it)"
        );
        return Err(DataError::content(folder, problem));
    }
    for Entry { path, is_folder } in entries(folder)? {
        if is_folder {
            collect(&path, depth - 1, pictures)?;
        } else if is_picture(&path) {
            pictures.push(path);
        }
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Names with a leading dot: what systems leave behind (`.DS_Store`, `._0001.jpg`, `.ipynb_checkpoints`).
fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
