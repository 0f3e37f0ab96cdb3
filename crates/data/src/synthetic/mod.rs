//! The distilled set a user hands in: a tensor file or an image folder, with or without labels.

mod beside;
mod error;
mod finite;
mod folder;
mod images;
mod labels;
mod load;
mod pairing;
mod set;
mod source;
mod warning;

pub use error::SyntheticError;
pub use load::load_synthetic;
pub use set::{LabelOrigin, NumberBeside, SyntheticLabels, SyntheticPixels, SyntheticSet};
pub use source::{ClassesOfSoft, PictureOrder, SyntheticSource};
pub use warning::DataWarning;
