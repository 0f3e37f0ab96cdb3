//! `ddrank train`.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, anyhow};
use clap::Args;
use ddrank_files::{FileTensor, replace_file, write_safetensors};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::doctor::examine;
use super::experiment_arguments::{open_device, overrides, reading};
use super::failure::Failure;
use super::image_arguments::check_output;
use super::interrupt::stop_on_signals;
use super::output::print;
use crate::phase::Phase;
use crate::progress::{Verbosity, write_line};
use ddrank_configuration::TeachingConfiguration;
use ddrank_runner::execution::executor::worker_threads;
use ddrank_runner::input::teacher_files::weights_fingerprint;
use ddrank_runner::teaching::{TaughtModel, Teaching, TeachingError};
use ddrank_runner::trial::training::{TrialError, TrialObserver};

/// Arguments of `ddrank train`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ddrank train configs/examples/cifar10-teacher.toml \\\n    --set dataset.root=data/cifar10 --output teacher.safetensors"
)]
pub struct TrainArguments {
    /// What to train: a TOML file with the tables dataset, agent, training and augmentation (keys: `ddrank keys`)
    configuration: PathBuf,

    /// Where the weights go, a `.safetensors` file; their accuracy and origin go to the same name with `.json`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Set a key of the configuration; its paths are relative to the working directory
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,

    /// Where whitening matrices are kept
    #[arg(long, value_name = "DIR", default_value = "runs")]
    cache: PathBuf,

    /// Where to compute: a name that `ddrank devices` lists, or `auto`
    #[arg(long, value_name = "NAME", default_value = "auto")]
    device: String,

    /// CPU threads; results do not depend on it [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Do not check the arithmetic of a device that is not flex before using it
    #[arg(long)]
    skip_doctor: bool,

    /// No progress, only warnings and errors
    #[arg(long, short)]
    quiet: bool,
}

impl TrainArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        self.check_output()?;
        let device = open_device(&self.device.parse().map_err(Failure::request)?)?;
        if !self.skip_doctor {
            examine(std::slice::from_ref(&device))?;
        }
        let configuration =
            TeachingConfiguration::read(&self.configuration, &overrides(&self.overrides)?)
                .map_err(Failure::request)?;
        let whitening = self.cache.join("whitening");
        let verbosity = Verbosity::of(self.quiet);
        let phase = Phase::begin(reading(&configuration.dataset), verbosity);
        let teaching =
            Teaching::open(configuration, &whitening, &device).map_err(Failure::request)?;
        drop(phase);
        for warning in teaching.warnings() {
            write_line(&format!("warning: {warning}"));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.map_or(cores, usize::from);
        let pool = worker_threads(threads).map_err(Failure::run)?;
        let stop = stop_on_signals("stopping: nothing is written; once more to end at once")?;
        let progress = EpochProgress::new(&teaching, self.quiet);
        let taught = pool.install(|| teaching.run(&device, &progress, &stop));
        progress.bar.finish_and_clear();
        let taught = taught.map_err(|error| match error {
            TeachingError::Trial(error) if matches!(*error, TrialError::Stopped) => {
                Failure::Run(anyhow!("stopped; nothing was written"))
            }
            error => Failure::run(error),
        })?;
        self.write(&teaching, &taught).map_err(Failure::Run)?;
        print(&format!(
            "{} on {}: {} on {} test images after epoch {} of {}, learning rate {}\n{}\n",
            teaching.configuration().model.name,
            teaching.configuration().dataset.name,
            taught.point.accuracy,
            teaching.sizes().1,
            taught.point.epoch,
            teaching.configuration().recipe.epochs,
            taught.learning_rate,
            self.output.display()
        ))
    }

    fn check_output(&self) -> Result<(), Failure> {
        let extension = self.output.extension().and_then(|part| part.to_str());
        if extension != Some("safetensors") {
            return Err(Failure::Request(anyhow!(
                "--output {}: weights are written as `.safetensors`; give such a name",
                self.output.display()
            )));
        }
        check_output(&self.output, &self.configuration)
    }

    fn write(&self, teaching: &Teaching, taught: &TaughtModel) -> anyhow::Result<()> {
        let tensors = taught
            .weights
            .iter()
            .map(|(name, data)| {
                let shape = data.shape().to_vec();
                // All entries are single floats but the counters of batch normalisation.
                if data.dtype().is_float() {
                    FileTensor::from_f32(name, shape, &data.iter::<f32>().collect::<Vec<_>>())
                } else {
                    FileTensor::from_i64(name, shape, &data.iter::<i64>().collect::<Vec<_>>())
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let configuration = teaching.configuration();
        let shape = teaching.shape();
        let description = json!({
            "format_version": 1,
            "ddrank": env!("CARGO_PKG_VERSION"),
            "model": configuration.model,
            "classes": teaching.classes(),
            "image": [shape.channels, shape.height, shape.width],
            "class_names": teaching.class_names(),
            "preparation": teaching.preparation(),
            "weights": weights_fingerprint(&taught.weights.iter().cloned().collect()),
            "dataset": configuration.dataset.name,
            "train_images": teaching.sizes().0,
            "test_images": teaching.sizes().1,
            "accuracy": taught.point.accuracy,
            "epoch": taught.point.epoch,
            "learning_rate": taught.learning_rate,
            "curve": taught.outcome.curve,
            "seconds": taught.outcome.seconds,
            "device": taught.outcome.device,
            "configuration": configuration.text,
        });
        write_safetensors(&self.output, &tensors)?;
        let path = self.output.with_extension("json");
        let text = serde_json::to_string_pretty(&description)?;
        replace_file(&path, |writer| writer.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// A bar on a terminal, a line every now and then without one.
struct EpochProgress {
    bar: ProgressBar,
    lines: bool,
    last_line: Mutex<Instant>,
    epochs: u32,
}

impl EpochProgress {
    fn new(teaching: &Teaching, quiet: bool) -> Self {
        use std::io::IsTerminal;
        let recipe = &teaching.configuration().recipe;
        let epochs = u64::from(recipe.epochs) * recipe.learning_rates.len() as u64;
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(epochs),
            if terminal && !quiet {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:24} epoch {pos} of {len}  {eta} left")
        {
            bar.set_style(style);
        }
        Self {
            bar,
            lines: !terminal && !quiet,
            last_line: Mutex::new(Instant::now()),
            epochs: recipe.epochs,
        }
    }
}

impl TrialObserver for EpochProgress {
    fn epoch_finished(&self, epoch: u32, _images: usize) {
        self.bar.inc(1);
        let mut last = self
            .last_line
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.lines && last.elapsed() >= crate::progress::LINE_INTERVAL {
            *last = Instant::now();
            write_line(&format!("epoch {epoch} of {}", self.epochs));
        }
    }
}
