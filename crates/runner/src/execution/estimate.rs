//! What a plan would cost: a short measurement, scaled to the whole.

use std::time::{Duration, Instant};

use crate::execution::data_on_device::DataOnDevice;
use crate::execution::executor::{Execution, ExecutionError, worker_threads};
use crate::execution::work::Work;
use crate::experiment::Experiment;
use crate::plan::PlannedTrial;
use crate::trial::accuracy;
use crate::trial::training::{Training, TrialError};
use ddrank_device::ComputeDevice;

/// Test images in the measurement.
const MEASURED_IMAGES: usize = 250;

/// Training steps in the measurement, after one that warms up.
const MEASURED_STEPS: usize = 2;

/// Time and memory that a plan would take.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Wall time until all missing trials are finished, once kernels are ready.
    pub time: Duration,
    /// What the first step and the first test of each kind of training took longer than later ones in this measurement:
    /// GPU backends compile and tune kernels then, and keep them for later runs.
    pub preparation: Duration,
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
        let mut preparation = 0.0;
        // For each trial, its seconds on each device.
        let mut seconds = vec![Vec::new(); missing.len()];
        for device in &execution.devices {
            let data = DataOnDevice::new(experiment, device, 1);
            let mut kinds: Vec<(&PlannedTrial, Rate)> = Vec::new();
            for (trial, seconds) in missing.iter().zip(&mut seconds) {
                let rate = match kinds.iter().find(|(known, _)| same_cost(known, trial)) {
                    Some((_, rate)) => *rate,
                    None => {
                        let rate = pool.install(|| Rate::measure(trial, &data, device))?;
                        preparation += rate.preparation;
                        kinds.push((trial, rate));
                        rate
                    }
                };
                seconds.push(rate.seconds(Work::of(trial, experiment)));
            }
        }
        let memory = memory_before.zip(resident_memory()).map(|(before, after)| {
            let working = after.saturating_sub(before);
            after + working * (execution.jobs.min(missing.len()) as u64).saturating_sub(1)
        });
        Ok(Self {
            time: Duration::from_secs_f64(makespan(&seconds, execution.jobs)),
            preparation: Duration::from_secs_f64(preparation),
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
    preparation: f64,
}

impl Rate {
    fn measure(
        trial: &PlannedTrial,
        data: &DataOnDevice<'_>,
        device: &ComputeDevice,
    ) -> Result<Self, TrialError> {
        let data = data.of(trial.set, &trial.trial)?;
        let mut training = Training::start(&trial.trial, &data, device.device())?;
        let batch: Vec<usize> = (0..data.train.count.min(trial.trial.batch_size)).collect();
        let mut started = Instant::now();
        let mut first_step = 0.0;
        for (step, images) in data
            .train
            .batches(vec![batch.clone(); MEASURED_STEPS + 1])?
            .enumerate()
        {
            training.step(0, step, images?, &batch)?.into_data();
            if step == 0 {
                first_step = started.elapsed().as_secs_f64();
                started = Instant::now();
            }
        }
        let per_step = started.elapsed().as_secs_f64() / MEASURED_STEPS as f64;
        let test = data.test.first(MEASURED_IMAGES);
        let started = Instant::now();
        accuracy(&training.network, &test)?;
        let first_test = started.elapsed().as_secs_f64();
        let started = Instant::now();
        accuracy(&training.network, &test)?;
        let per_test = started.elapsed().as_secs_f64();
        Ok(Self {
            seconds_per_trained_image: per_step / batch.len() as f64,
            seconds_per_tested_image: per_test / test.count as f64,
            preparation: (first_step - per_step).max(0.0) + (first_test - per_test).max(0.0),
        })
    }

    fn seconds(&self, work: Work) -> f64 {
        self.seconds_per_trained_image * work.trained as f64
            + self.seconds_per_tested_image * work.tested as f64
    }
}

/// When the last of the trials is finished if each goes to the worker that is free first. A trial has its seconds on each
/// device; workers are dealt to devices in turn.
fn makespan(trials: &[Vec<f64>], jobs: usize) -> f64 {
    let mut busy = vec![0.0_f64; jobs.max(1)];
    for seconds in trials {
        let workers = busy.iter_mut().enumerate();
        if let Some((worker, first)) = workers.min_by(|(_, a), (_, b)| a.total_cmp(b)) {
            *first += seconds[worker % seconds.len()];
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
        let on_one_device = |seconds: &[f64]| seconds.iter().map(|&time| vec![time]).collect();
        let trials: Vec<Vec<f64>> = on_one_device(&[4.0, 1.0, 1.0, 1.0]);
        assert_eq!(makespan(&trials, 2), 4.0);
        assert_eq!(makespan(&trials, 1), 7.0);
        assert_eq!(makespan(&[], 2), 0.0);
    }

    #[test]
    fn a_faster_device_does_more_of_the_trials() {
        let trials = vec![vec![1.0, 5.0]; 6];
        assert_eq!(makespan(&trials, 2), 5.0);
    }
}
