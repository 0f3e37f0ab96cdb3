//! Pictures: decoding, their deterministic way to one size, and sets of them that need not fit into memory.

mod batches;
mod collection;
mod decode;
mod geometry;
mod geometry_error;
mod geometry_step;
mod image_folder;
mod picture;
mod picture_folder;
mod prefetch;
mod ragged;
mod size;

pub use collection::Pictures;
pub use decode::DecodeError;
pub(crate) use decode::decode;
pub use geometry::Geometry;
pub use geometry_error::GeometryError;
pub use geometry_step::GeometryStep;
pub use image_folder::UnlistedFolder;
pub(crate) use image_folder::{ClassFolder, EXTENSIONS, scan};
pub(crate) use picture::dimensions;
pub use picture_folder::PictureFolder;
pub use prefetch::{Batches, Prefetch};
pub use ragged::RaggedBatch;
pub use size::{Sides, Size, centre_offset};
