//! `ddrank score`.

use clap::Args;

use super::doctor::examine;
use super::experiment_arguments::{ExperimentArguments, Teachers};
use super::failure::Failure;
use super::interrupt::stop_on_signals;
use super::render::{announce, write_reports};
use crate::progress::{Progress, Verbosity, write_line};
use ddrank_runner::execution::executor::execute;
use ddrank_runner::plan::Plan;
use ddrank_runner::scoring::{Session, report};

/// Arguments of `ddrank score`.
#[derive(Debug, Args)]
pub struct ScoreArguments {
    #[command(flatten)]
    experiment: ExperimentArguments,

    /// Do not check the arithmetic of a device that is not flex before using it
    #[arg(long)]
    skip_doctor: bool,

    /// No progress, only warnings and errors
    #[arg(long, short)]
    quiet: bool,
}

impl ScoreArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let execution = self.experiment.execution()?;
        if !self.skip_doctor {
            examine(&execution.devices)?;
        }
        let verbosity = Verbosity::of(self.quiet);
        let experiment = self
            .experiment
            .experiment(&execution, Teachers::Measured, verbosity)?;
        if verbosity == Verbosity::Normal {
            for (teacher, accuracy) in experiment.teachers_in_words() {
                write_line(&format!("{teacher}: {accuracy}"));
            }
        }
        let mut directory = self.experiment.run_directory(&experiment)?;
        directory
            .write(
                "configuration.toml",
                experiment.configuration().text.as_bytes(),
            )
            .map_err(Failure::run)?;
        let cache = self.experiment.cache()?;
        let plan = Plan::of(&experiment);
        let session = Session::start(&execution);

        let progress = Progress::new(&plan, &experiment, &directory, execution.jobs, verbosity);
        let stop =
            stop_on_signals("stopping: finished trials are saved; once more to end at once")?;
        let executed = execute(
            &plan,
            &experiment,
            &execution,
            &mut directory,
            cache.as_ref(),
            &progress,
            &stop,
        );
        progress.clear();
        executed.map_err(Failure::run)?;

        let report = report(&experiment, &plan, &directory, &session).map_err(Failure::run)?;
        write_reports(&report, directory.path())?;
        announce(&report, directory.path())
    }
}
