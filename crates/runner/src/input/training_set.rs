//! Which training set of an experiment is meant.

use ddrank_metrics::Source;

/// The training set of a source, in a round where the source has another one in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrainingSet {
    source: Source,
    /// 0 for sources that are the same in every round, so that these sets are equal.
    round: u32,
}

impl TrainingSet {
    /// The set of a source in a round (0-based).
    #[must_use]
    pub const fn of(source: Source, round: u32) -> Self {
        let round = match source {
            Source::Random | Source::Noise => round,
            Source::Real | Source::Synthetic | Source::Compare(_) => 0,
        };
        Self { source, round }
    }

    /// What it is.
    #[must_use]
    pub const fn source(self) -> Source {
        self.source
    }

    /// The round of a random selection or of noise; 0 for all others.
    #[must_use]
    pub const fn round(self) -> u32 {
        self.round
    }

    /// Whether other rounds have another one.
    pub(crate) const fn is_of_one_round(self) -> bool {
        match self.source {
            Source::Random | Source::Noise => true,
            Source::Real | Source::Synthetic | Source::Compare(_) => false,
        }
    }
}
