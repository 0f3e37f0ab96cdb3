//! Real datasets, distilled sets, tensor files, random selection, whitening and fingerprints.
#![forbid(unsafe_code)]

mod cifar;
mod cifar_classes;
mod cifar_pickle;
mod data_error;
mod dataset;
mod dataset_name;
mod demo;
pub mod files;
mod fingerprint;
mod folder;
mod folder_listing;
mod geometry;
mod imagenet_subsets;
mod images;
pub mod inspect;
mod memory;
mod normalisation;
mod picture;
mod picture_folder;
mod pictures;
mod selection;
mod shape;
mod size;
pub mod synthetic;
mod tiny_imagenet;
mod zca;
mod zca_cache;
mod zca_moments;

pub use data_error::DataError;
pub use dataset::{DatasetSource, OpenDataset, RealDataset, load_dataset, open_dataset};
pub use dataset_name::{DatasetName, UnknownDataset};
pub use demo::{DemoOptions, demo_dataset};
pub use fingerprint::{Fingerprint, FingerprintParseError};
pub use geometry::{Geometry, GeometryError, GeometryStep, Sides};
pub use images::{ImagesError, LabelledImages, Pixels};
pub use normalisation::{Normalisation, NormalisationError};
pub use picture_folder::PictureFolder;
pub use pictures::Pictures;
pub use selection::{SelectionError, random_selection};
pub use shape::ImageShape;
pub use size::{Size, centre_offset};
pub use zca::{Whitening, WhiteningError, ZcaVariant};
pub use zca_cache::{CacheNotice, CachedWhitening};
