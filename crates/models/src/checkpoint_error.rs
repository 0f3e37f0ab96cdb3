//! Checkpoints that do not fit.

use std::fmt;

use burn::tensor::DType;
use thiserror::Error;

/// A tensor whose shape is not the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeMismatch {
    /// The tensor's name.
    pub name: String,
    /// The model's shape.
    pub expected: Vec<usize>,
    /// The checkpoint's shape.
    pub found: Vec<usize>,
}

impl fmt::Display for ShapeMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} (the model has {:?}, the checkpoint {:?})",
            self.name, self.expected, self.found
        )
    }
}

/// A state dict that does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Keys or shapes differ.
    #[error(
        "the checkpoint does not fit the model{}{}{}",
        section("missing", missing),
        section("unexpected", unexpected),
        section("other shape", shapes)
    )]
    Mismatch {
        /// Names that the model has and the checkpoint does not.
        missing: Vec<String>,
        /// Names that the checkpoint has and the model does not.
        unexpected: Vec<String>,
        /// Names in both with different shapes.
        shapes: Vec<ShapeMismatch>,
    },
    /// A table of positions that the architecture decides has other entries.
    #[error("the checkpoint does not fit the model; {name} is not the table of this architecture")]
    Table {
        /// The table's name.
        name: String,
    },
    /// Tensors whose elements are neither floats nor integers.
    #[error("the checkpoint holds tensors that are neither floats nor integers: {}",
        tensors.iter().map(|(name, dtype)| format!("{name} ({})", dtype.name())).collect::<Vec<_>>().join(", "))]
    ElementType {
        /// Names and element types.
        tensors: Vec<(String, DType)>,
    },
}

fn section<T: fmt::Display>(title: &str, entries: &[T]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
    format!("; {title}: {}", entries.join(", "))
}
