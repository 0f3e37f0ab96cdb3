//! The normalisations that names can ask for.

use std::fmt;

/// The normalisation layers that a name can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Normalisation {
    /// `IN`: the reference's "instance norm", which is group normalisation with one group a channel (affine).
    Instance,
    /// `BN`: batch normalisation with running statistics.
    Batch,
    /// `LN`: layer normalisation over channels, height and width.
    Layer,
    /// `GN`: group normalisation with four groups.
    Group,
    /// `NONE`: no normalisation.
    None,
}

impl Normalisation {
    /// All normalisations.
    pub const ALL: [Self; 5] = [
        Self::Instance,
        Self::Batch,
        Self::Layer,
        Self::Group,
        Self::None,
    ];

    /// How names spell it: `IN`, `BN`, `LN`, `GN` or `NONE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "IN",
            Self::Batch => "BN",
            Self::Layer => "LN",
            Self::Group => "GN",
            Self::None => "NONE",
        }
    }
}

impl fmt::Display for Normalisation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
