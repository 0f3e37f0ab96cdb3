//! Successive halving of a learning-rate grid: the trainings of all its rates run side by side, and after some epochs
//! the worse half of those still running is given up (Jamieson and Talwalkar, 2016).
//!
//! The winner's training is that of the whole grid, bit for bit: a race changes which trainings are finished, not how.

use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use serde::Serialize;

use crate::recipe::{Recipe, Search, Selection};
use crate::training::{TrialData, TrialError, TrialObserver, TrialRun};
use crate::trial::{Outcome, Trial};

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
    pub fn of(recipe: &Recipe, learning_rates: &[f64]) -> Option<Self> {
        let rungs = rungs(learning_rates.len(), recipe.epochs, recipe.test_interval);
        (recipe.search == Search::Halving && !rungs.is_empty()).then(|| Self {
            learning_rates: learning_rates.to_vec(),
            rungs,
            selection: recipe.selection,
        })
    }

    /// The part of the epochs of all trainings that is trained if nothing diverges, 0 to 1.
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

/// One training of a race.
pub(crate) struct Entrant<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) data: TrialData,
    pub(crate) observer: &'a dyn RaceObserver,
}

/// What a training of a race tells.
pub(crate) trait RaceObserver: TrialObserver {
    /// It begins or goes on.
    fn goes_on(&self);
}

/// Runs a race, or a single training, and gives one outcome for each entrant, in their order.
///
/// A training that diverged is worse than any other; of equally good ones the one that stands first is kept.
///
/// # Errors
/// As [`crate::training::run_trial`].
pub(crate) fn run_race(
    entrants: &[Entrant<'_>],
    device: &Device,
    stop: &AtomicBool,
) -> Result<Vec<Outcome>, TrialError> {
    let mut runs = entrants
        .iter()
        .map(|entrant| TrialRun::start(entrant.trial, &entrant.data, device))
        .collect::<Result<Vec<_>, _>>()?;
    let mut running: Vec<usize> = (0..runs.len()).collect();
    let Some(first) = entrants.first() else {
        return Ok(Vec::new());
    };
    let last = first.trial.epochs;
    let (rungs, selection) = match &first.trial.race {
        Some(race) => (&race.rungs[..], race.selection),
        None => (&[][..], Selection::default()),
    };
    for rung in rungs.iter().copied().chain([last]) {
        for &index in &running {
            let observer = entrants[index].observer;
            observer.goes_on();
            runs[index].until(rung, observer, stop, |_, _| {})?;
        }
        if rung == last {
            break;
        }
        let reached = |index: usize| runs[index].reached(selection);
        let mut ranked = running.clone();
        // Stable: equals stay in order.
        ranked.sort_by(|&a, &b| reached(b).total_cmp(&reached(a)));
        let kept = ranked[..ranked.len().div_ceil(2)].to_vec();
        running.retain(|index| {
            let stays = kept.contains(index);
            if !stays {
                runs[*index].give_up();
            }
            stays
        });
    }
    Ok(runs.into_iter().map(TrialRun::outcome).collect())
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
