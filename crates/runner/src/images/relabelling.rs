//! Soft labels: what teachers answer to a set of images, written as it comes.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::{DataError, Device, Tensor, TensorData};
use ddrank_files::{ElementType, FileError, PartsLayout, write_in_parts};
use ddrank_labels::Teachers;

use crate::images::image_input::{ImageInput, ImageInputError};

/// The name of the tensor of soft labels.
pub const LABELS: &str = "labels";

/// How logits are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Single precision.
    #[default]
    Single,
    /// Half precision: half the file, three digits.
    Half,
}

/// How images are labelled.
#[derive(Clone, Copy, Debug)]
pub struct Relabelling<'a> {
    /// Who labels.
    pub teachers: &'a Teachers,
    /// The number of classes that the teachers tell apart.
    pub classes: usize,
    /// Images at once.
    pub batch: NonZeroUsize,
    /// How logits are stored.
    pub precision: Precision,
    /// Where the teachers are.
    pub device: &'a Device,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relabelled {
    /// The number of images.
    pub images: usize,
    /// Of an image folder with as many classes as the teachers know: how many images the teachers put into the class of
    /// their folder.
    pub in_class: Option<usize>,
}

/// Why there are no soft labels.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelabelError {
    /// The images.
    #[error(transparent)]
    Images(#[from] ImageInputError),
    /// The output file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A logit is NaN or infinite.
    #[error("the logits of image {0} (counted from 0) are not finite; is it normalised?")]
    NotFinite(usize),
    /// The device gave the logits back in another type.
    #[error("the device returned no single-precision logits")]
    Device(#[from] DataError),
    /// It was asked to stop.
    #[error("stopped; nothing was written")]
    Stopped,
}

impl Relabelling<'_> {
    /// Writes the teachers' mean logits `[count, classes]` of all images, in their order, to a `.safetensors` or `.npy`
    /// file.
    ///
    /// Memory is needed for one batch, whatever the number of images. The file appears whole or not at all. `done` is
    /// told the number of images of each finished batch.
    ///
    /// # Errors
    ///
    /// When an image cannot be used, a logit is not finite or too large for half precision, the file cannot be written,
    /// or `stop` was raised.
    ///
    /// # Panics
    ///
    /// When the teachers were made for images of another shape or for another number of classes.
    pub fn write(
        &self,
        input: &ImageInput,
        output: &Path,
        done: &mut dyn FnMut(usize),
        stop: &AtomicBool,
    ) -> Result<Relabelled, RelabelError> {
        let count = input.count();
        let truth = match input {
            ImageInput::Folder { folder, .. } if folder.classes().len() == self.classes => {
                Some(folder.labels())
            }
            _ => None,
        };
        let mut in_class = 0;
        let layout = PartsLayout {
            name: LABELS,
            shape: &[count, self.classes],
            element: match self.precision {
                Precision::Single => ElementType::F32,
                Precision::Half => ElementType::F16,
            },
        };
        let batches = (0..count).step_by(self.batch.get());
        write_in_parts(output, layout, |parts| -> Result<(), RelabelError> {
            for start in batches {
                if stop.load(Ordering::Relaxed) {
                    return Err(RelabelError::Stopped);
                }
                let end = count.min(start.saturating_add(self.batch.get()));
                let logits = self.logits(input, start..end)?;
                parts.write(&logits)?;
                if let Some(truth) = truth {
                    let rows = logits.chunks_exact(self.classes).zip(&truth[start..end]);
                    in_class += rows
                        .filter(|(row, label)| largest(row) == **label as usize)
                        .count();
                }
                done(end - start);
            }
            Ok(())
        })?;
        Ok(Relabelled {
            images: count,
            in_class: truth.map(|_| in_class),
        })
    }

    fn logits(
        &self,
        input: &ImageInput,
        images: std::ops::Range<usize>,
    ) -> Result<Vec<f32>, RelabelError> {
        let indices: Vec<usize> = images.clone().collect();
        let shape = input.shape();
        let size = [indices.len(), shape.channels, shape.height, shape.width];
        let pixels = TensorData::new(input.load(&indices)?, size);
        let logits = self.teachers.logits(Tensor::from_data(pixels, self.device));
        assert_eq!(
            logits.dims(),
            [indices.len(), self.classes],
            "the teachers were made for another number of classes"
        );
        let logits = logits.into_data().try_to_vec::<f32>()?;
        match logits.iter().position(|logit| !logit.is_finite()) {
            Some(place) => Err(RelabelError::NotFinite(images.start + place / self.classes)),
            None => Ok(logits),
        }
    }
}

/// The position of the largest number, the first of equal ones.
fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (place, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = place;
        }
    }
    best
}
