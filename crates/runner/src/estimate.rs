//! What a plan would cost: a short measurement, scaled to the whole.

use std::time::{Duration, Instant};

use crate::device_images::DataOnDevice;
use crate::evaluation::accuracy;
use crate::executor::{Execution, ExecutionError, worker_threads};
use crate::experiment::Experiment;
use crate::plan::PlannedTrial;
use crate::training::{Training, TrialError};
use crate::work::Work;

/// Test images in the measurement.
const MEASURED_IMAGES: usize = 250;

/// Training steps in the measurement, after one that warms up.
const MEASURED_STEPS: usize = 2;

/// Time and memory that a plan would take.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Wall time until all missing trials are finished.
    pub time: Duration,
    /// Memory of the process in bytes, data included; `None` where the system does not tell.
    pub memory: Option<u64>,
}

impl Estimate {
    /// Measures a few steps and a small test for each different kind of training among `missing`.
    ///
    /// # Errors
    /// If the agent model cannot be built or threads cannot be started.
    pub fn measure(
        missing: &[&PlannedTrial],
        experiment: &Experiment,
        execution: &Execution,
    ) -> Result<Self, EstimateError> {
        let pool = worker_threads(execution.threads)?;
        let memory_before = resident_memory();
        let data = DataOnDevice::new(experiment, &execution.device);
        let mut kinds: Vec<(&PlannedTrial, Rate)> = Vec::new();
        let mut seconds = Vec::new();
        for trial in missing {
            let rate = match kinds.iter().find(|(known, _)| same_cost(known, trial)) {
                Some((_, rate)) => *rate,
                None => {
                    let rate = pool.install(|| Rate::measure(trial, &data, execution))?;
                    kinds.push((trial, rate));
                    rate
                }
            };
            seconds.push(rate.seconds(Work::of(trial, experiment)));
        }
        let memory = memory_before.zip(resident_memory()).map(|(before, after)| {
            let working = after.saturating_sub(before);
            after + working * (execution.jobs.min(missing.len()) as u64).saturating_sub(1)
        });
        Ok(Self {
            time: Duration::from_secs_f64(makespan(&seconds, execution.jobs)),
            memory,
        })
    }
}

/// Why there is no estimate.
#[derive(Debug, thiserror::Error)]
pub enum EstimateError {
    /// Threads.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The measured steps.
    #[error(transparent)]
    Trial(#[from] TrialError),
}

/// Whether a step of one trial costs what a step of the other does.
fn same_cost(one: &PlannedTrial, other: &PlannedTrial) -> bool {
    let (a, b) = (&one.trial, &other.trial);
    a.model == b.model
        && a.batch_size == b.batch_size
        && a.augmentation == b.augmentation
        && std::mem::discriminant(&a.labels) == std::mem::discriminant(&b.labels)
        && std::mem::discriminant(&a.training_data) == std::mem::discriminant(&b.training_data)
}

/// Measured speed of one kind of training.
#[derive(Clone, Copy)]
struct Rate {
    seconds_per_trained_image: f64,
    seconds_per_tested_image: f64,
}

impl Rate {
    fn measure(
        trial: &PlannedTrial,
        data: &DataOnDevice<'_>,
        execution: &Execution,
    ) -> Result<Self, TrialError> {
        let data = data.of(trial.source, &trial.trial)?;
        let mut training = Training::start(&trial.trial, &data, execution.device.device())?;
        let batch: Vec<usize> = (0..data.train.count.min(trial.trial.batch_size)).collect();
        let mut started = Instant::now();
        for (step, images) in data
            .train
            .batches(vec![batch.clone(); MEASURED_STEPS + 1])?
            .enumerate()
        {
            training.step(0, step, images?, &batch)?.into_data();
            if step == 0 {
                started = Instant::now();
            }
        }
        let per_step = started.elapsed().as_secs_f64() / MEASURED_STEPS as f64;
        let test = data.test.first(MEASURED_IMAGES);
        accuracy(&training.network, &test)?;
        let started = Instant::now();
        accuracy(&training.network, &test)?;
        Ok(Self {
            seconds_per_trained_image: per_step / batch.len() as f64,
            seconds_per_tested_image: started.elapsed().as_secs_f64() / test.count as f64,
        })
    }

    fn seconds(&self, work: Work) -> f64 {
        self.seconds_per_trained_image * work.trained as f64
            + self.seconds_per_tested_image * work.tested as f64
    }
}

/// When the last of the trials is finished if each goes to the worker that is free first.
fn makespan(seconds: &[f64], jobs: usize) -> f64 {
    let mut busy = vec![0.0_f64; jobs.max(1)];
    for trial in seconds {
        if let Some(first) = busy.iter_mut().min_by(|a, b| a.total_cmp(b)) {
            *first += trial;
        }
    }
    busy.into_iter().fold(0.0, f64::max)
}

/// Bytes of this process in memory.
fn resident_memory() -> Option<u64> {
    let process = sysinfo::get_current_pid().ok()?;
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[process]), false);
    system.process(process).map(sysinfo::Process::memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_go_to_the_worker_that_is_free_first() {
        assert_eq!(makespan(&[4.0, 1.0, 1.0, 1.0], 2), 4.0);
        assert_eq!(makespan(&[1.0, 1.0, 1.0], 1), 3.0);
        assert_eq!(makespan(&[], 2), 0.0);
    }
}
