//! Runs the trials that are missing: a few workers, each with threads of its own.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::execution::cache::TrialCache;
use crate::execution::data_on_device::DataOnDevice;
use crate::execution::run_directory::{RunDirectory, RunDirectoryError};
use crate::experiment::Experiment;
use crate::plan::{Plan, PlannedTrial};
use crate::trial::training::{TrialError, TrialObserver};
use crate::trial::{Entrant, RaceObserver, run_race};
use crate::trial::{Outcome, Trial};
use ddrank_device::{ComputeDevice, message};

/// Why the missing trials were not all run.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// It was asked to stop; what was finished is saved.
    #[error(
        "stopped before the end; {finished} of {missing} missing trials were finished and saved, and running the same command again continues"
    )]
    Stopped {
        /// Trials finished in this session.
        finished: usize,
        /// Trials that were missing at its start.
        missing: usize,
    },
    /// A trial failed.
    #[error("trial {key} of arm {arm} failed")]
    Trial {
        /// Its key.
        key: String,
        /// The arm that needs it.
        arm: String,
        /// Why.
        source: Box<TrialError>,
    },
    /// A finished trial could not be saved.
    #[error(transparent)]
    RunDirectory(#[from] RunDirectoryError),
    /// A worker's threads could not be started.
    #[error("cannot start the threads of a worker: {0}")]
    Threads(String),
}

/// How trials are run. Nothing here has an influence on results.
#[derive(Clone, Debug)]
pub struct Execution {
    /// At least one device. Workers are dealt to them in turn.
    pub devices: Vec<ComputeDevice>,
    /// Trials at once.
    pub jobs: usize,
    /// Threads of each of them.
    pub threads: usize,
}

impl Execution {
    /// The device of a worker (0-based).
    ///
    /// # Panics
    /// If there is no device.
    pub fn device(&self, worker: usize) -> &ComputeDevice {
        &self.devices[worker % self.devices.len()]
    }

    /// The devices' names, separated by commas.
    pub fn device_names(&self) -> String {
        self.listed(|device| device.name())
    }

    /// The devices' backends in words, separated by commas.
    pub fn backends(&self) -> String {
        self.listed(|device| device.backend())
    }

    fn listed<'a>(&'a self, word: impl Fn(&'a ComputeDevice) -> &'a str) -> String {
        let mut words: Vec<&str> = self.devices.iter().map(word).collect();
        words.dedup();
        words.join(", ")
    }
}

/// What an execution tells while it runs. Called from worker threads.
pub trait ExecutionObserver: Sync {
    /// A worker (0-based) begins a trial, or goes on with one of a race.
    fn trial_started(&self, worker: usize, trial: &PlannedTrial);
    /// A worker finished an epoch (1-based) of its trial.
    fn epoch_finished(&self, worker: usize, trial: &PlannedTrial, epoch: u32, images: usize);
    /// A worker finished a trial, and it is saved.
    fn trial_finished(&self, worker: usize, trial: &PlannedTrial, outcome: &Outcome);
}

/// Runs every trial of `plan` whose outcome is not in the run directory.
///
/// Outcomes are taken from `cache` where it has them, saved as they come, and put into the cache.
///
/// # Errors
/// If `stop` is raised, a trial fails, or an outcome cannot be saved. Whatever was finished stays saved.
pub fn execute(
    plan: &Plan,
    experiment: &Experiment,
    execution: &Execution,
    directory: &mut RunDirectory,
    cache: Option<&TrialCache>,
    observer: &dyn ExecutionObserver,
    stop: &AtomicBool,
) -> Result<(), ExecutionError> {
    let mut tasks = Vec::new();
    for task in plan.trials.chunk_by(share_a_race) {
        let mut is_missing = false;
        for trial in task {
            if directory.outcome(&trial.key).is_some() {
                continue;
            }
            match cache.and_then(|cache| cache.get(&trial.key)) {
                Some(outcome) => directory.record(outcome)?,
                None => is_missing = true,
            }
        }
        if is_missing {
            tasks.push(task);
        }
    }
    if tasks.is_empty() {
        return Ok(());
    }
    let jobs = execution.jobs.clamp(1, tasks.len());
    let pools = (0..jobs)
        .map(|_| worker_threads(execution.threads))
        .collect::<Result<Vec<_>, _>>()?;
    let shared = Shared {
        tasks: &tasks,
        next: AtomicUsize::new(0),
        data: execution
            .devices
            .iter()
            .map(|device| DataOnDevice::new(experiment, device, jobs))
            .collect(),
        execution,
        observer,
        stop,
    };
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for (worker, pool) in pools.into_iter().enumerate() {
            let (shared, sender) = (&shared, sender.clone());
            scope.spawn(move || shared.work(worker, &pool, &sender));
        }
        drop(sender);
        let result = collect(&results, &tasks, directory, cache, observer);
        if result.is_err() {
            // The other workers end at their next step.
            stop.store(true, Ordering::Relaxed);
        }
        result
    })
}

/// Whether these neighbours in a plan run side by side.
fn share_a_race(one: &PlannedTrial, other: &PlannedTrial) -> bool {
    one.trial.race.is_some() && {
        let rate = other.trial.learning_rate;
        let one = Trial {
            learning_rate: rate,
            ..one.trial.clone()
        };
        one == other.trial
    }
}

/// What came of a trial or of a race, whose trials are all run again if one outcome is missing.
struct Finished {
    worker: usize,
    task: usize,
    result: Result<Vec<Outcome>, TrialError>,
}

/// Saves outcomes as they come. The run directory has this one writer.
fn collect(
    results: &mpsc::Receiver<Finished>,
    tasks: &[&[PlannedTrial]],
    directory: &mut RunDirectory,
    cache: Option<&TrialCache>,
    observer: &dyn ExecutionObserver,
) -> Result<(), ExecutionError> {
    let is_missing =
        |trial: &&PlannedTrial, directory: &RunDirectory| directory.outcome(&trial.key).is_none();
    let trials = tasks.iter().copied().flatten();
    let missing = trials.filter(|trial| is_missing(trial, directory)).count();
    let mut finished = 0;
    let mut stopped = false;
    for Finished {
        worker,
        task,
        result,
    } in results
    {
        match result {
            Ok(outcomes) => {
                for (trial, outcome) in tasks[task].iter().zip(outcomes) {
                    if !is_missing(&trial, directory) {
                        continue;
                    }
                    if let Some(cache) = cache {
                        cache.put(&outcome)?;
                    }
                    directory.record(outcome.clone())?;
                    observer.trial_finished(worker, trial, &outcome);
                    finished += 1;
                }
            }
            Err(TrialError::Stopped) => stopped = true,
            Err(source) => {
                let trial = &tasks[task][0];
                return Err(ExecutionError::Trial {
                    key: trial.key.to_string(),
                    arm: trial.arm.to_string(),
                    source: Box::new(source),
                });
            }
        }
    }
    if stopped || finished < missing {
        return Err(ExecutionError::Stopped { finished, missing });
    }
    Ok(())
}

struct Shared<'a> {
    tasks: &'a [&'a [PlannedTrial]],
    next: AtomicUsize,
    /// One for each device.
    data: Vec<DataOnDevice<'a>>,
    execution: &'a Execution,
    observer: &'a dyn ExecutionObserver,
    stop: &'a AtomicBool,
}

impl Shared<'_> {
    fn work(&self, worker: usize, pool: &rayon::ThreadPool, results: &mpsc::Sender<Finished>) {
        while !self.stop.load(Ordering::Relaxed) {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(trials) = self.tasks.get(task) else {
                return;
            };
            // The loading of its data is part of it.
            self.observer.trial_started(worker, &trials[0]);
            let result = pool.install(|| self.run(worker, trials));
            let finished = Finished {
                worker,
                task,
                result,
            };
            if results.send(finished).is_err() {
                return;
            }
        }
    }

    fn run(&self, worker: usize, trials: &[PlannedTrial]) -> Result<Vec<Outcome>, TrialError> {
        let device = self.execution.device(worker);
        let data = &self.data[worker % self.data.len()];
        // The network, its gradients and the optimiser live and die inside; what is shared is read only.
        let trained = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let observers: Vec<_> = trials
                .iter()
                .map(|trial| WorkerObserver {
                    observer: self.observer,
                    worker,
                    trial,
                })
                .collect();
            let mut entrants = Vec::with_capacity(trials.len());
            for (planned, observer) in trials.iter().zip(&observers) {
                entrants.push(Entrant {
                    trial: &planned.trial,
                    data: data.of(planned.set, &planned.trial)?,
                    observer,
                });
            }
            run_race(&entrants, device.device(), self.stop)
        }));
        let mut outcomes = trained.unwrap_or_else(|panic| {
            let message = message(panic.as_ref());
            Err(TrialError::Panicked(in_words(&message, device)))
        })?;
        for outcome in &mut outcomes {
            device.name().clone_into(&mut outcome.device);
        }
        Ok(outcomes)
    }
}

struct WorkerObserver<'a> {
    observer: &'a dyn ExecutionObserver,
    worker: usize,
    trial: &'a PlannedTrial,
}

impl TrialObserver for WorkerObserver<'_> {
    fn epoch_finished(&self, epoch: u32, images: usize) {
        self.observer
            .epoch_finished(self.worker, self.trial, epoch, images);
    }
}

impl RaceObserver for WorkerObserver<'_> {
    fn goes_on(&self) {
        self.observer.trial_started(self.worker, self.trial);
    }
}

/// Threads for the work of one trial.
///
/// # Errors
/// If they cannot be started.
pub fn worker_threads(threads: usize) -> Result<rayon::ThreadPool, ExecutionError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .build()
        .map_err(|error| ExecutionError::Threads(error.to_string()))
}

/// What a panic on a device means to a user.
fn in_words(message: &str, device: &ComputeDevice) -> String {
    let lower = message.to_lowercase();
    let of_memory = [
        "out of memory",
        "outofmemory",
        "out_of_memory",
        "failed to allocate",
    ];
    if of_memory.iter().any(|words| lower.contains(words)) {
        format!(
            "the memory of {device} is too small; give a smaller batch_size or fewer --jobs ({message})"
        )
    } else {
        message.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "flex")]
    #[test]
    fn too_little_memory_is_a_sentence() {
        let device = ComputeDevice::open(&ddrank_device::DeviceRequest::Auto).unwrap();
        let words = in_words("CUDA_ERROR_OUT_OF_MEMORY at x", &device);
        assert!(words.contains("give a smaller batch_size"), "{words}");
        assert!(words.contains("at x"), "{words}");
        assert_eq!(
            in_words("index out of bounds", &device),
            "index out of bounds"
        );
    }
}
