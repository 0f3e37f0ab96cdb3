//! The one way in which this crate makes a number that cannot leave its range.

/// A number was not in the range that its meaning asks for.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{what} must be a number from {min} to {max}, not {seen}")]
pub struct OutOfRange {
    /// What the number was meant to be, with its unit.
    pub what: &'static str,
    /// The number that was given (may be NaN or infinite).
    pub seen: f64,
    /// The smallest number allowed.
    pub min: f64,
    /// The largest number allowed.
    pub max: f64,
}

/// Checks that `value` is a number in `min..=max`; a negative zero becomes zero, so that equal values are identical.
pub(crate) fn check(what: &'static str, value: f64, min: f64, max: f64) -> Result<f64, OutOfRange> {
    if (min..=max).contains(&value) {
        Ok(value + 0.0)
    } else {
        Err(OutOfRange {
            what,
            seen: value,
            min,
            max,
        })
    }
}

/// What every bounded number has in common: it is never NaN, hence totally ordered, and it is a plain number for serde.
macro_rules! bounded_number {
    ($name:ident) => {
        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl From<$name> for f64 {
            fn from(number: $name) -> f64 {
                number.0
            }
        }
    };
}
pub(crate) use bounded_number;
