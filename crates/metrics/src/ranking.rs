//! Methods in order of one quantity.

use serde::{Deserialize, Serialize};

use crate::summary::Summary;

/// Which end of a quantity is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Larger is better: accuracy, IOR, LRS, ARS.
    Higher,
    /// Smaller is better: HLR.
    Lower,
}

/// What the 95 % confidence intervals of two neighbours in a ranking say.
///
/// Intervals that do not overlap are good evidence of a difference; intervals that overlap are no evidence of its
/// absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Separation {
    /// The intervals do not overlap.
    Distinct,
    /// The intervals overlap: the order of the two may be chance.
    Overlapping,
    /// At least one has a single round, hence no interval.
    Unknown,
}

/// One line of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked<T> {
    /// The place, from 1; methods with equal means share a place and the next place is skipped (1, 2, 2, 4).
    pub place: usize,
    /// The method.
    pub method: T,
    /// Its quantity over the rounds.
    pub summary: Summary,
    /// How it stands to the next line; `None` for the last line.
    pub separation: Option<Separation>,
}

/// Orders methods by the mean of a quantity, best first; equal means share a place and keep their given order.
///
/// Means count as equal when they differ by less than one part in 10⁹ (of 1, when they are smaller than 1): that is
/// rounding, not merit.
///
/// ```
/// use ddrank_metrics::{Direction, Separation, Summary, rank};
///
/// let ranking = rank(
///     [("DC", Summary::of(&[19.1, 19.0, 19.3])?), ("DATM", Summary::of(&[24.6, 24.4, 24.5])?)],
///     Direction::Higher,
/// );
/// assert_eq!((ranking[0].place, ranking[0].method), (1, "DATM"));
/// assert_eq!(ranking[0].separation, Some(Separation::Distinct));
/// # Ok::<(), ddrank_metrics::SummaryError>(())
/// ```
#[must_use]
pub fn rank<T>(
    methods: impl IntoIterator<Item = (T, Summary)>,
    direction: Direction,
) -> Vec<Ranked<T>> {
    let mut methods: Vec<(T, Summary)> = methods.into_iter().collect();
    // Stable, because methods with equal means keep the order that the caller gave.
    methods.sort_by(|(_, a), (_, b)| match direction {
        Direction::Higher => b.mean.total_cmp(&a.mean),
        Direction::Lower => a.mean.total_cmp(&b.mean),
    });
    let mut ranking: Vec<Ranked<T>> = Vec::with_capacity(methods.len());
    // The first line of the place that is being filled, against which the next means are compared.
    let mut leader = (1, f64::NAN);
    for (index, (method, summary)) in methods.into_iter().enumerate() {
        if !equal(leader.1, summary.mean) {
            leader = (index + 1, summary.mean);
        }
        if let Some(previous) = ranking.last_mut() {
            previous.separation = Some(separation(&previous.summary, &summary));
        }
        ranking.push(Ranked {
            place: leader.0,
            method,
            summary,
            separation: None,
        });
    }
    ranking
}

/// What the confidence intervals of two summaries say about their difference.
#[must_use]
pub fn separation(a: &Summary, b: &Summary) -> Separation {
    match (a.ci95, b.ci95) {
        (Some((a_low, a_high)), Some((b_low, b_high))) if a_low <= b_high && b_low <= a_high => {
            Separation::Overlapping
        }
        (Some(_), Some(_)) => Separation::Distinct,
        (None, _) | (_, None) => Separation::Unknown,
    }
}

/// Equal but for rounding; NaN equals nothing.
fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn summary(values: &[f64]) -> Summary {
        Summary::of(values).unwrap()
    }

    #[test]
    fn equal_means_share_a_place() {
        let ranking = rank(
            [
                ("last", summary(&[1.0])),
                ("tied first", summary(&[5.0, 5.2])),
                ("best", summary(&[9.0, 9.1])),
                ("tied second", summary(&[5.1, 5.1 + 1e-12])),
            ],
            Direction::Higher,
        );
        let order: Vec<_> = ranking
            .iter()
            .map(|line| (line.place, line.method))
            .collect();
        // The two tied means differ by rounding only; their order among themselves is theirs.
        assert_eq!(order[0], (1, "best"));
        assert_eq!((order[1].0, order[2].0), (2, 2));
        assert_eq!(order[3], (4, "last"));
        assert_eq!(ranking[0].separation, Some(Separation::Distinct));
        assert_eq!(ranking[1].separation, Some(Separation::Overlapping));
        assert_eq!(ranking[2].separation, Some(Separation::Unknown));
        assert_eq!(ranking[3].separation, None);
    }

    #[test]
    fn lower_can_be_better() {
        let ranking = rank(
            [("a", summary(&[52.7])), ("b", summary(&[16.5]))],
            Direction::Lower,
        );
        assert_eq!((ranking[0].method, ranking[1].place), ("b", 2));
    }

    #[test]
    fn nothing_ranks_to_nothing() {
        assert!(rank(Vec::<((), Summary)>::new(), Direction::Higher).is_empty());
    }

    proptest! {
        #[test]
        fn a_ranking_is_a_permutation_in_order(means in prop::collection::vec(0u8..6, 0..12)) {
            let ranking = rank(means.iter().map(|&mean| (mean, summary(&[f64::from(mean)]))), Direction::Higher);
            let mut sorted = means;
            sorted.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(ranking.iter().map(|line| line.method).collect::<Vec<_>>(), sorted.clone());
            for line in &ranking {
                let better = sorted.iter().filter(|&&mean| mean > line.method).count();
                prop_assert_eq!(line.place, better + 1);
            }
        }
    }
}
