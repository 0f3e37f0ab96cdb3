//! What a metric is made of.

use crate::accuracy::Gap;
use crate::arm::{Arm, ArmName};
use crate::ranking::Direction;
use crate::score::Score;
use crate::weight::Weight;

/// What an experiment asks of its metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Whether the recipe's labels are soft.
    pub has_soft_labels: bool,
    /// Whether hard-label arms beside soft-label ones are augmented too.
    pub augments_hard_arms: bool,
    /// Whether random selections are asked for where the metric has none of its own.
    pub random: bool,
    /// Whether images of noise are asked for.
    pub noise: bool,
    /// Names of further distilled sets.
    pub compare: Vec<String>,
}

/// A metric: one implementation a file, one line in the table of [`Metric`](super::Metric).
pub(super) trait Definition {
    /// How configurations and reports spell it.
    const NAME: &'static str;
    /// The name of its score: `LRS`.
    const HEADLINE: &'static str;
    /// The name of its score in words.
    const WORDS: &'static str;
    /// What it measures, in a sentence.
    const MEANING: &'static str;
    /// The letter of its weight in the paper, where it has one.
    const WEIGHT: Option<&'static str>;
    /// The differences between arms that it is made of; the first two are those that [`Self::COMBINE`] takes.
    const PARTS: &'static [Part];
    /// The headline score of a round from the first two parts; `None` where it is the accuracy of an arm.
    const COMBINE: Option<fn(Gap, Gap, Weight) -> Score>;
    /// Epochs between two tests in the reference's recipes, with hard and with soft labels (docs/reference.md, section 6).
    const TEST_INTERVALS: [u32; 2];

    /// Its arms, in the order in which they are run and shown.
    fn arms(setup: &Setup) -> Vec<Arm>;

    /// The arms of each of the [`Self::PARTS`]; fewer where the setup has no such arms.
    fn differences(setup: &Setup) -> Vec<Difference>;

    /// The arm whose accuracy is the headline where nothing is combined.
    fn headline_arm(setup: &Setup) -> ArmName;

    /// The random arm that further sets are compared with, where there is one.
    fn random_arm(setup: &Setup) -> Option<ArmName>;
}

/// A difference of two accuracies that a metric is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in reports: `HLR`.
    pub name: &'static str,
    /// Which end is good.
    pub better: Direction,
    /// If it says whether the distilled set beats random selection: the words that such a sentence begins with.
    pub verdict: Option<&'static str>,
}

/// From one accuracy another is subtracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The arm from whose accuracy …
    pub from: ArmName,
    /// … the accuracy of this arm is subtracted.
    pub minus: ArmName,
}

impl Difference {
    pub(super) const fn new(from: ArmName, minus: ArmName) -> Self {
        Self { from, minus }
    }
}
