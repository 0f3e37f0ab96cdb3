//! What a check compares.

use std::fmt;

/// What a check compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Results.
    Forward,
    /// Gradients with respect to inputs and weights.
    Gradient,
    /// The losses of fifty steps.
    Training,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Gradient => "gradient",
            Self::Training => "training",
        })
    }
}
