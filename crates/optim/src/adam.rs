//! Adam.

use std::fmt;

use burn::optim::ModuleOptimizer;
use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

use crate::adaptive::{Adaptive, BETAS, EPS};
use crate::sgd::is_decay;

const WEIGHT_DECAY: Key<f64> = Key::new("weight_decay", || 0.0, "added to the gradient")
    .where_("0 or a positive number", is_decay);

/// Adam (Kingma and Ba, arXiv 1412.6980), bias-corrected, no AMSGrad, coupled weight decay: `torch.optim.Adam`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Adam {
    /// Decay of the running means of the gradient and of its square, each in `[0, 1)`.
    pub betas: [f64; 2],
    /// Added to the root of the mean square.
    pub eps: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
}

impl Adam {
    pub(crate) const MEANING: &'static str = "bias-corrected, no AMSGrad; PyTorch's defaults";
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
            decoupled: false,
        };
        rule.build()
    }
}

impl fmt::Display for Adam {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            betas: [first, second],
            eps,
            weight_decay,
        } = self;
        write!(
            formatter,
            "Adam, betas {first} and {second}, eps {eps:e}, weight decay {weight_decay} in the gradient"
        )
    }
}
