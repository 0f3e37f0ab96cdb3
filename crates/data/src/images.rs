//! Labelled images in host memory.

use crate::{Fingerprint, ImageShape, Normalisation, Pixels};

/// Images with one class each. Lengths and labels agree by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledImages {
    shape: ImageShape,
    classes: usize,
    pixels: Pixels,
    labels: Vec<u32>,
}

/// Images, labels and shape that do not fit together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImagesError {
    /// A side is zero or the shape is too large to count.
    #[error("image shape {0} is not possible: expected channels, height and width of at least 1")]
    Shape(ImageShape),
    /// Not a positive number of classes that labels can count.
    #[error("{0} classes: expected 1 to 4294967295")]
    Classes(usize),
    /// The number of pixel values is not labels times image size.
    #[error("{found} pixel values for {images} labels: expected {images} images of {shape}")]
    PixelCount {
        /// Values given.
        found: usize,
        /// Number of labels.
        images: usize,
        /// Shape of one image.
        shape: ImageShape,
    },
    /// A label that is not a class.
    #[error("image {index} has label {label}: expected 0 to {}", classes - 1)]
    Label {
        /// Which image, from 0.
        index: usize,
        /// Its label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// Bytes were needed, the set holds floats.
    #[error("these images are already floats (normalised or whitened): expected pixel bytes")]
    NotBytes,
    /// Three channels were needed.
    #[error("images of {0}: expected 3 channels")]
    NotColour(ImageShape),
    /// Statistics of another number of channels.
    #[error("normalisation of {found} channels for images of {shape}: expected {}", shape.channels)]
    Channels {
        /// Channels of the statistics.
        found: usize,
        /// Shape of one image.
        shape: ImageShape,
    },
}

impl LabelledImages {
    /// Checks and takes images: `pixels` holds `labels.len()` images of `shape`, labels are below `classes`.
    ///
    /// A set without images is allowed.
    ///
    /// # Errors
    ///
    /// When the shape has a zero, the lengths do not agree, or a label is not a class.
    pub fn new(
        shape: ImageShape,
        classes: usize,
        pixels: Pixels,
        labels: Vec<u32>,
    ) -> Result<Self, ImagesError> {
        // Products of what a file or a caller claims may overflow.
        let size = shape
            .channels
            .checked_mul(shape.height)
            .and_then(|n| n.checked_mul(shape.width));
        let Some(size) = size.filter(|&size| size > 0) else {
            return Err(ImagesError::Shape(shape));
        };
        // Labels are u32.
        if classes == 0 || u32::try_from(classes).is_err() {
            return Err(ImagesError::Classes(classes));
        }
        if labels.len().checked_mul(size) != Some(pixels.len()) {
            return Err(ImagesError::PixelCount {
                found: pixels.len(),
                images: labels.len(),
                shape,
            });
        }
        // Once for all: training indexes by label without looking again.
        check_labels(&labels, classes)?;
        Ok(Self {
            shape,
            classes,
            pixels,
            labels,
        })
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Number of classes; labels are below it.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Class of each image.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// All pixels, `[images, channels, height, width]` in row-major order.
    #[must_use]
    pub fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    /// The pixels, without a copy.
    #[must_use]
    pub fn into_pixels(self) -> Pixels {
        self.pixels
    }

    /// The pixel bytes.
    ///
    /// # Errors
    ///
    /// When the set holds floats.
    pub fn bytes(&self) -> Result<&[u8], ImagesError> {
        match &self.pixels {
            Pixels::Bytes(bytes) => Ok(bytes),
            Pixels::Floats(_) => Err(ImagesError::NotBytes),
        }
    }

    /// The images at these positions, in this order; a position may come more than once.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let size = self.shape.len();
        Self {
            shape: self.shape,
            classes: self.classes,
            pixels: match &self.pixels {
                Pixels::Bytes(values) => Pixels::Bytes(gather(values, size, indices)),
                Pixels::Floats(values) => Pixels::Floats(gather(values, size, indices)),
            },
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
        }
    }

    /// The first `count` images, or all of them where there are fewer.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        let count = count.min(self.len());
        let values = count * self.shape.len();
        self.labels.truncate(count);
        match &mut self.pixels {
            Pixels::Bytes(bytes) => bytes.truncate(values),
            Pixels::Floats(floats) => floats.truncate(values),
        }
        self
    }

    /// Number of images of each class.
    #[must_use]
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// Hash of everything in this set.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_images(self.shape, self.classes, &self.pixels, &self.labels)
    }

    /// Bytes to floats: (b / 255 - mean) / std in each channel, bit for bit as torchvision computes it.
    ///
    /// # Errors
    ///
    /// When the pixels are floats already, or the statistics have another number of channels.
    pub fn normalised(&self, normalisation: &Normalisation) -> Result<Self, ImagesError> {
        let bytes = self.bytes()?;
        if normalisation.channels() != self.shape.channels {
            return Err(ImagesError::Channels {
                found: normalisation.channels(),
                shape: self.shape,
            });
        }
        let floats = normalisation.apply(bytes, self.shape.height * self.shape.width);
        Ok(self.with_floats(floats))
    }

    /// The same images and labels with other values: `floats` has as many values as the pixels.
    pub(crate) fn with_floats(&self, floats: Vec<f32>) -> Self {
        debug_assert_eq!(floats.len(), self.pixels.len());
        Self {
            shape: self.shape,
            classes: self.classes,
            pixels: Pixels::Floats(floats),
            labels: self.labels.clone(),
        }
    }
}

/// Whether every label is a class.
pub(crate) fn check_labels(labels: &[u32], classes: usize) -> Result<(), ImagesError> {
    match labels.iter().position(|&label| label as usize >= classes) {
        None => Ok(()),
        Some(index) => Err(ImagesError::Label {
            index,
            label: labels[index],
            classes,
        }),
    }
}

fn gather<T: Copy>(values: &[T], size: usize, indices: &[usize]) -> Vec<T> {
    let mut out = Vec::with_capacity(size * indices.len());
    for &index in indices {
        out.extend_from_slice(&values[index * size..(index + 1) * size]);
    }
    out
}
