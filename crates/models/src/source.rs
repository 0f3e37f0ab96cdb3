//! Who defined an architecture.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose definition of a family is meant: some exist twice, with different layers and state-dict keys.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Source {
    /// `ddranking`: the networks of DD-Ranking itself, made for small images.
    #[default]
    Ddranking,
    /// `torchvision`: the networks of torchvision, with DD-Ranking's changes for images of 32 and 64 pixels.
    Torchvision,
}

impl Source {
    /// How configurations spell it: `ddranking` or `torchvision`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ddranking => "ddranking",
            Self::Torchvision => "torchvision",
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
