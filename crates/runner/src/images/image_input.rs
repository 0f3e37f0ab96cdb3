//! The images that `relabel` and `augment` work on: a tensor file or an image folder, batch by batch.

use std::path::{Path, PathBuf};

use ddrank_data::{DataError, ImageShape, ImagesError, Normalisation, PictureFolder, Pixels};
use ddrank_files::{ElementType, FileError, FileTensor, Limits, TensorFile, read_tensor_file};

/// Images as a network sees them, in their order.
#[derive(Debug)]
pub enum ImageInput {
    /// Normalised floats of a tensor file, in memory, used as they are.
    Tensor {
        /// The file.
        path: PathBuf,
        /// `[count, channels, height, width]`.
        images: FileTensor,
        /// Shape of one image.
        shape: ImageShape,
    },
    /// Pictures of a folder, decoded and normalised when they are asked for.
    Folder {
        /// The pictures.
        folder: PictureFolder,
        /// How bytes become floats.
        normalisation: Normalisation,
    },
}

/// What is asked for besides the path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageRequest {
    /// Which tensor of a file; without it the only one with four axes.
    pub key: Option<String>,
    /// How to normalise the pictures of a folder.
    pub normalisation: Option<Normalisation>,
    /// Height and width to resize the pictures of a folder to.
    pub size: Option<[usize; 2]>,
}

/// Why images cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageInputError {
    /// The tensor file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The image folder.
    #[error(transparent)]
    Folder(#[from] DataError),
    /// Statistics that do not fit the images.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// Something was asked for that has no meaning here.
    #[error("{} is {kind}: {problem}", path.display())]
    Request {
        /// The input.
        path: PathBuf,
        /// `a tensor file` or `an image folder`.
        kind: &'static str,
        /// What was asked for and what is allowed.
        problem: &'static str,
    },
    /// The tensor is not a set of images.
    #[error(
        "images in {} (tensor `{name}`) have shape {seen:?}, expected [count, channels, height, width] with no zero",
        path.display()
    )]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape.
        seen: Vec<usize>,
    },
    /// The tensor is not made of floats.
    #[error(
        "images in {} (tensor `{name}`) have type {element}; a tensor file is used as it is and must hold normalised floats (f64, f32, f16, bf16). Normalise the images, or give an image folder",
        path.display()
    )]
    NotFloat {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its type.
        element: ElementType,
    },
    /// A value is NaN or infinite.
    #[error("image {image} in {} (tensor `{name}`) holds the value {value}; expected finite values", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The image, counted from 0.
        image: usize,
        /// The value.
        value: f32,
    },
}

impl ImageInput {
    /// Opens a tensor file (which is read) or an image folder `<class>/<file>` (which is listed).
    ///
    /// # Errors
    ///
    /// When it cannot be read, is no set of images, or is asked for something that has no meaning for it: statistics or a
    /// size for a tensor file, a tensor's name or no statistics for a folder.
    pub fn open(path: &Path, request: &ImageRequest) -> Result<Self, ImageInputError> {
        let refused = |kind, problem| ImageInputError::Request {
            path: path.to_owned(),
            kind,
            problem,
        };
        if path.is_dir() {
            let refused = |problem| refused("an image folder", problem);
            if request.key.is_some() {
                return Err(refused("it has no tensor to name"));
            }
            let Some(normalisation) = request.normalisation.clone() else {
                return Err(refused(
                    "pictures must be normalised; give the statistics as a dataset or as mean and std",
                ));
            };
            let folder = PictureFolder::open(path, request.size)?;
            let shape = folder.shape();
            if normalisation.channels() != shape.channels {
                let found = normalisation.channels();
                return Err(ImagesError::Channels { found, shape }.into());
            }
            return Ok(Self::Folder {
                folder,
                normalisation,
            });
        }
        let file = read_tensor_file(path, &Limits::default())?;
        let refused = |problem| refused("a tensor file", problem);
        if request.normalisation.is_some() {
            return Err(refused(
                "it is used as it is, so statistics have no meaning; only image folders are normalised",
            ));
        }
        if request.size.is_some() {
            return Err(refused(
                "it is used as it is, so a size has no meaning; only image folders are resized",
            ));
        }
        let images = select(&file, request.key.as_deref())?;
        let name = images.name().to_owned();
        let &[count, channels, height, width] = images.shape() else {
            return Err(not_images(path, images));
        };
        if [count, channels, height, width].contains(&0) {
            return Err(not_images(path, images));
        }
        if !images.element().is_float() {
            return Err(ImageInputError::NotFloat {
                path: path.to_owned(),
                name,
                element: images.element(),
            });
        }
        Ok(Self::Tensor {
            path: path.to_owned(),
            images: images.clone(),
            shape: ImageShape {
                channels,
                height,
                width,
            },
        })
    }

    /// Number of images, at least 1.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Tensor { images, .. } => images.shape()[0],
            Self::Folder { folder, .. } => folder.len(),
        }
    }

    /// Shape of one image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        match self {
            Self::Tensor { shape, .. } => *shape,
            Self::Folder { folder, .. } => folder.shape(),
        }
    }

    /// The images at these positions as floats `[positions, channels, height, width]` in row-major order.
    ///
    /// # Errors
    ///
    /// When a picture cannot be decoded or has another size, and when a tensor holds NaN or an infinity.
    ///
    /// # Panics
    ///
    /// When a position is not below [`count`](Self::count).
    pub fn load(&self, indices: &[usize]) -> Result<Vec<f32>, ImageInputError> {
        match self {
            Self::Tensor {
                path,
                images,
                shape,
            } => {
                let size = shape.len();
                let mut values = Vec::with_capacity(indices.len() * size);
                for &image in indices {
                    let floats = image_of(images, size, image)?;
                    if let Some(&value) = floats.iter().find(|value| !value.is_finite()) {
                        return Err(ImageInputError::NotFinite {
                            path: path.clone(),
                            name: images.name().to_owned(),
                            image,
                            value,
                        });
                    }
                    values.extend(floats);
                }
                Ok(values)
            }
            Self::Folder {
                folder,
                normalisation,
            } => match folder
                .load(indices)?
                .normalised(normalisation)?
                .into_pixels()
            {
                Pixels::Floats(values) => Ok(values),
                Pixels::Bytes(_) => Err(ImagesError::NotBytes.into()),
            },
        }
    }
}

/// One image of a tensor, without a copy of all of them as `f32`.
fn image_of(images: &FileTensor, size: usize, image: usize) -> Result<Vec<f32>, FileError> {
    let bytes = size * images.element().size();
    let part = images.bytes()[image * bytes..(image + 1) * bytes].to_vec();
    Ok(FileTensor::new(images.name(), vec![size], images.element(), part)?.to_f32())
}

/// The tensor named `key`; without a name the only one with four axes, or the only one.
fn select<'a>(file: &'a TensorFile, key: Option<&str>) -> Result<&'a FileTensor, FileError> {
    let mut candidates = file.tensors().iter().filter(|t| t.shape().len() == 4);
    match (key, candidates.next(), candidates.next()) {
        (None, Some(only), None) => Ok(only),
        _ => file.select(key),
    }
}

fn not_images(path: &Path, tensor: &FileTensor) -> ImageInputError {
    ImageInputError::Shape {
        path: path.to_owned(),
        name: tensor.name().to_owned(),
        seen: tensor.shape().to_vec(),
    }
}
