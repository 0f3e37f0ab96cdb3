//! Augmented copies of images: what a training would see, as a tensor file or a folder of pictures.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::{DataError, Device, Tensor, TensorData};
use ddrank_augment::{Augmentation, AugmentationError};
use ddrank_data::{ImageShape, Normalisation, PictureFolder};
use ddrank_files::{ElementType, FileError, PartsLayout, write_in_parts};
use image::{ImageFormat, RgbImage};
use rayon::prelude::*;

use crate::images::before_after::{BeforeAfter, byte_of};
use crate::images::image_input::{ImageInput, ImageInputError};
use crate::images::whole_folder::write_folder;
use crate::trial::randomness::{Purpose, Randomness};

/// The name of a tensor of images that had none.
const IMAGES: &str = "images";

/// How images are augmented.
#[derive(Clone, Debug)]
pub struct Augmenting<'a> {
    /// What is done to them.
    pub augmentation: &'a Augmentation,
    /// Names the random numbers.
    pub seed: u64,
    /// Images at once: the batch in which mixing augmentations find partners.
    pub batch: NonZeroUsize,
    /// Where it is computed.
    pub device: &'a Device,
}

/// Why there are no augmented images.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AugmentError {
    /// The images.
    #[error(transparent)]
    Images(#[from] ImageInputError),
    /// The augmentation does not fit the images.
    #[error(transparent)]
    Augmentation(#[from] AugmentationError),
    /// The output file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The output folder or a picture in it.
    #[error("cannot write {}", path.display())]
    Write {
        /// The folder or the picture.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// Two pictures of a class differ in their extension only.
    #[error(
        "{} and another picture of its class would both become {written}.png; rename one of them",
        path.display()
    )]
    SameName {
        /// The second picture.
        path: PathBuf,
        /// What is written, without the extension.
        written: String,
    },
    /// Augmented tensors are held in memory.
    #[error("{count} augmented images of {shape} do not fit in memory")]
    TooLarge {
        /// How many.
        count: usize,
        /// Their shape.
        shape: ImageShape,
    },
    /// The device gave the images back in another type.
    #[error("the device returned no single-precision images")]
    Device(#[from] DataError),
    /// It was asked to stop.
    #[error("stopped; nothing was written")]
    Stopped,
}

impl From<io::Error> for AugmentError {
    fn from(error: io::Error) -> Self {
        Self::File(error.into())
    }
}

impl Augmenting<'_> {
    /// The shape of augmented images.
    ///
    /// # Errors
    ///
    /// When images of this shape cannot be augmented.
    pub fn shape(&self, input: ImageShape) -> Result<ImageShape, AugmentationError> {
        let [channels, height, width] =
            (self.augmentation).output_shape([input.channels, input.height, input.width])?;
        Ok(ImageShape {
            channels,
            height,
            width,
        })
    }

    /// Augments the images at these positions of a tensor file and writes them, in the order of the positions, as `f32`
    /// to a `.safetensors` or `.npy` file, which appears whole or not at all.
    ///
    /// # Errors
    ///
    /// When an image cannot be used or augmented, the result does not fit in memory or cannot be written, or `stop` was
    /// raised.
    pub fn write_tensor(
        &self,
        input: &ImageInput,
        positions: &[usize],
        output: &Path,
        watch: &mut Watch<'_>,
    ) -> Result<(), AugmentError> {
        let shape = self.shape(input.shape())?;
        let size = shape.len();
        let count = positions.len();
        let too_large = || AugmentError::TooLarge { count, shape };
        let total = count.checked_mul(size).ok_or_else(too_large)?;
        let mut images: Vec<f32> = Vec::new();
        images.try_reserve_exact(total).map_err(|_| too_large())?;
        images.resize(total, 0.0);
        self.run(input, positions, watch, |places, after| {
            for (place, image) in places.iter().zip(after.chunks_exact(size)) {
                images[place * size..(place + 1) * size].copy_from_slice(image);
            }
            Ok(())
        })?;
        let name = match input {
            ImageInput::Tensor { images, .. } if !images.name().is_empty() => images.name(),
            _ => IMAGES,
        };
        let layout = PartsLayout {
            name,
            shape: &[count, shape.channels, shape.height, shape.width],
            element: ElementType::F32,
        };
        write_in_parts(output, layout, |parts| Ok(parts.write(&images)?))
    }

    /// Augments the pictures at these positions of a folder and writes them as PNG under their names into class folders
    /// of `output`, which appears whole or not at all. Only one batch is in memory.
    ///
    /// The pictures are normalised before and the result is brought back and rounded to bytes after it.
    ///
    /// # Errors
    ///
    /// When a picture cannot be used or augmented, two would get the same name, `output` exists and is no empty folder or
    /// cannot be written, or `stop` was raised.
    pub fn write_folder(
        &self,
        folder: &PictureFolder,
        normalisation: &Normalisation,
        positions: &[usize],
        output: &Path,
        watch: &mut Watch<'_>,
    ) -> Result<(), AugmentError> {
        let shape = self.shape(folder.shape())?;
        let names = names(folder, positions)?;
        let input = ImageInput::Folder {
            folder: folder.clone(),
            normalisation: normalisation.clone(),
        };
        let written = write_folder(output, |root| -> Result<(), AugmentError> {
            for name in &names {
                if let Some(class) = name.parent() {
                    std::fs::create_dir_all(root.join(class))?;
                }
            }
            self.run(&input, positions, watch, |places, after| {
                let images = after.par_chunks_exact(shape.len());
                places
                    .par_iter()
                    .zip(images)
                    .try_for_each(|(&place, image)| {
                        let name = &names[place];
                        picture(image, shape, normalisation)
                            .save_with_format(root.join(name), ImageFormat::Png)
                            .map_err(|source| AugmentError::Write {
                                path: output.join(name),
                                source,
                            })
                    })
            })
        });
        written.map_err(|error| match error {
            AugmentError::File(FileError::Io(source)) => AugmentError::Write {
                path: output.to_owned(),
                source: source.into(),
            },
            error => error,
        })
    }

    /// Augments batch after batch; `sink` gets places in `positions` and the augmented images of these places.
    ///
    /// A batch takes its images from the whole set at even distances, so that sets in class order are mixed across
    /// classes, as the shuffled batches of a training are.
    fn run(
        &self,
        input: &ImageInput,
        positions: &[usize],
        watch: &mut Watch<'_>,
        mut sink: impl FnMut(&[usize], &[f32]) -> Result<(), AugmentError>,
    ) -> Result<(), AugmentError> {
        let shape = input.shape();
        let randomness = Randomness::new(self.seed, 0);
        let batches = positions.len().div_ceil(self.batch.get());
        for batch in 0..batches {
            if watch.stop.load(Ordering::Relaxed) {
                return Err(AugmentError::Stopped);
            }
            let places: Vec<usize> = (batch..positions.len()).step_by(batches).collect();
            let images: Vec<usize> = places.iter().map(|&place| positions[place]).collect();
            let before = input.load(&images)?;
            let size = [images.len(), shape.channels, shape.height, shape.width];
            let pixels = Tensor::from_data(TensorData::new(before.clone(), size), self.device);
            let mut generator = randomness.batch(Purpose::Augmentation, 0, batch);
            let after = self.augmentation.augment(pixels, &mut generator);
            let after = after.into_data().try_to_vec::<f32>()?;
            if let Some(pairs) = &mut watch.pairs {
                pairs.collect(&places, &before, &after);
            }
            sink(&places, &after)?;
            (watch.done)(places.len());
        }
        Ok(())
    }
}

/// Who looks on.
pub struct Watch<'a> {
    /// Told the number of images of each finished batch.
    pub done: &'a mut dyn FnMut(usize),
    /// Raised to stop.
    pub stop: &'a AtomicBool,
    /// Keeps some images before and after.
    pub pairs: Option<&'a mut BeforeAfter>,
}

/// Where each picture goes: `<class>/<name>.png`.
fn names(folder: &PictureFolder, positions: &[usize]) -> Result<Vec<PathBuf>, AugmentError> {
    let mut taken = BTreeMap::new();
    let mut names = Vec::with_capacity(positions.len());
    for &position in positions {
        let path = &folder.files()[position];
        let relative = path.strip_prefix(folder.root()).unwrap_or(path);
        let name = relative.with_extension("png");
        if taken.insert(name.clone(), position).is_some() {
            return Err(AugmentError::SameName {
                path: path.clone(),
                written: relative.with_extension("").display().to_string(),
            });
        }
        names.push(name);
    }
    Ok(names)
}

/// Normalised planes as a picture.
fn picture(image: &[f32], shape: ImageShape, normalisation: &Normalisation) -> RgbImage {
    let plane = shape.height * shape.width;
    RgbImage::from_fn(shape.width as u32, shape.height as u32, |x, y| {
        let at = y as usize * shape.width + x as usize;
        image::Rgb(
            [0, 1, 2].map(|channel| byte_of(image[channel * plane + at], channel, normalisation)),
        )
    })
}
