//! What can go wrong with a tensor file.
use std::path::PathBuf;

use crate::ElementType;

/// Why a tensor file could not be read, written or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Reading a file failed; the source says why.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<FileError>,
    },
    /// Writing a file failed; the source says why.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<FileError>,
    },
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The content is none of the formats.
    #[error(
        "not a tensor file: {seen}; expected a PyTorch file (.pt, .pth), .safetensors, .npy or .npz"
    )]
    UnknownFormat {
        /// What the file begins with.
        seen: String,
    },
    /// The content is of a kind that is known and no tensor file.
    #[error("not a tensor file: it is {what}; {advice}")]
    Foreign {
        /// What it is.
        what: String,
        /// What to do.
        advice: String,
    },
    /// More bytes than the limits allow.
    #[error("{what} needs {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// What needs them.
        what: String,
        /// Bytes asked for.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More items than the limits allow.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The machine has not enough memory.
    #[error("not enough memory for {what} ({bytes} bytes)")]
    OutOfMemory {
        /// What needs memory.
        what: String,
        /// Bytes asked for.
        bytes: usize,
    },
    /// The content contradicts itself or the size of the file.
    #[error("damaged file: {0}")]
    Damaged(String),
    /// A well-formed file with something that is not supported.
    #[error("{seen} is not supported; {expected}")]
    Unsupported {
        /// What the file holds.
        seen: String,
        /// What is allowed, or what to do.
        expected: String,
    },
    /// A value of a pickle is not what the reader needs.
    #[error("expected {expected}, got {seen}")]
    Unexpected {
        /// What is needed.
        expected: &'static str,
        /// What is there.
        seen: String,
    },
    /// The pickle names a function that has no place in a data file.
    #[error(
        "the file asks to call `{0}` when it is loaded: it was made to run code and is refused"
    )]
    Dangerous(String),
    /// The file has no tensor.
    #[error("no tensor in the file; it holds {0}")]
    NoTensor(String),
    /// A tensor must be picked by name.
    #[error("the file holds {} tensors, name one of them: {names}", count)]
    SeveralTensors {
        /// How many.
        count: usize,
        /// Names, shapes and types.
        names: String,
    },
    /// There is no tensor of that name.
    #[error("no tensor is named `{key}`; the file holds {names}")]
    NoSuchTensor {
        /// The name asked for.
        key: String,
        /// Names, shapes and types.
        names: String,
    },
    /// Two tensors have the same name.
    #[error("two tensors are named `{0}`")]
    DuplicateName(String),
    /// A value is not a whole number.
    #[error("tensor `{name}` must hold whole numbers, but element {index} is {value}")]
    NotIntegral {
        /// The tensor.
        name: String,
        /// Position in row-major order.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The data does not fill the shape.
    #[error(
        "tensor `{name}` of shape {shape:?} and type {element} needs {expected:?} bytes, got {seen}"
    )]
    WrongLength {
        /// The tensor.
        name: String,
        /// The shape.
        shape: Vec<usize>,
        /// The element type.
        element: ElementType,
        /// Bytes the shape needs; `None` when the product overflows.
        expected: Option<usize>,
        /// Bytes given.
        seen: usize,
    },
    /// The file is not one number.
    #[error("expected one number, got {0}")]
    NotScalar(String),
}

impl FileError {
    /// A damaged file, with what is wrong.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    /// An element type that is not supported.
    pub(crate) fn element(seen: &str) -> Self {
        Self::Unsupported {
            seen: format!("element type {seen}"),
            expected: format!("allowed are {}", ElementType::SUPPORTED),
        }
    }
}
