//! The distilled set a user hands in: a tensor file or an image folder, with or without labels.

mod error;
mod finite;
mod images;
mod labels;
mod load;
mod set;
mod source;
mod warning;

pub use error::SyntheticError;
pub use load::load_synthetic;
pub use set::{SyntheticLabels, SyntheticPixels, SyntheticSet};
pub use source::{ClassesOfSoft, SyntheticSource};
pub use warning::DataWarning;
