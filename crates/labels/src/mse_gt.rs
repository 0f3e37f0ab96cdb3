//! Squared error against soft labels, with the ground truth beside it.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_kernels::total;
use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

use crate::cross_entropy::cross_entropy;
use crate::soft_targets::soft_targets;
use crate::targets::Targets;

pub(crate) const MEANING: &str = "squared error between logits and soft labels, plus cross-entropy with the classes; no temperature";
pub(crate) const KEYS: &[&dyn Documented] = &[&MSE_WEIGHT, &CE_WEIGHT];
pub(crate) const NEEDS_SOFT_TARGETS: bool = true;

/// What DD-Ranking calls it.
pub(crate) const OTHER_NAME: &str = "mse_gt";

/// The weights of the two parts of MSE-GT. It has no temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MseGt {
    mse_weight: f64,
    ce_weight: f64,
}

/// The reference's: the squared error alone (docs/reference.md, section 4).
const USUAL: MseGt = MseGt {
    mse_weight: 1.0,
    ce_weight: 0.0,
};

const MSE_WEIGHT: Key<f64> = Key::new(
    "mse_weight",
    || USUAL.mse_weight,
    "the weight of the squared error",
)
.where_(WEIGHTS, is_weight);

const CE_WEIGHT: Key<f64> = Key::new(
    "ce_weight",
    || USUAL.ce_weight,
    "the weight of the cross-entropy",
)
.where_(WEIGHTS, is_weight);

const WEIGHTS: &str = "0 or a positive number";

/// Whether it is finite as a single float, too, and not negative.
fn is_weight(weight: &f64) -> bool {
    (0.0..=f64::from(f32::MAX)).contains(weight)
}

pub(crate) fn read(table: &mut Table) -> Result<MseGt, KeyError> {
    MseGt::of(table.take(&MSE_WEIGHT)?, table.take(&CE_WEIGHT)?)
}

pub(crate) fn words(weights: &MseGt) -> String {
    format!("MSE-GT, {weights}")
}

/// `mse_weight * mean((z - t)^2) + ce_weight * cross_entropy(z, classes)` for logits `z` and targets `t`, both
/// `[batch, classes]`; the first mean is over all elements, the second over the batch.
pub(crate) fn loss(weights: &MseGt, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
    let soft = soft_targets(&logits, targets, &words(weights));
    let count = soft.dims().iter().product::<usize>() as f64;
    let squared_error =
        |logits: Tensor<2>| total((logits - soft).square()) * (weights.mse_weight / count);
    // A part of weight 0 is left out instead of multiplied: 0 times an infinite loss would be no number.
    if weights.ce_weight == 0.0 {
        return squared_error(logits);
    }
    // The ground truth is the class index, also with stored soft labels. DD-Ranking 0.2.0 passes the stored soft label
    // there, whose logits PyTorch then takes for probabilities (docs/reference.md, section 10, D32).
    let classes = targets.classes().clone();
    let ground_truth = cross_entropy(logits.clone(), classes) * weights.ce_weight;
    if weights.mse_weight == 0.0 {
        return ground_truth;
    }
    squared_error(logits) + ground_truth
}

impl MseGt {
    /// The weights of the squared error and of the cross-entropy.
    ///
    /// # Errors
    ///
    /// When a weight is negative or not finite as a single float, or both are 0.
    pub fn new(mse_weight: f64, ce_weight: f64) -> Result<Self, KeyError> {
        Self::of(MSE_WEIGHT.check(mse_weight)?, CE_WEIGHT.check(ce_weight)?)
    }

    fn of(mse_weight: f64, ce_weight: f64) -> Result<Self, KeyError> {
        if mse_weight == 0.0 && ce_weight == 0.0 {
            let message = "`mse_weight` and `ce_weight` are both 0; expected at least one above 0";
            return Err(KeyError::new(message));
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
}

impl Default for MseGt {
    fn default() -> Self {
        USUAL
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
