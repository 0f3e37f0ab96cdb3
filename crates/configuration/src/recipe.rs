//! How an agent model is trained: the recipe of one arm, checked and ready to run.

use ddrank_augment::Augmentation;
use ddrank_optim::{Optimizer, Schedule, Sgd, Step};
use serde::Serialize;

use crate::search::Search;
use crate::selection::Selection;

/// The learning rates that the reference searches, everywhere.
pub(crate) const LEARNING_RATE_GRID: [f64; 5] = [0.001, 0.005, 0.01, 0.05, 0.1];

/// The optimizer of the reference's recipes for hard labels.
pub(crate) const SGD: Optimizer = Optimizer::Sgd(Sgd {
    momentum: 0.9,
    weight_decay: 5e-4,
});

/// A tenth of the rate after every so many epochs.
pub(crate) const fn step(step_size: u32) -> Schedule {
    Schedule::Step(Step {
        step_size,
        gamma: 0.1,
    })
}

/// A training recipe. Everything but the learning rate, of which it holds the candidates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// Passes over the training set, at least 1.
    pub epochs: u32,
    /// Images a step, at least 1; the last batch of an epoch may be smaller and is kept.
    pub batch_size: usize,
    /// The update rule.
    pub optimizer: Optimizer,
    /// How the learning rate changes from epoch to epoch.
    pub schedule: Schedule,
    /// The learning rates to try: the best one counts.
    pub learning_rates: Vec<f64>,
    /// How the best of them is found.
    pub search: Search,
    /// Test after every so many epochs, and after the last one.
    pub test_interval: u32,
    /// Which point of the accuracy curve is the accuracy of the trial.
    pub selection: Selection,
    /// What is done to each training batch.
    pub augmentation: Augmentation,
}

/// Whether the model is tested when `done` of `epochs` epochs are finished.
#[must_use]
pub fn is_tested(done: u32, epochs: u32, test_interval: u32) -> bool {
    done.is_multiple_of(test_interval) || done == epochs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_epoch_is_always_tested() {
        let tested = |epochs, interval| {
            (1..=epochs)
                .filter(|&e| is_tested(e, epochs, interval))
                .collect::<Vec<_>>()
        };
        assert_eq!(tested(25, 10), [10, 20, 25]);
        assert_eq!(tested(3, 10), [3]);
        assert_eq!(tested(20, 10), [10, 20]);
    }
}
