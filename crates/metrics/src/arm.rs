//! The arms of a metric: roles of trainings, before any data is known.

use std::fmt;

/// What a model is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// All real training images.
    Real,
    /// The distilled set that is scored.
    Synthetic,
    /// Another distilled set, by its place among those to compare with.
    Compare(usize),
    /// A random selection of real training images, a new one for each round.
    Random,
    /// Images of noise, new ones for each round.
    Noise,
}

/// A named role of trials inside a metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArmName {
    /// The full real data, hard labels.
    RealHard,
    /// The distilled set, hard labels.
    SynHard,
    /// A random selection, hard labels.
    RandomHard,
    /// The distilled set, the recipe's labels.
    SynAny,
    /// A random selection, the recipe's labels.
    RandomAny,
    /// The distilled set with the recipe's augmentation.
    SynAug,
    /// A random selection with the recipe's augmentation.
    RandomAug,
    /// The distilled set without augmentation.
    SynNoaug,
    /// A random selection without augmentation.
    RandomNoaug,
    /// Images of noise, the recipe's labels.
    Noise,
    /// Another distilled set with the whole recipe.
    Compare(String),
}

impl ArmName {
    /// What it is, in a few words.
    #[must_use]
    pub fn description(&self) -> String {
        let text = match self {
            Self::RealHard => "all real training images, hard labels",
            Self::SynHard => "the distilled set, hard labels",
            Self::RandomHard => "a random selection of real images, hard labels",
            Self::SynAny => "the distilled set, the recipe's labels",
            Self::RandomAny => "a random selection of real images, the recipe's labels",
            Self::SynAug => "the distilled set, with augmentation",
            Self::RandomAug => "a random selection of real images, with augmentation",
            Self::SynNoaug => "the distilled set, without augmentation",
            Self::RandomNoaug => "a random selection of real images, without augmentation",
            Self::Noise => "images of uniform noise, the recipe's labels",
            Self::Compare(name) => return format!("the distilled set `{name}`, the whole recipe"),
        };
        text.to_owned()
    }
}

/// The name in reports, such as `syn-hard`.
impl fmt::Display for ArmName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::RealHard => "real-hard",
            Self::SynHard => "syn-hard",
            Self::RandomHard => "random-hard",
            Self::SynAny => "syn-any",
            Self::RandomAny => "random-any",
            Self::SynAug => "syn-aug",
            Self::RandomAug => "random-aug",
            Self::SynNoaug => "syn-noaug",
            Self::RandomNoaug => "random-noaug",
            Self::Noise => "noise",
            Self::Compare(name) => return write!(formatter, "set-{name}"),
        };
        formatter.write_str(name)
    }
}

/// One arm: what it trains on and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its role.
    pub name: ArmName,
    /// What it is trained on.
    pub source: Source,
    /// With which labels.
    pub labels: ArmLabels,
    /// With which augmentation.
    pub augmentation: ArmAugmentation,
    /// With which learning rates.
    pub rates: Rates,
}

/// Which labels an arm is trained with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmLabels {
    /// Classes.
    Hard,
    /// Those of the recipe.
    Recipe,
}

/// Which augmentation an arm is trained with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmAugmentation {
    /// That of its recipe.
    Recipe,
    /// None, whatever the recipe has.
    None,
}

/// Which learning rates an arm tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// Those of its recipe.
    Grid,
    /// The one that came with its distilled set, or those of its recipe if none did.
    Given,
}

impl Arm {
    /// An arm with the recipe's own augmentation.
    pub(crate) const fn new(
        name: ArmName,
        source: Source,
        labels: ArmLabels,
        rates: Rates,
    ) -> Self {
        Self {
            name,
            source,
            labels,
            augmentation: ArmAugmentation::Recipe,
            rates,
        }
    }

    /// The same without augmentation.
    pub(crate) fn plain(self) -> Self {
        Self {
            augmentation: ArmAugmentation::None,
            ..self
        }
    }
}
