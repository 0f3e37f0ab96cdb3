//! Top-1, top-5: whether a label is among the classes with the highest scores.

use std::num::NonZeroUsize;

use crate::accuracy::Accuracy;
use crate::bounded::OutOfRange;

/// The share of rows whose label is among the `count` classes with the highest scores.
///
/// `scores` holds a row of `classes` numbers (logits or probabilities) for each of `labels`. Of equal scores the one
/// with the lower class counts as the higher, as in an argmax. A label whose score is NaN is never found, and a NaN
/// elsewhere counts as higher than the label's score: a network that has diverged hits nothing by it. With `count` of
/// `classes` or more every label with a score is found.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use ddrank_metrics::top_accuracy;
///
/// let scores = [0.1, 0.7, 0.2, 0.5, 0.3, 0.2];
/// let top = |count| top_accuracy(&scores, 3, &[2, 0], NonZeroUsize::new(count).unwrap());
/// assert_eq!(top(1)?.fraction(), 0.5);
/// assert_eq!(top(2)?.fraction(), 1.0);
/// # Ok::<(), ddrank_metrics::OutOfRange>(())
/// ```
///
/// # Errors
///
/// When there are no labels.
///
/// # Panics
///
/// If there are not `classes` scores for each label, or a label is no class.
pub fn top_accuracy(
    scores: &[f32],
    classes: usize,
    labels: &[usize],
    count: NonZeroUsize,
) -> Result<Accuracy, OutOfRange> {
    assert!(
        scores.len() == classes * labels.len(),
        "{} scores are not {classes} for each of {} labels",
        scores.len(),
        labels.len()
    );
    let hits = labels
        .iter()
        .enumerate()
        .filter(|&(row, &label)| {
            let row = &scores[row * classes..][..classes];
            let own = row[label];
            // Counted the other way round, `score > own` would be false for every NaN, and NaN a hit.
            let is_lower =
                |class: usize, score: f32| score < own || (score == own && class >= label);
            let higher = row
                .iter()
                .enumerate()
                .filter(|&(class, &score)| !is_lower(class, score));
            !own.is_nan() && higher.count() < count.get()
        })
        .count();
    Accuracy::from_counts(hits, labels.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(scores: &[f32], label: usize, count: usize) -> f64 {
        let count = NonZeroUsize::new(count).unwrap();
        top_accuracy(scores, scores.len(), &[label], count)
            .unwrap()
            .fraction()
    }

    #[test]
    fn equal_scores_count_by_class() {
        let scores = [1.0, 1.0, 1.0, 0.0];
        assert_eq!(
            [0, 1, 2, 3].map(|label| top(&scores, label, 1)),
            [1.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(
            [0, 1, 2, 3].map(|label| top(&scores, label, 2)),
            [1.0, 1.0, 0.0, 0.0]
        );
        assert_eq!(top(&scores, 3, 5), 1.0, "five of four classes are all");
    }

    #[test]
    fn what_is_not_a_number_is_no_hit() {
        let nan = f32::NAN;
        assert_eq!(top(&[nan, nan, nan], 0, 1), 0.0);
        assert_eq!(top(&[nan, nan, nan], 0, 5), 0.0);
        assert_eq!(top(&[2.0, nan, 1.0], 0, 1), 0.0);
        assert_eq!(top(&[2.0, nan, 1.0], 0, 2), 1.0);
    }

    #[test]
    fn no_rows_are_no_accuracy() {
        assert!(top_accuracy(&[], 3, &[], NonZeroUsize::MIN).is_err());
    }
}
