//! Successive halving of a learning-rate grid: the trainings of all its rates run side by side, and after some epochs
//! the worse half of those still running is given up (Jamieson and Talwalkar, 2016).
//!
//! The winner's training is that of the whole grid, bit for bit: a race changes which trainings are finished, not how.

use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use ddrank_configuration::Selection;

use crate::trial::description::Trial;
use crate::trial::outcome::Outcome;
use crate::trial::training::{TrialData, TrialError, TrialObserver, TrialRun};

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
/// As [`crate::trial::training::run_trial`].
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
