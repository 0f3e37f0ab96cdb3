//! Half a cosine.

use std::fmt;

use ddrank_keys::{Documented, KeyError, Table};
use serde::Serialize;

/// Half a cosine from the base rate to zero: `torch.optim.lr_scheduler.CosineAnnealingLR` with `T_max` the number of epochs (Loshchilov and Hutter, arXiv 1608.03983, without restarts).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CosineAnnealing {}

impl CosineAnnealing {
    pub(crate) const MEANING: &'static str = "half a cosine from the base rate to zero";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[];

    #[expect(
        clippy::unnecessary_wraps,
        reason = "schedules with keys can be refused"
    )]
    pub(crate) fn read(_table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {})
    }

    pub(crate) fn factor(self, epoch: u32, epochs: u32) -> f64 {
        let progress = f64::from(epoch) / f64::from(epochs);
        0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
    }
}

impl fmt::Display for CosineAnnealing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("cosine annealing to zero")
    }
}
