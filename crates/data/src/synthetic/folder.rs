//! The pictures of an image folder, with the labels that the names of its class folders give.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::SyntheticError;
use super::set::LabelOrigin;
use super::source::SyntheticSource;
use super::warning::DataWarning;
use crate::pictures::{ClassFolder, dimensions, scan};
use crate::{ClassNumbers, DataError, Geometry, ImageShape, Pictures, Pixels};

/// Paths and names that a message shows.
const SHOWN: usize = 10;

/// What an image folder holds, class after class.
pub(super) struct Folder {
    /// RGB, channel by channel.
    pub(super) bytes: Vec<u8>,
    /// Decoded, each with its own size and its class.
    pub(super) pictures: Pictures,
    /// The file of each picture.
    pub(super) files: Vec<PathBuf>,
    /// What decided the labels.
    pub(super) origin: LabelOrigin,
}

/// Reads an image folder whose pictures have or get the shape of the set.
pub(super) fn read(
    source: &SyntheticSource,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<Folder, SyntheticError> {
    let shape = source.shape;
    if shape.channels != 3 {
        return Err(SyntheticError::FolderChannels { expected: shape });
    }
    let classes = listed(source, count, warnings)?;
    let (classes, origin) = in_label_order(source, classes, warnings)?;
    let files: Vec<(PathBuf, u32)> = (classes.into_iter().zip(0_u32..))
        .flat_map(|(class, label)| class.files.into_iter().map(move |file| (file, label)))
        .collect();
    let geometry = match &source.geometry {
        Some(geometry) => geometry.clone(),
        None => {
            // A wrong size is seen before anything is decoded, and named as such.
            files
                .par_iter()
                .map(|(file, _)| check_size(file, shape))
                .collect::<Vec<_>>()
                .into_iter()
                .collect::<Result<(), _>>()?;
            Geometry::new(Vec::new(), [shape.height, shape.width]).map_err(DataError::from)?
        }
    };
    let names = files.iter().map(|(file, _)| file.clone()).collect();
    let pictures = Pictures::files(&source.images, source.classes, files)?.decoded()?;
    let bytes = match pictures.prepared(&geometry)?.into_pixels() {
        Pixels::Bytes(bytes) => bytes,
        Pixels::Floats(_) => Vec::new(),
    };
    Ok(Folder {
        bytes,
        pictures,
        files: names,
        origin,
    })
}

/// The class folders in the order of their names as text, as many as there should be with as many pictures.
fn listed(
    source: &SyntheticSource,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<Vec<ClassFolder>, SyntheticError> {
    let folder = scan(&source.images)?;
    if folder.classes.len() != source.classes {
        let names: Vec<&str> = folder
            .classes
            .iter()
            .take(SHOWN)
            .map(|c| c.name.as_str())
            .collect();
        return Err(SyntheticError::FolderClasses {
            path: source.images.clone(),
            seen: folder.classes.len(),
            expected: source.classes,
            names: names.join(", "),
        });
    }
    if let Some(empty) = folder.classes.iter().find(|class| class.files.is_empty()) {
        return Err(SyntheticError::EmptyClass {
            path: empty.path.clone(),
        });
    }
    let seen = folder.classes.iter().map(|class| class.files.len()).sum();
    if seen != count {
        return Err(SyntheticError::Count {
            path: source.images.clone(),
            what: "images",
            seen,
            expected: count,
            classes: source.classes,
            ipc: source.ipc,
        });
    }
    if !folder.odd.is_empty() {
        warnings.push(DataWarning::OddFiles {
            count: folder.odd.len(),
            paths: folder.odd.into_iter().take(SHOWN).collect(),
        });
    }
    Ok(folder.classes)
}

/// The class folders by label: the dataset's names decide, then numbers, then the place in the sorted names, which is said.
fn in_label_order(
    source: &SyntheticSource,
    mut classes: Vec<ClassFolder>,
    warnings: &mut Vec<DataWarning>,
) -> Result<(Vec<ClassFolder>, LabelOrigin), SyntheticError> {
    let label = |name: &str| source.class_names.iter().position(|known| known == name);
    let names: Vec<String> = classes.iter().map(|class| class.name.clone()).collect();
    let unknown: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| label(name).is_none())
        .collect();
    if unknown.is_empty() {
        classes.sort_by_key(|class| label(&class.name));
        return Ok((classes, LabelOrigin::FolderNames));
    }
    // All or none: with some names known, the others are misspelt, and sorting would give them wrong labels.
    if unknown.len() < classes.len() {
        return Err(SyntheticError::ClassNames {
            path: source.images.clone(),
            unknown: unknown[..unknown.len().min(SHOWN)].join(", "),
        });
    }
    let numbers = ClassNumbers::of(&names);
    let readings = numbers.readings(&names);
    match numbers {
        ClassNumbers::Labels { order } => {
            warnings.extend(readings.map(|readings| DataWarning::NumbersAreLabels { readings }));
            let mut classes: Vec<Option<ClassFolder>> = classes.into_iter().map(Some).collect();
            let by_label = order.iter().filter_map(|&place| classes[place].take());
            Ok((by_label.collect(), LabelOrigin::FolderNumbers))
        }
        ClassNumbers::TwoOrders { .. } => Err(SyntheticError::TwoOrders {
            path: source.images.clone(),
            readings: readings.unwrap_or_else(|| "two folders have the same number".to_owned()),
        }),
        ClassNumbers::None | ClassNumbers::Ordered => {
            if !source.class_names.is_empty() {
                let pairs = names.into_iter().zip(source.class_names.iter().cloned());
                warnings.push(DataWarning::LabelledByPlace {
                    classes: source.classes,
                    first: pairs.take(3).collect(),
                });
            }
            Ok((classes, LabelOrigin::FolderPlaces))
        }
    }
}

/// Refuses a picture of another size; of its file only the header is read.
fn check_size(path: &Path, expected: ImageShape) -> Result<(), SyntheticError> {
    let [height, width] = dimensions(path)?;
    if [height, width] != [expected.height, expected.width] {
        return Err(SyntheticError::ImageSize {
            path: path.to_owned(),
            width: width as u32,
            height: height as u32,
            expected,
        });
    }
    Ok(())
}
