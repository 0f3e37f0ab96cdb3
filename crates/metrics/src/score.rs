//! The scores themselves: HLR, IOR, LRS and ARS.

use std::f64::consts::E;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::accuracy::{Accuracy, Gap};
use crate::bounded::{OutOfRange, bounded_number, check};
use crate::weight::Weight;

/// An LRS or an ARS, from 0 to 100; larger is better.
///
/// A score of 26.9 (not 50) stands for α = 0; see [`squash`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Score(f64);

bounded_number!(Score);

impl Score {
    /// The score as a number from 0 to 100.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Score {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        check("a score", value, 0.0, 100.0).map(Self)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.1}", self.0))
    }
}

/// HLR, the hard label recovery: the accuracy on real data less the accuracy on synthetic data, both with hard
/// labels. Smaller is better; negative when the synthetic data are better than the real data.
#[must_use]
pub fn hard_label_recovery(real: Accuracy, synthetic: Accuracy) -> Gap {
    real - synthetic
}

/// IOR, the improvement over random: the accuracy on synthetic data less the accuracy on as many random real images,
/// both with the method's own recipe. Larger is better.
#[must_use]
pub fn improvement_over_random(synthetic: Accuracy, random: Accuracy) -> Gap {
    synthetic - random
}

/// The normalisation that LRS and ARS share: `100 (e^α - e^-1) / (e - e^-1)`.
///
/// α = -1 gives 0, α = 1 gives 100, and α = 0 gives 26.894…, the score of a method that is as good as random
/// selection (ARS) or whose two halves balance (LRS).
///
/// ```
/// use ddrank_metrics::{Gap, squash};
///
/// assert_eq!(squash(Gap::ZERO).to_string(), "26.9");
/// ```
#[must_use]
pub fn squash(alpha: Gap) -> Score {
    // The paper subtracts the value at α = -1 and divides by the range, so that the worst possible method gets 0 and the
    // best 1; a hundred times that is what its tables print. α has to be a fraction: with percentage points, as the
    // DD-Ranking program has it, nearly every negative α gives the same score (docs/reference.md, section 1.1).
    let lowest = 1.0 / E;
    let score = 100.0 * (alpha.fraction().exp() - lowest) / (E - lowest);
    // Only rounding can leave the scale, by one unit in the last place.
    Score(score.clamp(0.0, 100.0))
}

/// LRS, the label-robust score: [`squash`] of `α = λ IOR - (1 - λ) HLR`.
///
/// ```
/// use ddrank_metrics::{Gap, Weight, label_robust_score};
///
/// // DC on CIFAR-10 with one image per class, Table 3 of the paper: 19.1.
/// let lrs = label_robust_score(Gap::from_points(12.4)?, Gap::from_points(52.7)?, Weight::default());
/// assert_eq!(lrs.to_string(), "19.1");
/// # Ok::<(), ddrank_metrics::OutOfRange>(())
/// ```
#[must_use]
pub fn label_robust_score(improvement: Gap, recovery: Gap, weight: Weight) -> Score {
    // HLR enters with its sign turned, because less of it is better; the paper's α = λ IOR - (1 - λ) HLR.
    squash(weighted(improvement, -recovery, weight))
}

/// ARS, the augmentation-robust score: [`squash`] of `β = γ (gain with augmentation) + (1 - γ) (gain without)`.
///
/// Each gain is the improvement over random of [`improvement_over_random`], once with and once without augmentation.
#[must_use]
pub fn augmentation_robust_score(gain_with: Gap, gain_without: Gap, weight: Weight) -> Score {
    squash(weighted(gain_with, gain_without, weight))
}

/// The weighted mean of two differences; in range but for rounding, because the weights add up to one.
fn weighted(first: Gap, second: Gap, weight: Weight) -> Gap {
    Gap::saturating(weight.value() * first.fraction() + weight.rest() * second.fraction())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(value: f64) -> Gap {
        Gap::from_points(value).unwrap()
    }

    #[test]
    fn the_example_that_the_reference_gets_wrong() {
        let lrs = label_robust_score(points(12.4), points(52.7), Weight::default());
        assert!((lrs.value() - 19.13).abs() < 0.005, "{}", lrs.value());
    }

    #[test]
    fn the_ends_and_the_middle_of_the_scale() {
        assert_eq!(squash(points(-100.0)).value(), 0.0);
        assert_eq!(squash(points(100.0)).value(), 100.0);
        assert!((squash(Gap::ZERO).value() - 26.894_142_136_999_516).abs() < 1e-12);
    }

    #[test]
    fn no_score_beyond_the_scale_can_be_read() {
        assert!(serde_json::from_str::<Score>("100.1").is_err());
        assert_eq!(serde_json::from_str::<Score>("19.1").unwrap().value(), 19.1);
    }

    fn gap() -> impl Strategy<Value = Gap> {
        (-1.0f64..=1.0).prop_map(|fraction| Gap::from_fraction(fraction).unwrap())
    }

    fn weight() -> impl Strategy<Value = Weight> {
        (0.0f64..=1.0).prop_map(|value| Weight::new(value).unwrap())
    }

    proptest! {
        #[test]
        fn more_improvement_never_lowers_a_score(a in gap(), b in gap(), other in gap(), weight in weight()) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(label_robust_score(low, other, weight) <= label_robust_score(high, other, weight));
            prop_assert!(label_robust_score(other, high, weight) <= label_robust_score(other, low, weight));
            prop_assert!(augmentation_robust_score(low, other, weight) <= augmentation_robust_score(high, other, weight));
            prop_assert!(augmentation_robust_score(other, low, weight) <= augmentation_robust_score(other, high, weight));
        }

        #[test]
        fn every_score_is_on_the_scale(a in gap(), b in gap(), weight in weight()) {
            for score in [label_robust_score(a, b, weight), augmentation_robust_score(a, b, weight)] {
                prop_assert!((0.0..=100.0).contains(&score.value()));
            }
        }

        #[test]
        fn equal_to_random_and_to_real_data_scores_the_middle(accuracy in 0.0f64..=1.0, weight in weight()) {
            let accuracy = Accuracy::from_fraction(accuracy).unwrap();
            let (ior, hlr) = (improvement_over_random(accuracy, accuracy), hard_label_recovery(accuracy, accuracy));
            for score in [label_robust_score(ior, hlr, weight), augmentation_robust_score(ior, ior, weight)] {
                prop_assert!((score.value() - 26.894_142_136_999_516).abs() < 1e-12);
            }
        }

        #[test]
        fn all_the_weight_on_one_half_ignores_the_other(a in gap(), b in gap(), c in gap()) {
            let all = Weight::new(1.0).unwrap();
            prop_assert_eq!(label_robust_score(a, b, all), label_robust_score(a, c, all));
            prop_assert_eq!(label_robust_score(a, b, all), squash(a));
            let none = Weight::new(0.0).unwrap();
            prop_assert_eq!(label_robust_score(b, a, none), squash(-a));
        }
    }
}
