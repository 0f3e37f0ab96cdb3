//! The pixels of a distilled set.
use ddrank_files::FileTensor;
use rayon::prelude::*;

use super::error::SyntheticError;
use super::finite::check_finite;
use super::source::SyntheticSource;
use super::warning::DataWarning;
use crate::pictures::{dimensions, scan};
use crate::{DataError, Geometry, ImageShape, Pictures, Pixels};

/// Paths that a warning names.
const SHOWN: usize = 10;

/// Normalised pixels of a tensor file.
pub(super) fn from_tensor(
    source: &SyntheticSource,
    tensor: &FileTensor,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<Vec<f32>, SyntheticError> {
    let shape = source.shape;
    let seen = tensor.shape();
    let wanted = [shape.channels, shape.height, shape.width];
    if seen.len() != 4 || seen[1..] != wanted {
        return Err(SyntheticError::ImagesShape {
            path: source.images.clone(),
            name: tensor.name().to_owned(),
            seen: seen.to_vec(),
            expected: vec![count, shape.channels, shape.height, shape.width],
            hint: hint(seen, shape),
        });
    }
    // After the shape: a transposed tensor should be called that, not one of a wrong count.
    if seen[0] != count {
        return Err(SyntheticError::Count {
            path: source.images.clone(),
            what: "images",
            seen: seen[0],
            expected: count,
            classes: source.classes,
            ipc: source.ipc,
        });
    }
    if !tensor.element().is_float() {
        return Err(SyntheticError::ImagesNotFloat {
            path: source.images.clone(),
            name: tensor.name().to_owned(),
            element: tensor.element(),
        });
    }
    let values = tensor.to_f32();
    check_finite(&source.images, "images", tensor.name(), &values)?;
    let (min, max) = values
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), &v| {
            (min.min(v), max.max(v))
        });
    // Normalised pixels of photographs go below 0: what does not was most likely never normalised.
    if min >= 0.0 && max <= 1.0 {
        warnings.push(DataWarning::LooksLikeUnitRange { min, max });
    } else if min >= 0.0 && max > 50.0 && max <= 255.0 {
        warnings.push(DataWarning::LooksLikeBytes { min, max });
    }
    Ok(values)
}

/// What a wrong shape looks like.
fn hint(seen: &[usize], shape: ImageShape) -> String {
    match *seen {
        [_, h, w, c] if c == shape.channels && (h, w) == (shape.height, shape.width) => {
            "; it looks channels-last, permute it with `images.permute(0, 3, 1, 2)`".to_owned()
        }
        [_, c, _, 3] if c != 3 => {
            "; the last axis is 3, so it looks channels-last: permute it with `images.permute(0, 3, 1, 2)`"
                .to_owned()
        }
        [_, _, c, h, w] if [c, h, w] == [shape.channels, shape.height, shape.width] => {
            "; join the first two axes with `images.flatten(0, 1)`".to_owned()
        }
        _ => String::new(),
    }
}

/// RGB bytes of an image folder, channel by channel, and the decoded pictures with their classes.
pub(super) fn from_folder(
    source: &SyntheticSource,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<(Vec<u8>, Pictures), SyntheticError> {
    let shape = source.shape;
    if shape.channels != 3 {
        return Err(SyntheticError::FolderChannels { expected: shape });
    }
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

    let mut classes = folder.classes;
    let label = |name: &str| source.class_names.iter().position(|known| known == name);
    let unknown: Vec<&str> = classes
        .iter()
        .map(|class| class.name.as_str())
        .filter(|name| label(name).is_none())
        .collect();
    // All or none: with some names known, the others are misspelt, and sorting would give them wrong labels.
    if unknown.is_empty() {
        classes.sort_by_key(|class| label(&class.name));
    } else if unknown.len() < classes.len() {
        return Err(SyntheticError::ClassNames {
            path: source.images.clone(),
            unknown: unknown[..unknown.len().min(SHOWN)].join(", "),
        });
    }
    let files: Vec<_> = (classes.into_iter().zip(0_u32..))
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
    let pictures = Pictures::files(&source.images, source.classes, files)?.decoded()?;
    let bytes = match pictures.prepared(&geometry)?.into_pixels() {
        Pixels::Bytes(bytes) => bytes,
        Pixels::Floats(_) => Vec::new(),
    };
    Ok((bytes, pictures))
}

/// Refuses a picture of another size; of its file only the header is read.
fn check_size(path: &std::path::Path, expected: ImageShape) -> Result<(), SyntheticError> {
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
