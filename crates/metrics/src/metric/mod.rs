//! The metrics: the table of all of them. Each is one file that lists its arms, its scores and their direction.

mod accuracy;
mod ars;
mod definition;
mod lrs;
mod scores;

use serde::{Deserialize, Serialize};

use crate::accuracy::{Accuracy, Gap};
use crate::arm::{Arm, ArmLabels, ArmName, Rates, Source};
use crate::score::Score;
use crate::summary::SummaryError;
use crate::unit::Unit;
use crate::weight::Weight;

use definition::Definition;
pub use definition::{Difference, Part, Setup};
pub use scores::{ScoreRow, Scores};

macro_rules! metrics {
    ($($metric:ident => $definition:ty,)+) => {
        /// What is measured: which arms, and how their accuracies combine into scores.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Metric {
            $(
                #[doc = concat!("`", stringify!($metric), "`: what it measures is its [`meaning`](Self::meaning).")]
                $metric,
            )+
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &'static [Self] = &[$(Self::$metric),+];

            /// The name in configurations and reports: `lrs`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$metric => <$definition>::NAME,)+ }
            }

            /// The name of the score that it is about: `LRS`, `ARS` or `accuracy`.
            #[must_use]
            pub const fn headline(self) -> &'static str {
                match self { $(Self::$metric => <$definition>::HEADLINE,)+ }
            }

            /// Its name in words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$metric => <$definition>::WORDS,)+ }
            }

            /// What it measures, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$metric => <$definition>::MEANING,)+ }
            }

            /// The letter of its weight in the paper, where it has one.
            #[must_use]
            pub const fn weight_symbol(self) -> Option<&'static str> {
                match self { $(Self::$metric => <$definition>::WEIGHT,)+ }
            }

            /// The differences that its score is made of.
            #[must_use]
            pub const fn parts(self) -> &'static [Part] {
                match self { $(Self::$metric => <$definition>::PARTS,)+ }
            }

            /// How the first two parts of a round become its score; `None` where nothing is weighed.
            #[must_use]
            pub const fn combination(self) -> Option<fn(Gap, Gap, Weight) -> Score> {
                match self { $(Self::$metric => <$definition>::COMBINE,)+ }
            }

            const fn test_intervals(self) -> [u32; 2] {
                match self { $(Self::$metric => <$definition>::TEST_INTERVALS,)+ }
            }

            fn own_arms(self, setup: &Setup) -> Vec<Arm> {
                match self { $(Self::$metric => <$definition>::arms(setup),)+ }
            }

            fn differences(self, setup: &Setup) -> Vec<Difference> {
                match self { $(Self::$metric => <$definition>::differences(setup),)+ }
            }

            fn headline_arm(self, setup: &Setup) -> ArmName {
                match self { $(Self::$metric => <$definition>::headline_arm(setup),)+ }
            }

            fn random_arm(self, setup: &Setup) -> Option<ArmName> {
                match self { $(Self::$metric => <$definition>::random_arm(setup),)+ }
            }
        }
    };
}

// The table: one line a metric.
metrics! {
    Lrs => lrs::Lrs,
    Ars => ars::Ars,
    Accuracy => accuracy::PlainAccuracy,
}

impl Metric {
    /// The unit of its score.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self.combination() {
            Some(_) => Unit::Score,
            None => Unit::Accuracy,
        }
    }

    /// Epochs between two tests, where a configuration does not say it.
    #[must_use]
    pub const fn test_interval(self, has_soft_labels: bool) -> u32 {
        let [hard, soft] = self.test_intervals();
        if has_soft_labels { soft } else { hard }
    }

    /// All arms in the order in which they are run and shown: its own, then noise and the sets to compare with, which
    /// can stand beside those of any metric.
    #[must_use]
    pub fn arms(self, setup: &Setup) -> Vec<Arm> {
        let any = |name, source, rates| Arm::new(name, source, ArmLabels::Recipe, rates);
        let mut arms = self.own_arms(setup);
        if setup.noise {
            arms.push(any(ArmName::Noise, Source::Noise, Rates::Grid));
        }
        for (index, name) in setup.compare.iter().enumerate() {
            let name = ArmName::Compare(name.clone());
            arms.push(any(name, Source::Compare(index), Rates::Given));
        }
        arms
    }

    /// Whether one of its own arms is trained on this, whatever is asked for beside them.
    #[must_use]
    pub fn has_own(self, source: Source) -> bool {
        let arms = self.own_arms(&Setup::default());
        arms.iter().any(|arm| arm.source == source)
    }

    /// Whether it trains the distilled set with hard labels beside the recipe's soft ones.
    #[must_use]
    pub fn has_hard_arms_beside_soft(self) -> bool {
        let setup = Setup {
            has_soft_labels: true,
            ..Setup::default()
        };
        let is_hard = |arm: &Arm| arm.source != Source::Real && arm.labels == ArmLabels::Hard;
        self.own_arms(&setup).iter().any(is_hard)
    }

    /// The scores from the accuracies of the arms by round: all per round, then summarised.
    ///
    /// # Errors
    /// If an arm has no round.
    pub fn scores(
        self,
        setup: &Setup,
        weight: Weight,
        accuracies: &dyn Fn(&ArmName) -> Vec<Accuracy>,
    ) -> Result<Scores, SummaryError> {
        let random = self.random_arm(setup);
        let further = self.arms(setup).into_iter().filter(|arm| match arm.source {
            Source::Noise | Source::Compare(_) => true,
            Source::Real | Source::Synthetic | Source::Random => false,
        });
        let further = further.filter_map(|arm| {
            let minus = random.clone()?;
            Some(Difference {
                from: arm.name,
                minus,
            })
        });
        let recipe = scores::Recipe {
            headline: self.headline(),
            headline_arm: self.headline_arm(setup),
            combination: self.combination(),
            parts: self
                .parts()
                .iter()
                .copied()
                .zip(self.differences(setup))
                .collect(),
            further: further.collect(),
        };
        recipe.scores(weight, accuracies)
    }
}
