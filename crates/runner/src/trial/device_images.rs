//! Labelled images on a device.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};
use ddrank_data::{
    Batches, DataError, LabelledImages, Normalisation, Pictures, Pixels, Prefetch, RaggedBatch,
};
use ddrank_models::InputShape;

use crate::input::{HostImages, PictureStream};

/// Finished batches of a stream that may wait for the device.
const READ_AHEAD: usize = 3;

/// Labelled images as a trial needs them. Clones share the memory.
#[derive(Clone, Debug)]
pub struct DeviceImages {
    /// Where the pixels are.
    pub pixels: ImagePixels,
    /// `[count]`, class indices, on the device.
    pub labels: Tensor<1, Int>,
    /// Number of images.
    pub count: usize,
    /// Number of classes.
    pub classes: usize,
    /// Shape of one image as a network sees it.
    pub input: InputShape,
}

/// Where the pixels of a set are.
#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is large where GPU backends are compiled in; there are a few of these in a program"
)]
#[derive(Clone, Debug)]
pub enum ImagePixels {
    /// On the device, ready for a network: `[count, channels, height, width]`.
    Resident(Tensor<4>),
    /// On the host or in files, read batch by batch ahead of their use: sets that are too large, and pictures of several
    /// sizes.
    Streamed(PictureStream),
}

/// Some images of a set.
#[derive(Clone, Debug)]
pub struct ImageBatch {
    /// Normalised, `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// Height and width of each picture where they have several sizes; each is in the upper left corner.
    pub sizes: Option<Vec<[usize; 2]>>,
}

impl DeviceImages {
    /// Uploads labels, and the images that are ready.
    ///
    /// # Panics
    /// If pixels that are ready are bytes.
    pub(crate) fn upload(images: HostImages, input: InputShape, device: &Device) -> Self {
        let indices = |labels: &[u32]| {
            let labels: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
            indices(&labels, device)
        };
        match images {
            HostImages::Ready(images) => {
                let (shape, count, classes) = (images.shape(), images.len(), images.classes());
                let labels = indices(images.labels());
                let Pixels::Floats(values) = images.into_pixels() else {
                    panic!("images are prepared before they are uploaded")
                };
                let size = [count, shape.channels, shape.height, shape.width];
                let images = Tensor::from_data(TensorData::new(values, size), device);
                Self {
                    pixels: ImagePixels::Resident(images),
                    labels,
                    count,
                    classes,
                    input,
                }
            }
            HostImages::Streamed(stream) => Self {
                labels: indices(stream.pictures.labels()),
                count: stream.pictures.len(),
                classes: stream.pictures.classes(),
                pixels: ImagePixels::Streamed(stream),
                input,
            },
        }
    }

    /// The first `count` images, or all if there are fewer. Shares the memory.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.count);
        let pixels = match &self.pixels {
            ImagePixels::Resident(images) => ImagePixels::Resident(images.clone().slice(0..count)),
            ImagePixels::Streamed(stream) => ImagePixels::Streamed(PictureStream {
                pictures: Arc::new(Pictures::clone(&stream.pictures).first(count)),
                ..stream.clone()
            }),
        };
        Self {
            pixels,
            labels: self.labels.clone().slice(0..count),
            count,
            ..*self
        }
    }

    /// These batches of positions, in order.
    ///
    /// # Errors
    /// If threads cannot be started. A picture that cannot be decoded is an error in place of its batch.
    pub fn batches(&self, batches: Vec<Vec<usize>>) -> Result<ImageBatches<'_>, DataError> {
        let stream = match &self.pixels {
            ImagePixels::Resident(images) => {
                return Ok(ImageBatches::Resident(images, batches.into_iter()));
            }
            ImagePixels::Streamed(stream) => stream,
        };
        let prefetch = Prefetch {
            depth: READ_AHEAD,
            threads: rayon::current_num_threads(),
        };
        let (pictures, device) = (&stream.pictures, self.labels.device());
        Ok(match &stream.geometry {
            Some(geometry) => ImageBatches::Prepared(
                pictures.prepared_batches(batches, geometry.clone(), prefetch)?,
                &stream.normalisation,
                device,
            ),
            None => ImageBatches::Ragged(
                pictures.ragged_batches(batches, prefetch)?,
                &stream.normalisation,
                device,
            ),
        })
    }

    /// All images in order, so many at a time.
    ///
    /// # Errors
    /// As [`batches`](Self::batches).
    pub fn in_order(&self, batch: usize) -> Result<ImageBatches<'_>, DataError> {
        let all: Vec<usize> = (0..self.count).collect();
        self.batches(all.chunks(batch).map(<[usize]>::to_vec).collect())
    }
}

/// Batches of a set, made when they are asked for or a little ahead.
#[derive(Debug)]
pub enum ImageBatches<'a> {
    /// Picked on the device.
    Resident(&'a Tensor<4>, std::vec::IntoIter<Vec<usize>>),
    /// Brought to size by the host.
    Prepared(Batches<LabelledImages>, &'a Normalisation, Device),
    /// With their own sizes.
    Ragged(Batches<RaggedBatch>, &'a Normalisation, Device),
}

impl Iterator for ImageBatches<'_> {
    type Item = Result<ImageBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let whole = |images| {
            Ok(ImageBatch {
                images,
                sizes: None,
            })
        };
        match self {
            Self::Resident(images, batches) => {
                let positions = batches.next()?;
                let batch = match (positions.first(), positions.last()) {
                    (Some(&first), Some(&last))
                        if positions.iter().copied().eq(first..last + 1) =>
                    {
                        images.clone().slice(first..last + 1)
                    }
                    _ => images
                        .clone()
                        .select(0, indices(&positions, &images.device())),
                };
                Some(whole(batch))
            }
            Self::Prepared(batches, normalisation, device) => {
                let upload = |images: LabelledImages| {
                    let (shape, count) = (images.shape(), images.len());
                    let size = [count, shape.channels, shape.height, shape.width];
                    let Pixels::Floats(values) = images.normalised(normalisation)?.into_pixels()
                    else {
                        panic!("normalised images are floats")
                    };
                    whole(Tensor::from_data(TensorData::new(values, size), &*device))
                };
                Some(batches.next()?.and_then(upload))
            }
            Self::Ragged(batches, normalisation, device) => {
                let upload = |batch: RaggedBatch| {
                    let shape = batch.padded_shape();
                    let size = [batch.len(), shape.channels, shape.height, shape.width];
                    let values = batch.normalised(normalisation)?;
                    Ok(ImageBatch {
                        images: Tensor::from_data(TensorData::new(values, size), &*device),
                        sizes: Some(batch.sizes().to_vec()),
                    })
                };
                Some(batches.next()?.and_then(upload))
            }
        }
    }
}

/// Positions as a tensor.
pub(crate) fn indices(positions: &[usize], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i32> = positions.iter().map(|&position| position as i32).collect();
    Tensor::from_data(TensorData::new(indices, [positions.len()]), device)
}
