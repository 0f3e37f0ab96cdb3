//! What is said about one quantity that was measured once per round.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean, spread and confidence interval of one quantity over the rounds of an experiment.
///
/// All numbers are in the unit of the values. Every value is one round. Quantities that are differences (HLR, IOR)
/// are taken per round before they are summarised, so their intervals are those of paired comparisons.
///
/// ```
/// use ddrank_metrics::Summary;
///
/// let summary = Summary::of(&[1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!((summary.n, summary.mean), (4, 2.5));
/// assert!((summary.std - 1.25f64.sqrt()).abs() < 1e-12);
/// let (low, high) = summary.ci95.unwrap();
/// assert!((low - 0.4457).abs() < 1e-4 && (high - 4.5543).abs() < 1e-4);
/// # Ok::<(), ddrank_metrics::SummaryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The number of values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The population standard deviation (divided by `n`, ddof 0), because that is what the reference prints.
    pub std: f64,
    /// The 95 % confidence interval of the mean by Student's t with the sample standard deviation (divided by
    /// `n - 1`); `None` for a single value, which says nothing about the spread.
    pub ci95: Option<(f64, f64)>,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

/// There is no summary of these values.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SummaryError {
    /// There are no values.
    #[error("there are no values to summarise; at least one round is needed")]
    Empty,
    /// A value is NaN or infinite.
    #[error("value {index} (counted from 0) is {value}, not a finite number")]
    NotFinite {
        /// Its place, counted from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Two lists that go together differ in length.
    #[error("one list has {first} rounds and the other {second}; they are compared round by round")]
    Unpaired {
        /// Length of the first list.
        first: usize,
        /// Length of the second list.
        second: usize,
    },
}

impl Summary {
    /// Summarises `values`, one per round.
    ///
    /// # Errors
    /// When there is no value, or one is NaN or infinite.
    pub fn of(values: &[f64]) -> Result<Self, SummaryError> {
        let &first = values.first().ok_or(SummaryError::Empty)?;
        if let Some((index, &value)) = values
            .iter()
            .enumerate()
            .find(|(_, value)| !value.is_finite())
        {
            return Err(SummaryError::NotFinite { index, value });
        }
        let n = values.len() as f64;
        // Around the first value, so that equal values have exactly their mean and no spread.
        let mean = first + values.iter().map(|value| value - first).sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        // Not from `std`: that is the population one, which reports print as the reference does, and it is too small for
        // an interval.
        let ci95 = student_quantile(values.len()).map(|quantile| {
            let half = quantile * (squares / (n - 1.0) / n).sqrt();
            (mean - half, mean + half)
        });
        Ok(Self {
            n: values.len(),
            mean,
            std: (squares / n).sqrt(),
            ci95,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }

    /// Summarises numbers of this crate: accuracies (as fractions), differences (as fractions) or scores.
    ///
    /// # Errors
    /// When there is no value.
    pub fn of_each<N: Into<f64> + Copy>(values: &[N]) -> Result<Self, SummaryError> {
        let values: Vec<f64> = values.iter().map(|&value| value.into()).collect();
        Self::of(&values)
    }
}

/// The 0.975 quantile of Student's t for the mean of `n` values; `None` for fewer than two.
fn student_quantile(n: usize) -> Option<f64> {
    let freedom = n.checked_sub(1).filter(|&freedom| freedom > 0)?;
    let student = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    Some(student.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (n, quantile) in [
            (2, 12.706_204_736),
            (3, 4.302_652_730),
            (5, 2.776_445_105),
            (10, 2.262_157_163),
            (31, 2.042_272_456),
            (1001, 1.962_339_080),
        ] {
            let ours = student_quantile(n).unwrap();
            assert!(
                (ours - quantile).abs() < 1e-6,
                "n = {n}: {ours} instead of {quantile}"
            );
        }
        assert_eq!(student_quantile(1), None);
        assert_eq!(student_quantile(0), None);
    }

    #[test]
    fn one_round_has_no_interval() {
        let summary = Summary::of(&[0.4]).unwrap();
        assert_eq!(
            summary,
            Summary {
                n: 1,
                mean: 0.4,
                std: 0.0,
                ci95: None,
                min: 0.4,
                max: 0.4
            }
        );
        assert_eq!(
            serde_json::to_value(summary).unwrap()["ci95"],
            serde_json::Value::Null
        );
        assert_eq!(summary.ci95, None);
    }

    #[test]
    fn a_closed_form_by_hand() {
        // Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32.
        let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!(
            (summary.mean, summary.std, summary.min, summary.max),
            (5.0, 2.0, 2.0, 9.0)
        );
        let half = 2.364_624_251 * (32.0f64 / 7.0 / 8.0).sqrt();
        let (low, high) = summary.ci95.unwrap();
        assert!(((high - low) / 2.0 - half).abs() < 1e-6);
    }

    #[test]
    fn no_values_and_no_numbers_are_refused() {
        assert_eq!(Summary::of(&[]), Err(SummaryError::Empty));
        assert_eq!(
            Summary::of(&[0.1, f64::INFINITY]),
            Err(SummaryError::NotFinite {
                index: 1,
                value: f64::INFINITY
            })
        );
        assert!(Summary::of(&[f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn equal_values_have_no_spread(value in -100.0f64..100.0, n in 2usize..20) {
            let summary = Summary::of(&vec![value; n]).unwrap();
            prop_assert_eq!((summary.mean, summary.std, summary.ci95), (value, 0.0, Some((value, value))));
        }

        #[test]
        fn the_mean_is_inside_everything(values in prop::collection::vec(-1.0f64..1.0, 1..30)) {
            let summary = Summary::of(&values).unwrap();
            prop_assert!(summary.min - 1e-12 <= summary.mean && summary.mean <= summary.max + 1e-12);
            prop_assert!(summary.std <= (summary.max - summary.min) / 2.0 + 1e-12);
            if let Some((low, high)) = summary.ci95 {
                prop_assert!(low <= summary.mean && summary.mean <= high);
            }
            let json = serde_json::to_string(&summary).unwrap();
            prop_assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
        }
    }
}
