//! Why a distilled set cannot be used.
use std::path::PathBuf;

use ddrank_files::{ElementType, FileError};

use crate::{DecodeError, ImageShape, UnlistedFolder};

/// Why a distilled set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyntheticError {
    /// A tensor file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder could not be listed.
    #[error("cannot list {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An image could not be decoded.
    #[error("cannot use the image {}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DecodeError,
    },
    /// An image has another size than the set should have.
    #[error("{} has {width}x{height} pixels (width x height), expected {}x{}", path.display(), expected.width, expected.height)]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The shape of the set.
        expected: ImageShape,
    },
    /// Classes or images per class are zero, or their product is too large.
    #[error(
        "{classes} classes with {ipc} images each: both must be at least 1 and the classes fit in 32 bits"
    )]
    NoImages {
        /// Number of classes.
        classes: usize,
        /// Images per class.
        ipc: usize,
    },
    /// A tensor name was given for an image folder.
    #[error("the tensor name `{key}` was given, but {} is an image folder, not a tensor file", path.display())]
    KeyOfFolder {
        /// The folder.
        path: PathBuf,
        /// The name.
        key: String,
    },
    /// The folder has another number of classes.
    #[error("{} has {seen} class folders ({names}), expected {expected}", path.display())]
    FolderClasses {
        /// The folder.
        path: PathBuf,
        /// Number of sub-folders.
        seen: usize,
        /// Number of classes.
        expected: usize,
        /// The first names.
        names: String,
    },
    /// Some folders have names of the dataset's classes and some have not.
    #[error(
        "{} has class folders with names of the dataset's classes, and others ({unknown}): expected all of them or none, which then count in the order of their names", path.display()
    )]
    ClassNames {
        /// The folder.
        path: PathBuf,
        /// The first names that no class has.
        unknown: String,
    },
    /// Class folders are numbers, but not the labels, and their order is not clear.
    #[error(
        "the class folders in {} are numbers, but not the labels 0, 1, 2 ..., and sort as text in another order than as numbers ({readings}): number them from 0 on, or give them leading zeros so that both orders agree", path.display()
    )]
    TwoOrders {
        /// The folder.
        path: PathBuf,
        /// Both readings of the first names.
        readings: String,
    },
    /// Labels that belong to other pictures in another order.
    #[error(
        "the labels are in the order of the pictures in {}, but which order? Label {place} (from 0) is that of `{text}` when names are sorted as text (as by Python's sorted, ImageFolder and ddrank relabel), of `{numbers}` when they are sorted by their numbers, and of `{classes}` when classes come in the order of their labels: set `picture_order` to \"text\", \"numbers\" or \"classes\", or name the pictures with leading zeros", path.display()
    )]
    PictureOrder {
        /// The folder.
        path: PathBuf,
        /// The first label that is another picture's in another order.
        place: usize,
        /// Its picture in the order of the text.
        text: String,
        /// Its picture in the order of numbers.
        numbers: String,
        /// Its picture in the order of the labels.
        classes: String,
    },
    /// An order of pictures for images that are none.
    #[error("`picture_order` is given, but {} is a tensor file, whose images have their own order", path.display())]
    OrderOfTensor {
        /// The file.
        path: PathBuf,
    },
    /// Tensors beside the images that say different things.
    #[error("several tensors in {} look like labels of the images and differ: {names}. Name the right one with `labels_key`", path.display())]
    SeveralLabels {
        /// The file.
        path: PathBuf,
        /// The first of them.
        names: String,
    },
    /// A class folder has no image.
    #[error("the class folder {} has no image (jpg, jpeg, png, ppm, bmp, pgm, tif, tiff, webp)", path.display())]
    EmptyClass {
        /// The folder.
        path: PathBuf,
    },
    /// Image folders give three channels.
    #[error(
        "image folders are decoded to 3 channels (RGB), but images of shape {expected} are expected"
    )]
    FolderChannels {
        /// The shape of the set.
        expected: ImageShape,
    },
    /// The image tensor has another shape.
    #[error("images in {} (tensor `{name}`) have shape {seen:?}, expected [n, channels, height, width] = {expected:?}{hint}", path.display())]
    ImagesShape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape.
        seen: Vec<usize>,
        /// The shape it should have.
        expected: Vec<usize>,
        /// What the shape looks like.
        hint: String,
    },
    /// The image tensor is not made of floats.
    #[error("images in {} (tensor `{name}`) have type {element}; a tensor file is used as it is and must hold normalised floats (f64, f32, f16, bf16). Normalise the images, or give an image folder", path.display())]
    ImagesNotFloat {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its type.
        element: ElementType,
    },
    /// There are more or fewer images or labels than the set should have.
    #[error("{} has {seen} {what}, expected {expected} ({classes} classes x {ipc} images per class)", path.display())]
    Count {
        /// The file or folder.
        path: PathBuf,
        /// `images` or `labels`.
        what: &'static str,
        /// How many there are.
        seen: usize,
        /// How many there should be.
        expected: usize,
        /// Number of classes.
        classes: usize,
        /// Images per class.
        ipc: usize,
    },
    /// Values are NaN or infinite.
    #[error("{what} in {} (tensor `{name}`) hold {nan} NaN and {infinite} infinite values, the first at element {first}; expected finite values", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        what: &'static str,
        /// The tensor.
        name: String,
        /// Number of NaN.
        nan: usize,
        /// Number of infinities.
        infinite: usize,
        /// Position of the first of them.
        first: usize,
    },
    /// The label tensor has another shape.
    #[error("labels in {} (tensor `{name}`) have shape {seen:?}, expected [{count}] or [{count}, 1] (class indices) or [{count}, {classes}] (soft labels)", path.display())]
    LabelsShape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape.
        seen: Vec<usize>,
        /// Number of images.
        count: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Class indices are not whole numbers.
    #[error("labels in {} are not class indices", path.display())]
    LabelsNotIntegral {
        /// The file.
        path: PathBuf,
        /// Which value.
        source: FileError,
    },
    /// A class index is outside the classes.
    #[error("label {index} in {} is {value}, expected 0 to {} ({classes} classes)", path.display(), classes - 1)]
    LabelRange {
        /// The file.
        path: PathBuf,
        /// Position of the label.
        index: usize,
        /// The label.
        value: i64,
        /// Number of classes.
        classes: usize,
    },
    /// The pictures of a folder could not be read.
    #[error(transparent)]
    Pictures(Box<crate::DataError>),
}

impl From<crate::DataError> for SyntheticError {
    fn from(error: crate::DataError) -> Self {
        match error {
            crate::DataError::Picture { path, source } => Self::Image { path, source },
            error => Self::Pictures(Box::new(error)),
        }
    }
}

impl From<UnlistedFolder> for SyntheticError {
    fn from(UnlistedFolder { path, source }: UnlistedFolder) -> Self {
        Self::Folder { path, source }
    }
}
