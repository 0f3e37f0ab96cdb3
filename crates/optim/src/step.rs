//! Steps of the learning rate.

use std::fmt;

use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

const STEP_SIZE: Key<u32> =
    Key::needed("step_size", "the epochs between two changes").at_least_one();

const GAMMA: Key<f64> = Key::new("gamma", || 0.1, "the factor of each change").positive();

/// Times `gamma` after every `step_size` epochs: `torch.optim.lr_scheduler.StepLR`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Epochs between two changes, at least 1.
    pub step_size: u32,
    /// The factor of each change, above 0.
    pub gamma: f64,
}

impl Step {
    pub(crate) const MEANING: &'static str = "times `gamma` after every `step_size` epochs";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&STEP_SIZE, &GAMMA];

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            step_size: table.take(&STEP_SIZE)?,
            gamma: table.take(&GAMMA)?,
        })
    }

    pub(crate) fn factor(self, epoch: u32, _epochs: u32) -> f64 {
        self.gamma.powi((epoch / self.step_size) as i32)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step_size, gamma } = self;
        write!(formatter, "rate times {gamma} every {step_size} epochs")
    }
}
