//! What is in an image folder.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::error::InspectError;
use crate::ClassNumbers;
use crate::pictures::{ClassFolder, decode, scan};

/// Paths that are listed of each kind.
const LISTED: usize = 100;

/// What is in an image folder.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FolderInspection {
    /// The folder.
    pub path: PathBuf,
    /// Number of image files.
    pub images: usize,
    /// Its classes by label: the numbers of their names where these are 0 to n - 1, else sorted by the bytes of their names.
    pub classes: Vec<ClassSummary>,
    /// How many images have which size, smallest first.
    pub sizes: Vec<ImageSize>,
    /// How many files do not belong (hidden, other extensions, wrong depth).
    pub odd_count: usize,
    /// The first hundred of them.
    pub odd: Vec<PathBuf>,
    /// How many images cannot be decoded.
    pub broken_count: usize,
    /// The first hundred of them, and why.
    pub broken: Vec<(PathBuf, String)>,
}

/// One class of an image folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ClassSummary {
    /// The name of its folder.
    pub name: String,
    /// Number of its image files.
    pub images: usize,
}

/// A size and how many images have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ImageSize {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// How many images.
    pub images: usize,
}

/// Decodes every image of a folder and counts.
pub(super) fn summarise(path: &Path) -> Result<FolderInspection, InspectError> {
    let folder = scan(path)?;
    let files: Vec<_> = folder.classes.iter().flat_map(|c| &c.files).collect();
    // Decoded whole, not only the headers: an inspection is to find the broken ones.
    let decoded: Vec<_> = files
        .par_iter()
        .map(|file| decode(file).map(|image| image.dimensions()))
        .collect();
    let mut sizes = BTreeMap::<(u32, u32), usize>::new();
    let mut broken = Vec::new();
    let mut broken_count = 0;
    for (file, result) in files.iter().zip(decoded) {
        match result {
            Ok(size) => *sizes.entry(size).or_default() += 1,
            Err(error) => {
                broken_count += 1;
                if broken.len() < LISTED {
                    broken.push(((*file).clone(), error.to_string()));
                }
            }
        }
    }
    Ok(FolderInspection {
        path: path.to_owned(),
        images: files.len(),
        sizes: sizes
            .into_iter()
            .map(|((width, height), images)| ImageSize {
                width,
                height,
                images,
            })
            .collect(),
        odd_count: folder.odd.len(),
        odd: folder.odd.into_iter().take(LISTED).collect(),
        broken_count,
        broken,
        classes: by_label(&folder.classes),
    })
}

fn by_label(folders: &[ClassFolder]) -> Vec<ClassSummary> {
    let names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
    let order = ClassNumbers::of(&names).by_label(names.len());
    let summary = |&place: &usize| ClassSummary {
        images: folders[place].files.len(),
        name: folders[place].name.clone(),
    };
    order.iter().map(summary).collect()
}
