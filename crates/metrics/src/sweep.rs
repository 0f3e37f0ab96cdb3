//! How a score depends on its weight.

use serde::{Deserialize, Serialize};

use crate::accuracy::Gap;
use crate::score::{Score, augmentation_robust_score, label_robust_score};
use crate::summary::{Summary, SummaryError};
use crate::weight::Weight;

/// A score at one weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// The weight.
    pub weight: Weight,
    /// The score of each round.
    pub per_round: Vec<Score>,
    /// Their summary.
    pub summary: Summary,
}

/// LRS for the weights 0.1 to 0.9, as in Tables 8 to 19 of the paper.
///
/// ```
/// use ddrank_metrics::{Gap, label_robust_sweep};
///
/// let sweep = label_robust_sweep(&[Gap::from_points(12.4)?], &[Gap::from_points(52.7)?])?;
/// assert_eq!(sweep.len(), 9);
/// assert_eq!(format!("{:.1}", sweep[4].summary.mean), "19.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the lists differ in length or are empty.
pub fn label_robust_sweep(
    improvement: &[Gap],
    recovery: &[Gap],
) -> Result<Vec<SweepPoint>, SummaryError> {
    sweep(improvement, recovery, label_robust_score)
}

/// ARS for the weights 0.1 to 0.9.
///
/// # Errors
/// When the lists differ in length or are empty.
pub fn augmentation_robust_sweep(
    gain_with: &[Gap],
    gain_without: &[Gap],
) -> Result<Vec<SweepPoint>, SummaryError> {
    sweep(gain_with, gain_without, augmentation_robust_score)
}

/// A score of two differences a round for the weights 0.1 to 0.9.
///
/// # Errors
/// When the lists differ in length or are empty.
pub(crate) fn sweep(
    first: &[Gap],
    second: &[Gap],
    score: fn(Gap, Gap, Weight) -> Score,
) -> Result<Vec<SweepPoint>, SummaryError> {
    if first.len() != second.len() {
        return Err(SummaryError::Unpaired {
            first: first.len(),
            second: second.len(),
        });
    }
    Weight::sweep()
        .map(|weight| {
            let per_round: Vec<Score> = first
                .iter()
                .zip(second)
                .map(|(&first, &second)| score(first, second, weight))
                .collect();
            let summary = Summary::of_each(&per_round)?;
            Ok(SweepPoint {
                weight,
                per_round,
                summary,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(points: &[f64]) -> Vec<Gap> {
        points
            .iter()
            .map(|&points| Gap::from_points(points).unwrap())
            .collect()
    }

    #[test]
    fn a_sweep_is_the_score_at_each_weight() {
        let (ior, hlr) = (gaps(&[12.4, 10.0]), gaps(&[52.7, 50.0]));
        let points = label_robust_sweep(&ior, &hlr).unwrap();
        assert_eq!(points[2].weight.value(), 0.3);
        assert_eq!(
            points[2].per_round[1],
            label_robust_score(ior[1], hlr[1], Weight::new(0.3).unwrap())
        );
        // More weight on a positive improvement and less on a loss: the score grows.
        assert!(
            points
                .windows(2)
                .all(|pair| pair[0].summary.mean < pair[1].summary.mean)
        );
        let equal = augmentation_robust_sweep(&gaps(&[5.0]), &gaps(&[5.0])).unwrap();
        assert!(
            equal
                .windows(2)
                .all(|pair| (pair[0].summary.mean - pair[1].summary.mean).abs() < 1e-12)
        );
    }

    #[test]
    fn rounds_must_pair() {
        assert_eq!(
            label_robust_sweep(&gaps(&[1.0]), &gaps(&[1.0, 2.0])),
            Err(SummaryError::Unpaired {
                first: 1,
                second: 2
            })
        );
        assert_eq!(
            augmentation_robust_sweep(&[], &[]),
            Err(SummaryError::Empty)
        );
    }
}
