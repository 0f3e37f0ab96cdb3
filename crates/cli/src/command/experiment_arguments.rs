//! Arguments that `score` and `plan` share: an experiment, and how it is run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::phase::Phase;
use crate::progress::{Verbosity, write_line};
use ddrank_configuration::recipes;
use ddrank_configuration::{Configuration, ConfigurationError, DatasetSection, Override};
use ddrank_device::{ComputeDevice, DeviceRequest, DeviceRequests};
use ddrank_runner::execution::cache::TrialCache;
use ddrank_runner::execution::executor::Execution;
use ddrank_runner::execution::run_directory::{RunDirectory, finished_trials};
use ddrank_runner::experiment::Experiment;
use ddrank_runner::trial::TrialKey;

/// Arguments that name an experiment and say how it is run.
#[derive(Debug, Args)]
pub struct ExperimentArguments {
    /// The configuration, a TOML file (keys: configs/README.md)
    #[arg(value_name = "CONFIG", required_unless_present = "recipe")]
    configuration: Option<PathBuf>,

    /// The published recipe of a method instead of a file: a name that `ddrank recipes` lists
    #[arg(long, value_name = "NAME", conflicts_with = "configuration")]
    recipe: Option<String>,

    /// Set a key of the configuration; its paths are relative to the working directory
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,

    /// The folder of all run directories
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,

    /// A folder of trials shared between runs: the full-data arm is then paid for once
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// Where to compute: names that `ddrank devices` lists, separated by commas, or `auto`
    #[arg(long, value_name = "NAMES", default_value = "auto")]
    device: String,

    /// Trials at once; results do not depend on it. They share the CPU cores: `--jobs 1` gives all of them to its one
    /// trial, `--threads` says how many [default: one for each CPU core, or one for each GPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,

    /// CPU threads of each trial; results do not depend on it [default: the cores divided by --jobs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// How it is found out what teachers know of the test images.
#[derive(Clone, Copy, Debug)]
pub(super) enum Teachers {
    /// Measured once, and kept.
    Measured,
    /// Only what an earlier measurement found.
    LookedUp,
}

impl ExperimentArguments {
    pub(super) fn execution(&self) -> Result<Execution, Failure> {
        let devices = open_devices(&self.device)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let enough = if devices.iter().any(ComputeDevice::is_processor) {
            cores.max(devices.len())
        } else {
            devices.len()
        };
        let jobs = self.jobs.map_or(enough, usize::from);
        Ok(Execution {
            devices,
            jobs,
            threads: self.threads.map_or((cores / jobs).max(1), usize::from),
        })
    }

    /// The checked configuration: of the file, or of the recipe.
    pub(super) fn configuration(&self) -> Result<Configuration, Failure> {
        let overrides = overrides(&self.overrides)?;
        match (&self.configuration, &self.recipe) {
            (Some(path), _) => Configuration::read(path, &overrides).map_err(Failure::request),
            (None, Some(name)) => {
                let recipe = recipes::find(name).map_err(Failure::request)?;
                // The name stands in messages; a recipe has no paths that it could be the folder of.
                let place = PathBuf::from(format!("recipe {}", recipe.name()));
                Configuration::parse(&place, recipe.toml(), &overrides).map_err(Failure::request)
            }
            (None, None) => Err(Failure::request(anyhow::anyhow!(
                "give a configuration file or --recipe NAME"
            ))),
        }
    }

    /// That nothing is left to give of a recipe. A file says so for itself, with the line.
    fn check_paths(&self, configuration: &Configuration) -> Result<(), Failure> {
        let (Some(recipe), missing) = (&self.recipe, configuration.missing_paths()) else {
            return Ok(());
        };
        if missing.is_empty() {
            return Ok(());
        }
        let arguments: Vec<String> = missing
            .iter()
            .map(|key| format!("--set {key}=PATH"))
            .collect();
        Err(Failure::request(anyhow::anyhow!(
            "paths of the recipe {recipe} are left to give: {}",
            arguments.join(" ")
        )))
    }

    /// The experiment; its teachers are asked what they know of the test images, on this device, or only looked up.
    pub(super) fn experiment(
        &self,
        execution: &Execution,
        teachers: Teachers,
        verbosity: Verbosity,
    ) -> Result<Experiment, Failure> {
        let configuration = self.configuration()?;
        self.check_paths(&configuration)?;
        let phase = Phase::begin(reading(&configuration.dataset), verbosity);
        let kept = self.cache.as_deref().unwrap_or(&self.runs);
        let device = execution.device(0).device();
        let mut experiment = Experiment::open(configuration, &kept.join("whitening"), device)
            .map_err(Failure::request)?;
        drop(phase);
        let phase = Phase::begin("asking the teachers about the test images", verbosity);
        let device = match teachers {
            Teachers::Measured => Some(device),
            Teachers::LookedUp => None,
        };
        experiment
            .ask_teachers(kept, device)
            .map_err(Failure::run)?;
        drop(phase);
        for warning in experiment.warnings() {
            write_line(&format!("warning: {warning}"));
        }
        Ok(experiment)
    }

    /// Opens the run directory and says what had to be repaired.
    pub(super) fn run_directory(&self, experiment: &Experiment) -> Result<RunDirectory, Failure> {
        let path = self.runs.join(&experiment.configuration().name);
        let directory = RunDirectory::open(&path).map_err(Failure::run)?;
        for notice in directory.notices() {
            write_line(&format!("warning: {notice}"));
        }
        Ok(directory)
    }

    /// The trials that are finished, without touching the run directory.
    pub(super) fn finished(&self, experiment: &Experiment) -> Result<BTreeSet<TrialKey>, Failure> {
        finished_trials(&self.runs.join(&experiment.configuration().name)).map_err(Failure::run)
    }

    pub(super) fn cache(&self) -> Result<Option<TrialCache>, Failure> {
        self.cache
            .as_deref()
            .map(TrialCache::open)
            .transpose()
            .map_err(Failure::run)
    }
}

/// What is done with a dataset before anything is trained, for a [`Phase`].
pub(super) fn reading(dataset: &DatasetSection) -> String {
    match dataset.zca {
        None => format!("reading and preparing {}", dataset.name),
        Some(_) => format!("reading {} and fitting its whitening", dataset.name),
    }
}

/// The arguments of `--set`. Not clap's to parse: it repeats an argument of any length in its message.
pub(super) fn overrides(arguments: &[String]) -> Result<Vec<Override>, Failure> {
    let overrides = arguments.iter().map(|argument| argument.parse());
    overrides
        .collect::<Result<_, _>>()
        .map_err(|error: ConfigurationError| Failure::request(error))
}

/// Opens the devices of a `--device`, each once.
pub(super) fn open_devices(asked: &str) -> Result<Vec<ComputeDevice>, Failure> {
    let requests: DeviceRequests = asked.parse().map_err(Failure::request)?;
    let mut devices: Vec<ComputeDevice> = Vec::new();
    for request in requests.iter() {
        let device = open_device(request)?;
        // `cuda` and `cuda:0` are the same device.
        if !devices.iter().any(|open| open.name() == device.name()) {
            devices.push(device);
        }
    }
    Ok(devices)
}

/// Opens a device, and says which better ones `auto` could not take.
pub(super) fn open_device(request: &DeviceRequest) -> Result<ComputeDevice, Failure> {
    let device = ComputeDevice::open(request).map_err(Failure::request)?;
    for reason in device.passed_over() {
        write_line(&format!("warning: {reason}; computing on {device} instead"));
    }
    Ok(device)
}
