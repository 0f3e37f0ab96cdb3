#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod archive;
mod element;
mod error;
mod foreign;
mod legacy;
mod limits;
mod npy;
mod npz;
mod numpy_type;
mod parts;
mod pickle;
mod read;
mod regular_file;
mod replace;
mod safetensors;
mod tensor;
mod tensor_file;
mod torch;
mod view;
mod write;

pub use element::ElementType;
pub use error::FileError;
pub use limits::Limits;
pub use parts::{PartsFormat, PartsLayout, TensorParts, write_in_parts};
pub use pickle::{PickledArray, PickledData, PickledValue};
pub use read::{read_scalar, read_tensor_file};
pub use regular_file::{read_regular_file, read_regular_text};
pub use replace::{folder_of, replace_file};
pub use tensor::FileTensor;
pub use tensor_file::{FileFormat, Skipped, TensorFile};
pub use write::write_safetensors;
