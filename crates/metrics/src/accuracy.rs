//! Accuracies and differences of accuracies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bounded::{OutOfRange, bounded_number, check};

/// The share of test images that are classified correctly, a fraction from 0 to 1.
///
/// In files it is that fraction (`0.3514`), for people it is a percentage (`35.14 %`).
///
/// ```
/// use ddrank_metrics::Accuracy;
///
/// let accuracy = Accuracy::from_percent(35.14)?;
/// assert_eq!(accuracy.to_string(), "35.14 %");
/// assert!(Accuracy::from_fraction(35.14).is_err());
/// # Ok::<(), ddrank_metrics::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Accuracy(f64);

bounded_number!(Accuracy);

impl Accuracy {
    /// No image is classified correctly.
    pub const ZERO: Self = Self(0.0);

    /// An accuracy from a fraction.
    ///
    /// # Errors
    /// When `fraction` is not a number from 0 to 1.
    pub fn from_fraction(fraction: f64) -> Result<Self, OutOfRange> {
        check("an accuracy as a fraction", fraction, 0.0, 1.0).map(Self)
    }

    /// An accuracy from a percentage, as the reference and the papers print it.
    ///
    /// # Errors
    /// When `percent` is not a number from 0 to 100.
    pub fn from_percent(percent: f64) -> Result<Self, OutOfRange> {
        check("an accuracy in percent", percent, 0.0, 100.0).map(|percent| Self(percent / 100.0))
    }

    /// An accuracy from counts of test images.
    ///
    /// # Errors
    /// When `total` is 0 or `correct` is larger than `total`.
    pub fn from_counts(correct: usize, total: usize) -> Result<Self, OutOfRange> {
        // Without images this is NaN, which is in no range.
        Self::from_fraction(correct as f64 / total as f64)
    }

    /// The fraction, from 0 to 1.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }

    /// The percentage, from 0 to 100.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl TryFrom<f64> for Accuracy {
    type Error = OutOfRange;

    fn try_from(fraction: f64) -> Result<Self, OutOfRange> {
        Self::from_fraction(fraction)
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.2} %", self.percent()))
    }
}

/// The difference of two accuracies, a fraction from -1 to 1: the unit of HLR, of IOR, and of their weighted mean α.
///
/// Being a type of its own, it can be made from percentage points only on purpose; the reference puts percentage
/// points into the exponential of the score.
///
/// ```
/// use ddrank_metrics::{Accuracy, Gap};
///
/// let gap = Accuracy::from_percent(84.6)? - Accuracy::from_percent(31.9)?;
/// assert_eq!(gap.to_string(), "52.70 points");
/// assert_eq!(Gap::from_points(-3.5)?.fraction(), -0.035);
/// # Ok::<(), ddrank_metrics::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Gap(f64);

bounded_number!(Gap);

impl Gap {
    /// No difference.
    pub const ZERO: Self = Self(0.0);

    /// A difference from a fraction.
    ///
    /// # Errors
    /// When `fraction` is not a number from -1 to 1.
    pub fn from_fraction(fraction: f64) -> Result<Self, OutOfRange> {
        check(
            "a difference of accuracies as a fraction",
            fraction,
            -1.0,
            1.0,
        )
        .map(Self)
    }

    /// A difference from percentage points, as the reference and the papers print it.
    ///
    /// # Errors
    /// When `points` is not a number from -100 to 100.
    pub fn from_points(points: f64) -> Result<Self, OutOfRange> {
        check(
            "a difference of accuracies in percentage points",
            points,
            -100.0,
            100.0,
        )
        .map(|points| Self(points / 100.0))
    }

    /// The fraction, from -1 to 1.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }

    /// Percentage points, from -100 to 100.
    #[must_use]
    pub fn points(self) -> f64 {
        self.0 * 100.0
    }

    /// A difference that is in range but for rounding.
    pub(crate) fn saturating(fraction: f64) -> Self {
        // Adding zero turns -0 into 0, so that equal gaps are written alike.
        Self(fraction.clamp(-1.0, 1.0) + 0.0)
    }
}

impl TryFrom<f64> for Gap {
    type Error = OutOfRange;

    fn try_from(fraction: f64) -> Result<Self, OutOfRange> {
        Self::from_fraction(fraction)
    }
}

impl std::ops::Sub for Accuracy {
    type Output = Gap;

    fn sub(self, other: Self) -> Gap {
        Gap::saturating(self.0 - other.0)
    }
}

impl std::ops::Neg for Gap {
    type Output = Self;

    fn neg(self) -> Self {
        // Not `-self.0`, which would make a negative zero.
        Self(0.0 - self.0)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.2} points", self.points()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_accuracy_is_refused() {
        for bad in [-1e-9, 1.000_001, 35.14, f64::NAN, f64::INFINITY] {
            let error = Accuracy::from_fraction(bad).unwrap_err();
            assert_eq!((error.min, error.max), (0.0, 1.0));
        }
        assert!(Accuracy::from_percent(100.01).is_err());
        assert!(Accuracy::from_counts(0, 0).is_err());
        assert!(Accuracy::from_counts(3, 2).is_err());
        assert!(Gap::from_fraction(52.7).is_err());
        assert!(Gap::from_points(-100.5).is_err());
        assert_eq!(
            Accuracy::from_fraction(35.14).unwrap_err().to_string(),
            "an accuracy as a fraction must be a number from 0 to 1, not 35.14"
        );
    }

    #[test]
    fn people_read_percent_and_files_hold_fractions() {
        let accuracy = Accuracy::from_counts(1757, 5000).unwrap();
        assert_eq!(accuracy.to_string(), "35.14 %");
        assert_eq!(format!("[{accuracy:>9}]"), "[  35.14 %]");
        assert_eq!(serde_json::to_string(&accuracy).unwrap(), "0.3514");
        assert_eq!(
            serde_json::from_str::<Accuracy>("0.3514").unwrap(),
            accuracy
        );
        let refused = serde_json::from_str::<Accuracy>("35.14")
            .unwrap_err()
            .to_string();
        assert!(refused.contains("from 0 to 1, not 35.14"), "{refused}");
    }

    #[test]
    fn zero_has_one_sign() {
        assert_eq!(
            Accuracy::from_fraction(-0.0).unwrap().fraction().to_bits(),
            0
        );
        assert_eq!((-Gap::ZERO).fraction().to_bits(), 0);
        assert_eq!(
            Gap::from_fraction(-0.0).unwrap().cmp(&Gap::ZERO),
            std::cmp::Ordering::Equal
        );
    }
}
