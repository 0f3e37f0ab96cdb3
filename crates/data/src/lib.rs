//! Real datasets, distilled sets, tensor files, random selection, whitening and fingerprints.
#![forbid(unsafe_code)]

mod cifar;
mod cifar_classes;
mod cifar_pickle;
mod data_error;
mod dataset;
mod demo;
pub mod files;
mod fingerprint;
mod folder;
mod folder_listing;
mod images;
pub mod inspect;
mod normalisation;
mod picture;
mod picture_folder;
mod selection;
mod shape;
pub mod synthetic;
mod zca;
mod zca_cache;
mod zca_moments;

pub use data_error::DataError;
pub use dataset::{DatasetName, DatasetSource, RealDataset, UnknownDataset, load_dataset};
pub use demo::{DemoOptions, demo_dataset};
pub use fingerprint::{Fingerprint, FingerprintParseError};
pub use images::{ImagesError, LabelledImages, Pixels};
pub use normalisation::{Normalisation, NormalisationError};
pub use picture_folder::PictureFolder;
pub use selection::{SelectionError, random_selection};
pub use shape::ImageShape;
pub use zca::{Whitening, WhiteningError, ZcaVariant};
pub use zca_cache::{CacheNotice, CachedWhitening};
