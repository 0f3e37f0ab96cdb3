//! Tensor files: PyTorch (`.pt`, `.pth`; the zip container and the legacy one), safetensors, NumPy (`.npy`, `.npz`).
//!
//! Files are untrusted. The kind is recognised by content, not by extension; pickles are read by a small machine
//! that builds data and never runs anything; every declared size is checked against the real file and against
//! [`Limits`] before memory is taken.
//!
//! ```
//! use ddrank_data::files::{FileTensor, Limits, read_tensor_file, write_safetensors};
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("images.safetensors");
//! let images = FileTensor::from_f32("images", vec![2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])?;
//! write_safetensors(&path, &[images])?;
//! let file = read_tensor_file(&path, &Limits::default())?;
//! assert_eq!(file.select(None)?.shape(), [2, 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod element;
mod error;
mod legacy;
mod limits;
mod npy;
mod npz;
mod parts;
mod pickle;
mod read;
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
pub use read::{read_scalar, read_tensor_file};
pub use replace::{folder_of, replace_file};
pub use tensor::FileTensor;
pub use tensor_file::{FileFormat, Skipped, TensorFile};
pub use write::write_safetensors;
