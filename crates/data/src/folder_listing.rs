//! Which pictures a folder dataset holds, in which order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::DataError;

/// Extensions of pictures; other files are passed over.
pub(crate) const EXTENSIONS: [&str; 9] = [
    "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp",
];

/// How deep folders inside a class folder are searched.
const MAX_DEPTH: usize = 8;

/// One split: class names and the pictures of all classes in turn.
pub(crate) struct Listing {
    pub(crate) folder: PathBuf,
    pub(crate) classes: Vec<String>,
    pub(crate) pictures: Vec<(PathBuf, u32)>,
}

impl Listing {
    /// Lists `folder/<class>/**`: classes and the pictures of each class sorted by the bytes of their names; the first
    /// picture of every class, then the second, and so on, at most `limit` in all.
    pub(crate) fn read(folder: PathBuf, limit: Option<usize>) -> Result<Self, DataError> {
        let mut classes = Vec::new();
        for path in entries(&folder)? {
            if path.is_dir() && !is_hidden(&path) {
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
        }
        if classes.is_empty() {
            return Err(DataError::content(
                &folder,
                "no class folders: expected one folder per class",
            ));
        }
        classes.sort_unstable();
        let mut members = Vec::with_capacity(classes.len());
        for class in &classes {
            let mut pictures = Vec::new();
            collect(&folder.join(class), MAX_DEPTH, &mut pictures)?;
            if pictures.is_empty() {
                let problem = format!(
                    "a class without pictures: expected files ending in {}",
                    EXTENSIONS.join(", ")
                );
                return Err(DataError::content(&folder.join(class), problem));
            }
            pictures.sort_unstable_by(|a, b| {
                a.as_os_str()
                    .as_encoded_bytes()
                    .cmp(b.as_os_str().as_encoded_bytes())
            });
            members.push(pictures.into_iter());
        }
        let mut pictures = Vec::new();
        loop {
            let before = pictures.len();
            for (label, class) in members.iter_mut().enumerate() {
                pictures.extend(class.next().map(|path| (path, label as u32)));
            }
            if pictures.len() == before {
                break;
            }
        }
        pictures.truncate(limit.unwrap_or(usize::MAX));
        Ok(Self {
            folder,
            classes,
            pictures,
        })
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let read = |error| DataError::read(folder, error);
    fs::read_dir(folder)
        .map_err(read)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(read))
        .collect()
}

fn collect(folder: &Path, depth: usize, pictures: &mut Vec<PathBuf>) -> Result<(), DataError> {
    if depth == 0 {
        let problem = format!("more than {MAX_DEPTH} folders inside each other in a class");
        return Err(DataError::content(folder, problem));
    }
    for path in entries(folder)? {
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
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
fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}
