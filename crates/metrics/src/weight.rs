//! The weight of the two halves of a score.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bounded::{OutOfRange, bounded_number, check};

/// The weight λ of LRS or γ of ARS, from 0 to 1, by default 0.5.
///
/// It multiplies the improvement over random (LRS) or the improvement with augmentation (ARS); the other half gets
/// one minus the weight.
///
/// ```
/// use ddrank_metrics::Weight;
///
/// assert_eq!(Weight::default().value(), 0.5);
/// assert!(Weight::new(1.5).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Weight(f64);

bounded_number!(Weight);

impl Weight {
    /// A weight.
    ///
    /// # Errors
    /// When `value` is not a number from 0 to 1.
    pub fn new(value: f64) -> Result<Self, OutOfRange> {
        check("a weight", value, 0.0, 1.0).map(Self)
    }

    /// The weight of the first half.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The weight of the second half, one minus the first.
    pub(crate) fn rest(self) -> f64 {
        1.0 - self.0
    }

    /// The weights 0.1, 0.2, … 0.9 of a sweep.
    pub(crate) fn sweep() -> impl Iterator<Item = Self> {
        // Divided, not added up: 0.3 is then the number that a reader writes.
        (1..=9).map(|tenths| Self(f64::from(tenths) / 10.0))
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self(0.5)
    }
}

impl TryFrom<f64> for Weight {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_goes_from_a_tenth_to_nine_tenths() {
        let printed: Vec<String> = Weight::sweep().map(|weight| weight.to_string()).collect();
        assert_eq!(
            printed,
            [
                "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"
            ]
        );
    }

    #[test]
    fn what_is_not_a_weight_is_refused() {
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(Weight::new(bad).is_err());
        }
        assert!(serde_json::from_str::<Weight>("2").is_err());
    }
}
