//! AdamW.

use std::fmt;

use burn::optim::ModuleOptimizer;
use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

use crate::adaptive::{Adaptive, BETAS, EPS};
use crate::sgd::is_decay;

const WEIGHT_DECAY: Key<f64> = Key::new(
    "weight_decay",
    || 0.01,
    "decoupled: each step first multiplies the parameters by 1 - rate × weight_decay",
)
.where_("0 or a positive number", is_decay);

/// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101): each step first multiplies the parameters by `1 - rate * weight_decay`. `torch.optim.AdamW`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AdamW {
    /// Decay of the running means of the gradient and of its square, each in `[0, 1)`.
    pub betas: [f64; 2],
    /// Added to the root of the mean square.
    pub eps: f64,
    /// Weight decay, apart from the gradient.
    pub weight_decay: f64,
}

impl AdamW {
    pub(crate) const MEANING: &'static str =
        "as adam, with decoupled weight decay; PyTorch's defaults";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&BETAS, &EPS, &WEIGHT_DECAY];

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            betas: table.take(&BETAS)?,
            eps: table.take(&EPS)?,
            weight_decay: table.take(&WEIGHT_DECAY)?,
        })
    }

    pub(crate) fn build(self) -> ModuleOptimizer {
        let rule = Adaptive {
            betas: self.betas,
            eps: self.eps,
            weight_decay: self.weight_decay,
            decoupled: true,
        };
        rule.build()
    }
}

impl fmt::Display for AdamW {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            betas: [first, second],
            eps,
            weight_decay,
        } = self;
        write!(
            formatter,
            "AdamW, betas {first} and {second}, eps {eps:e}, decoupled weight decay {weight_decay}"
        )
    }
}
