//! Squared error against soft labels, with the ground truth beside it.

use std::fmt;

use burn::tensor::{Int, Tensor};
use ddrank_kernels::total;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cross_entropy::cross_entropy;

/// The weights of the two parts of MSE-GT. It has no temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MseGtTable")]
pub struct MseGt {
    mse_weight: f64,
    ce_weight: f64,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MseGtTable {
    mse_weight: f64,
    ce_weight: f64,
}

impl Default for MseGtTable {
    fn default() -> Self {
        Self {
            mse_weight: 1.0,
            ce_weight: 0.0,
        }
    }
}

impl TryFrom<MseGtTable> for MseGt {
    type Error = WeightError;

    fn try_from(table: MseGtTable) -> Result<Self, Self::Error> {
        Self::new(table.mse_weight, table.ce_weight)
    }
}

/// Weights that make no loss.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum WeightError {
    /// A weight is negative or no finite number.
    #[error("`{name}` {value} is not allowed; expected 0 or a positive number")]
    Value {
        /// The weight's name.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Nothing would be learned.
    #[error("`mse_weight` and `ce_weight` are both 0; expected at least one above 0")]
    BothZero,
}

impl MseGt {
    /// The weights of the squared error and of the cross-entropy.
    ///
    /// # Errors
    ///
    /// When a weight is negative or not finite as a single float, or both are 0.
    pub fn new(mse_weight: f64, ce_weight: f64) -> Result<Self, WeightError> {
        for (name, value) in [("mse_weight", mse_weight), ("ce_weight", ce_weight)] {
            if !(0.0..=f64::from(f32::MAX)).contains(&value) {
                return Err(WeightError::Value { name, value });
            }
        }
        if mse_weight == 0.0 && ce_weight == 0.0 {
            return Err(WeightError::BothZero);
        }
        Ok(Self {
            mse_weight,
            ce_weight,
        })
    }

    /// The weight of the squared error.
    #[must_use]
    pub const fn mse_weight(&self) -> f64 {
        self.mse_weight
    }

    /// The weight of the cross-entropy.
    #[must_use]
    pub const fn ce_weight(&self) -> f64 {
        self.ce_weight
    }

    /// `mse_weight * mean((z - t)^2) + ce_weight * cross_entropy(z, classes)` for logits `z` and targets `t`, both
    /// `[batch, classes]`; the first mean is over all elements, the second over the batch.
    ///
    /// The ground truth is the class index, also with stored soft labels. DD-Ranking 0.2.0 passes the stored soft label
    /// there, whose logits PyTorch then takes for probabilities (defect D32).
    pub(crate) fn loss(
        &self,
        logits: Tensor<2>,
        targets: Tensor<2>,
        classes: Tensor<1, Int>,
    ) -> Tensor<1> {
        let count = targets.dims().iter().product::<usize>() as f64;
        let squared_error =
            |logits: Tensor<2>| total((logits - targets).square()) * (self.mse_weight / count);
        if self.ce_weight == 0.0 {
            return squared_error(logits);
        }
        let ground_truth = cross_entropy(logits.clone(), classes) * self.ce_weight;
        if self.mse_weight == 0.0 {
            return ground_truth;
        }
        squared_error(logits) + ground_truth
    }
}

/// The reference's: the squared error alone.
impl Default for MseGt {
    fn default() -> Self {
        let table = MseGtTable::default();
        Self {
            mse_weight: table.mse_weight,
            ce_weight: table.ce_weight,
        }
    }
}

impl fmt::Display for MseGt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "weight {} of the squared error, weight {} of the cross-entropy",
            self.mse_weight, self.ce_weight
        )
    }
}
