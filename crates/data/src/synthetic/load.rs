//! Loading a distilled set: images and labels, checked against each other.

use ddrank_files::{FileTensor, Limits, TensorFile, read_tensor_file};

use super::beside::{LabelTensor, Said, label_tensors, numbers, said};
use super::error::SyntheticError;
use super::pairing::rows_for_pictures;
use super::set::{LabelOrigin, SyntheticLabels, SyntheticPixels, SyntheticSet};
use super::source::{ClassesOfSoft, SyntheticSource};
use super::warning::DataWarning;
use super::{folder, images, labels};

/// Loads a distilled set and checks it.
///
/// Tensor files are read within [`Limits::default`]. Of a file with several tensors the one that fits is the images. Labels
/// that nobody named are looked for beside the images; without any, a tensor file must be in class order (`ipc` images of
/// class 0, then of class 1 ...). Image folders have classes = sub-folders, whose label their name gives, or else their
/// place; files of any size of 64 megapixels at most are decoded to RGB, class after class, sorted by the bytes of their
/// names.
///
/// # Errors
/// Whatever makes the set impossible to use: wrong shapes or counts, labels out of range, NaN or infinite values,
/// images that cannot be decoded; and what can be read in two ways. What is only suspicious comes back as
/// [`DataWarning`].
pub fn load_synthetic(
    source: &SyntheticSource,
) -> Result<(SyntheticSet, Vec<DataWarning>), SyntheticError> {
    let expected = source.classes.checked_mul(source.ipc);
    // The product comes from two numbers of a configuration.
    let count = expected
        .filter(|&n| n > 0)
        .filter(|_| u32::try_from(source.classes).is_ok());
    let count = count.ok_or(SyntheticError::NoImages {
        classes: source.classes,
        ipc: source.ipc,
    })?;
    let mut warnings = Vec::new();
    let set = if source.images.is_dir() {
        of_folder(source, count, &mut warnings)?
    } else {
        of_file(source, count, &mut warnings)?
    };
    labels::check_balance(set.labels.hard(), source.classes, source.ipc, &mut warnings);
    Ok((set, warnings))
}

/// A set of pictures, labelled by their folders or by a tensor file.
fn of_folder(
    source: &SyntheticSource,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<SyntheticSet, SyntheticError> {
    let key_of_folder = |key: &String| SyntheticError::KeyOfFolder {
        path: source.images.clone(),
        key: key.clone(),
    };
    if let Some(key) = &source.images_key {
        return Err(key_of_folder(key));
    }
    if let (None, Some(key)) = (&source.labels, &source.labels_key) {
        return Err(key_of_folder(key));
    }
    let folder = folder::read(source, count, warnings)?;
    let own = folder.pictures.labels().to_vec();
    let (labels, origin) = match &source.labels {
        None => (SyntheticLabels::Hard(own), folder.origin),
        Some(path) => {
            let file = read_tensor_file(path, &Limits::default())?;
            let tensor = file.select(source.labels_key.as_deref())?;
            let read = labels::from_tensor(path, tensor, count, source.classes, warnings)?;
            let paired = rows_for_pictures(source, &folder.files, &own, read)?;
            let labels = classes_of(source, paired, own.clone(), warnings);
            let other = labels.hard().iter().zip(&own).filter(|(a, b)| a != b);
            let images = other.count();
            if images > 0 {
                warnings.push(DataWarning::OtherThanFolders { images, of: count });
            }
            (labels, LabelOrigin::File)
        }
    };
    Ok(SyntheticSet {
        shape: source.shape,
        classes: source.classes,
        ipc: source.ipc,
        pixels: SyntheticPixels::Encoded(folder.bytes),
        pictures: Some(folder.pictures),
        labels,
        origin,
        numbers_beside: Vec::new(),
    })
}

/// A set of a tensor file, labelled by another one, by a tensor beside the images, or by its order.
fn of_file(
    source: &SyntheticSource,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<SyntheticSet, SyntheticError> {
    if source.picture_order.is_some() {
        return Err(SyntheticError::OrderOfTensor {
            path: source.images.clone(),
        });
    }
    let limits = Limits::default();
    let file = read_tensor_file(&source.images, &limits)?;
    let images = images::select(source, &file, count)?;
    let pixels = images::from_tensor(source, images, count, warnings)?;
    let other_file = match &source.labels {
        Some(path) => Some(read_tensor_file(path, &limits)?),
        None => None,
    };
    let given: Option<(&TensorFile, &FileTensor)> = match (&other_file, &source.labels_key) {
        (Some(other), key) => Some((other, other.select(key.as_deref())?)),
        (None, Some(key)) => Some((&file, file.select(Some(key))?)),
        (None, None) => None,
    };
    let mut used = vec![images];
    used.extend(given.map(|(_, tensor)| tensor));
    let tensors = file.tensors().iter();
    let others = other_file.iter().flat_map(TensorFile::tensors);
    let beside = label_tensors(tensors.chain(others), &used, count, source.classes);
    let (labels, origin) = match given {
        Some((labels_file, tensor)) => {
            let path = labels_file.path();
            let read = labels::from_tensor(path, tensor, count, source.classes, warnings)?;
            let own = match (&read, source.classes_of_soft) {
                (SyntheticLabels::Soft { .. }, ClassesOfSoft::Images) => {
                    own_classes(source, images.name(), &beside, warnings)?.0
                }
                _ => class_order(source),
            };
            let origin = match &source.labels {
                Some(_) => LabelOrigin::File,
                None => LabelOrigin::Beside(tensor.name().to_owned()),
            };
            (classes_of(source, read, own, warnings), origin)
        }
        None => found_beside(source, images.name(), &beside, warnings)?,
    };
    Ok(SyntheticSet {
        shape: source.shape,
        classes: source.classes,
        ipc: source.ipc,
        pixels: SyntheticPixels::Normalised(pixels),
        pictures: None,
        labels,
        origin,
        numbers_beside: numbers(&file, &used),
    })
}

/// Labels that nobody named.
fn found_beside(
    source: &SyntheticSource,
    images: &str,
    beside: &[LabelTensor<'_>],
    warnings: &mut Vec<DataWarning>,
) -> Result<(SyntheticLabels, LabelOrigin), SyntheticError> {
    let read = |tensor: &FileTensor, warnings: &mut Vec<DataWarning>| {
        let path = &source.images;
        let count = source.classes * source.ipc;
        labels::from_tensor(path, tensor, count, source.classes, warnings)
    };
    let at = |found: &LabelTensor<'_>| LabelOrigin::Beside(found.tensor.name().to_owned());
    match source.classes_of_soft {
        ClassesOfSoft::Largest => {
            let all: Vec<&LabelTensor<'_>> = beside.iter().collect();
            match said(images, &all) {
                Said::One(found) => Ok((read(found.tensor, warnings)?, at(found))),
                other => undecided(source, other, warnings),
            }
        }
        ClassesOfSoft::Images => {
            let (own, origin) = own_classes(source, images, beside, warnings)?;
            // What rows say of classes does not matter: a single tensor of rows is what there is to learn from.
            let mut rows = beside.iter().filter(|tensor| tensor.is_rows);
            match (rows.next(), rows.next()) {
                (Some(found), None) => {
                    let read = read(found.tensor, warnings)?;
                    Ok((classes_of(source, read, own, warnings), at(found)))
                }
                _ => Ok((SyntheticLabels::Hard(own), origin)),
            }
        }
    }
}

/// The classes that images have whatever their soft labels say: of a tensor beside them, or of their order.
fn own_classes(
    source: &SyntheticSource,
    images: &str,
    beside: &[LabelTensor<'_>],
    warnings: &mut Vec<DataWarning>,
) -> Result<(Vec<u32>, LabelOrigin), SyntheticError> {
    let classes: Vec<&LabelTensor<'_>> = beside.iter().filter(|t| !t.is_rows).collect();
    match said(images, &classes) {
        Said::One(found) => Ok((
            found.classes().to_vec(),
            LabelOrigin::Beside(found.tensor.name().to_owned()),
        )),
        other => {
            let (labels, origin) = undecided(source, other, warnings)?;
            Ok((labels.hard().to_vec(), origin))
        }
    }
}

/// Class order, where no tensor is the labels; an error where several could be.
fn undecided(
    source: &SyntheticSource,
    said: Said<'_, '_>,
    warnings: &mut Vec<DataWarning>,
) -> Result<(SyntheticLabels, LabelOrigin), SyntheticError> {
    let names = |found: &[&LabelTensor<'_>]| {
        let names = found.iter().take(10).map(|tensor| tensor.describe());
        names.collect::<Vec<_>>().join(", ")
    };
    match said {
        Said::Several(found) => {
            return Err(SyntheticError::SeveralLabels {
                path: source.images.clone(),
                names: names(&found),
            });
        }
        Said::Doubtful(found) => warnings.push(DataWarning::LabelsBeside {
            names: names(&found),
        }),
        Said::One(_) | Said::Nothing => {}
    }
    Ok((
        SyntheticLabels::Hard(class_order(source)),
        LabelOrigin::Order,
    ))
}

/// The order in which methods save their sets.
fn class_order(source: &SyntheticSource) -> Vec<u32> {
    (0..source.classes as u32)
        .flat_map(|class| std::iter::repeat_n(class, source.ipc))
        .collect()
}

/// The hard labels beside soft ones.
fn classes_of(
    source: &SyntheticSource,
    labels: SyntheticLabels,
    own: Vec<u32>,
    warnings: &mut Vec<DataWarning>,
) -> SyntheticLabels {
    match (labels, source.classes_of_soft) {
        (SyntheticLabels::Soft { rows, .. }, ClassesOfSoft::Images) => {
            // Which value of a row is the largest does not matter.
            warnings.retain(|warning| !matches!(warning, DataWarning::TiedLabels { .. }));
            SyntheticLabels::Soft { rows, hard: own }
        }
        (labels @ SyntheticLabels::Hard(_), ClassesOfSoft::Images)
        | (labels, ClassesOfSoft::Largest) => labels,
    }
}
