//! The conclusion of a check.

use std::fmt;

/// The conclusion of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Within what float32 explains.
    Agrees,
    /// Beyond that, but within what products with TF32 factors (ten bits after the point) explain.
    Reduced,
    /// Wrong numbers.
    Wrong,
    /// No numbers: the message of a panic.
    Failed(String),
}

impl Verdict {
    /// Whether scores of such a device can be trusted.
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Agrees | Self::Reduced => true,
            Self::Wrong | Self::Failed(_) => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agrees => f.write_str("agrees"),
            Self::Reduced => f.write_str("reduced precision (TF32)"),
            Self::Wrong => f.write_str("WRONG"),
            Self::Failed(reason) => write!(f, "FAILED: {reason}"),
        }
    }
}
