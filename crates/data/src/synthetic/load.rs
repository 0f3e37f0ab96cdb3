//! Loading a distilled set: images and labels, checked against each other.

use ddrank_files::{Limits, read_tensor_file};

use super::error::SyntheticError;
use super::set::{SyntheticLabels, SyntheticPixels, SyntheticSet};
use super::source::{ClassesOfSoft, SyntheticSource};
use super::warning::DataWarning;
use super::{images, labels};

/// Loads a distilled set and checks it.
///
/// Tensor files are read within [`Limits::default`]. Image folders have classes = sub-folder names and images =
/// file names, both sorted by bytes; files of any size of 64 megapixels at most are decoded to RGB. Without labels,
/// a tensor file must be in class order (`ipc` images of class 0, then of class 1 ...), and a folder's classes are
/// its labels.
///
/// # Errors
/// Whatever makes the set impossible to use: wrong shapes or counts, labels out of range, NaN or infinite values,
/// images that cannot be decoded. What is only suspicious comes back as [`DataWarning`].
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
    let limits = Limits::default();
    let (pixels, pictures, default_labels, labels_tensor) = if source.images.is_dir() {
        if let Some(key) = &source.images_key {
            return Err(SyntheticError::KeyOfFolder {
                path: source.images.clone(),
                key: key.clone(),
            });
        }
        let (pixels, pictures) = images::from_folder(source, count, &mut warnings)?;
        let hard = pictures.labels().to_vec();
        (SyntheticPixels::Encoded(pixels), Some(pictures), hard, None)
    } else {
        let file = read_tensor_file(&source.images, &limits)?;
        let tensor = file.select(source.images_key.as_deref())?;
        let pixels = images::from_tensor(source, tensor, count, &mut warnings)?;
        // The order in which methods save their sets; the balance below cannot tell another order, so it is
        // documented.
        let class_major = (0..source.classes as u32)
            .flat_map(|class| std::iter::repeat_n(class, source.ipc))
            .collect();
        let labels = match (&source.labels, &source.labels_key) {
            (None, Some(key)) => Some(file.select(Some(key))?.clone()),
            _ => None,
        };
        (
            SyntheticPixels::Normalised(pixels),
            None,
            class_major,
            labels,
        )
    };
    let labels = match (&source.labels, &source.labels_key, labels_tensor) {
        (Some(path), key, _) => {
            let file = read_tensor_file(path, &limits)?;
            let tensor = file.select(key.as_deref())?;
            labels::from_tensor(path, tensor, count, source.classes, &mut warnings)?
        }
        (None, _, Some(tensor)) => labels::from_tensor(
            &source.images,
            &tensor,
            count,
            source.classes,
            &mut warnings,
        )?,
        (None, Some(key), None) => {
            return Err(SyntheticError::KeyOfFolder {
                path: source.images.clone(),
                key: key.clone(),
            });
        }
        (None, None, None) => SyntheticLabels::Hard(default_labels.clone()),
    };
    let labels = match (labels, source.classes_of_soft) {
        (SyntheticLabels::Soft { rows, .. }, ClassesOfSoft::Images) => {
            // Which value of a row is the largest does not matter.
            warnings.retain(|warning| !matches!(warning, DataWarning::TiedLabels { .. }));
            SyntheticLabels::Soft {
                rows,
                hard: default_labels,
            }
        }
        (labels @ SyntheticLabels::Hard(_), ClassesOfSoft::Images)
        | (labels, ClassesOfSoft::Largest) => labels,
    };
    labels::check_balance(labels.hard(), source.classes, source.ipc, &mut warnings);
    let set = SyntheticSet {
        shape: source.shape,
        classes: source.classes,
        ipc: source.ipc,
        pixels,
        pictures,
        labels,
    };
    Ok((set, warnings))
}
