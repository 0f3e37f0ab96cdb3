//! The width of a ConvNet.

use std::fmt;
use std::num::TryFromIntError;

use serde::{Deserialize, Serialize};

use super::description::OptionDescription;

/// The number of channels of each convolution of a ConvNet, 128 where nothing is said (as in the reference).
///
/// It can be read as any whole number; what cannot be a width is refused when a network is built, with the model's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Width(usize);

impl Width {
    /// The key in configurations.
    pub(crate) const KEY: &'static str = "width";

    /// The largest width: a convolution of it has 4.3 billion weights for each of its nine pixels.
    pub const LARGEST: Self = Self(65_536);

    /// A width of so many channels.
    #[must_use]
    pub const fn new(channels: usize) -> Self {
        Self(channels)
    }

    /// The number of channels.
    #[must_use]
    pub const fn channels(self) -> usize {
        self.0
    }

    /// What documentation says about it.
    pub(crate) fn description() -> OptionDescription {
        OptionDescription {
            key: Self::KEY,
            default: Self::default().to_string(),
            choices: Vec::new(),
            meaning: "`ConvNet` only: channels of each convolution",
        }
    }

    /// Whether there are any channels, and not more than [`LARGEST`](Self::LARGEST).
    pub(crate) const fn is_possible(self) -> bool {
        self.0 > 0 && self.0 <= Self::LARGEST.0
    }

    /// Whether the channels can be divided into so many groups.
    pub(crate) const fn has_groups(self, groups: usize) -> bool {
        self.0.is_multiple_of(groups)
    }
}

impl Default for Width {
    fn default() -> Self {
        Self(128)
    }
}

impl From<usize> for Width {
    fn from(channels: usize) -> Self {
        Self(channels)
    }
}

/// Whole numbers of configuration files.
impl TryFrom<i64> for Width {
    type Error = TryFromIntError;

    fn try_from(channels: i64) -> Result<Self, TryFromIntError> {
        usize::try_from(channels).map(Self)
    }
}

impl fmt::Display for Width {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
