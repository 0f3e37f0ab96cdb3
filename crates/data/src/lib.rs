#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod class_numbers;
mod data_error;
mod dataset;
mod fingerprint;
mod images;
pub mod inspect;
mod memory;
mod normalisation;
mod pictures;
mod pixels;
mod selection;
mod shape;
pub mod synthetic;
mod whitening;

pub use class_numbers::ClassNumbers;
pub use data_error::DataError;
pub use dataset::{
    DatasetName, DatasetSource, DemoOptions, OpenDataset, RealDataset, UnknownDataset,
    demo_dataset, load_dataset, open_dataset,
};
pub use fingerprint::{Fingerprint, FingerprintParseError};
pub use images::{ImagesError, LabelledImages};
pub use memory::total_memory;
pub use normalisation::{Normalisation, NormalisationError};
pub use pictures::{
    Batches, DecodeError, Geometry, GeometryError, GeometryStep, PictureFolder, Pictures, Prefetch,
    RaggedBatch, Sides, Size, UnlistedFolder, centre_offset,
};
pub use pixels::Pixels;
pub use selection::{SelectionError, random_selection};
pub use shape::ImageShape;
pub use whitening::{
    CacheNotice, CachedWhitening, Whitening, WhiteningError, ZcaSettingError, ZcaVariant,
};
