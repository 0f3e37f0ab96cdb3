//! How much work a trial is, in images: the common unit of estimates and of the time left.

use ddrank_configuration::is_tested;
use ddrank_metrics::Source;

use crate::experiment::Experiment;
use crate::plan::PlannedTrial;
use crate::trial::Trial;

/// Images that a trial trains on and tests, over all its epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Images trained on.
    pub trained: u64,
    /// Images tested.
    pub tested: u64,
    /// Training steps.
    pub steps: u64,
}

/// A training image costs about three tested ones: one forward and two backward products.
const TRAINING_FACTOR: u64 = 3;

impl Work {
    /// The work of one trial.
    pub fn of(planned: &PlannedTrial, experiment: &Experiment) -> Self {
        let (train, test) = experiment.sizes();
        let images = match planned.set.source() {
            Source::Real => train,
            set @ (Source::Synthetic | Source::Compare(_)) => {
                let set = experiment.distilled(set);
                set.map_or(0, |set| set.images.len())
            }
            Source::Noise => experiment.synthetic_len(),
            Source::Random => experiment.selection(planned.set.round()).len(),
        };
        let all = Self::of_sizes(&planned.trial, images, test);
        match &planned.trial.race {
            None => all,
            // Which of them are given up is not known yet: each counts for its share of the race.
            Some(race) => all.times(race.share(planned.trial.epochs)),
        }
    }

    fn times(self, share: f64) -> Self {
        let part = |count: u64| (count as f64 * share).round() as u64;
        Self {
            trained: part(self.trained),
            tested: part(self.tested),
            steps: part(self.steps),
        }
    }

    fn of_sizes(trial: &Trial, images: usize, test: usize) -> Self {
        let tests = (1..=trial.epochs)
            .filter(|&epoch| is_tested(epoch, trial.epochs, trial.test_interval))
            .count();
        let epochs = u64::from(trial.epochs);
        Self {
            trained: epochs * images as u64,
            tested: tests as u64 * test as u64,
            steps: epochs * images.div_ceil(trial.batch_size) as u64,
        }
    }

    /// One number to weigh trials against each other.
    pub fn units(&self) -> u64 {
        TRAINING_FACTOR * self.trained + self.tested
    }
}
