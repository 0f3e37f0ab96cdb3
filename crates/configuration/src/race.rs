//! Successive halving of a learning-rate grid: which trainings are given up when (Jamieson and Talwalkar, 2016).

use serde::Serialize;

use crate::recipe::Recipe;
use crate::search::Search;
use crate::selection::Selection;

/// The race that a training takes part in. Its outcome depends on the others, so its key does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Race {
    /// The base learning rates of all that take part.
    pub learning_rates: Vec<f64>,
    /// The epochs after which the worse half of those still running is stopped.
    pub rungs: Vec<u32>,
    /// Which point of a curve counts.
    pub selection: Selection,
}

impl Race {
    /// The race among these learning rates, if the recipe wants one and there is something to choose and to save.
    #[must_use]
    pub fn of(recipe: &Recipe, learning_rates: &[f64]) -> Option<Self> {
        let rungs = rungs(learning_rates.len(), recipe.epochs, recipe.test_interval);
        (recipe.search == Search::Halving && !rungs.is_empty()).then(|| Self {
            learning_rates: learning_rates.to_vec(),
            rungs,
            selection: recipe.selection,
        })
    }

    /// The part of the epochs of all trainings that is trained if nothing diverges, 0 to 1.
    #[must_use]
    pub fn share(&self, epochs: u32) -> f64 {
        let all = self.learning_rates.len();
        let (mut running, mut from, mut trained) = (all, 0, 0.0);
        for rung in self.rungs.iter().copied().chain([epochs]) {
            trained += running as f64 * f64::from(rung - from);
            (running, from) = (running.div_ceil(2), rung);
        }
        trained / (all as f64 * f64::from(epochs))
    }
}

/// The rungs of a race of so many: 1/2, 1/4, ... of the epochs, as many as it takes to leave one, each moved to the next
/// epoch that is tested anyway.
#[must_use]
pub fn rungs(candidates: usize, epochs: u32, test_interval: u32) -> Vec<u32> {
    let halvings = candidates.next_power_of_two().trailing_zeros().min(31);
    let mut rungs: Vec<u32> = (1..=halvings)
        .rev()
        .map(|halving| {
            epochs
                .div_ceil(1 << halving)
                .next_multiple_of(test_interval)
        })
        .filter(|&rung| rung < epochs)
        .collect();
    rungs.dedup();
    rungs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_halve_the_epochs_and_are_tested_anyway() {
        assert_eq!(rungs(5, 300, 10), [40, 80, 150]);
        assert_eq!(rungs(5, 1000, 20), [140, 260, 500]);
        assert_eq!(rungs(2, 300, 10), [150]);
        assert_eq!(rungs(8, 8, 1), [1, 2, 4]);
        // Rungs that fall together are one; one that would be the end is none.
        assert_eq!(rungs(5, 300, 100), [100, 200]);
        assert!(rungs(5, 20, 20).is_empty());
        assert!(rungs(1, 300, 10).is_empty());
        assert!(rungs(0, 300, 10).is_empty());
        assert_eq!(rungs(3, u32::MAX, 1).len(), 2);
    }

    #[test]
    fn the_share_counts_what_is_trained() {
        let race = Race {
            learning_rates: vec![0.1; 5],
            rungs: vec![1, 2, 4],
            selection: Selection::Best,
        };
        // 5 trainings of 1 epoch, 3 of one more, 2 of two more, 1 of four more.
        assert_eq!(race.share(8), (5.0 + 3.0 + 4.0 + 4.0) / 40.0);
    }
}
