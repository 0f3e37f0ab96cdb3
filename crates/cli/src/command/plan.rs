//! `ddrank plan`.

use clap::Args;
use comfy_table::{Table, presets};

use super::experiment_arguments::{ExperimentArguments, Teachers};
use super::failure::Failure;
use super::output::print;
use crate::phase::Phase;
use crate::progress::Verbosity;
use ddrank_configuration::{ArmWork, Configuration, LearningRateSource};
use ddrank_metrics::{ArmLabels, Rates};
use ddrank_runner::execution::estimate::Estimate;
use ddrank_runner::plan::{Plan, PlannedTrial};

/// Preparation that is worth a line.
const NOTABLE: std::time::Duration = std::time::Duration::from_secs(2);

/// Arguments of `ddrank plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    #[command(flatten)]
    experiment: ExperimentArguments,

    /// Do not measure: list the trials only
    #[arg(long)]
    no_estimate: bool,
}

impl PlanArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let configuration = self.experiment.configuration()?;
        if !configuration.missing_paths().is_empty() {
            return print(&outline(&configuration));
        }
        let execution = self.experiment.execution()?;
        let experiment =
            self.experiment
                .experiment(&execution, Teachers::LookedUp, Verbosity::Normal)?;
        let plan = Plan::of(&experiment);
        let finished = self.experiment.finished(&experiment)?;
        let missing: Vec<&PlannedTrial> = plan
            .trials
            .iter()
            .filter(|trial| !finished.contains(&trial.key))
            .collect();
        let mut text = table(&plan, &finished);
        text.push_str(&format!(
            "\n{} trials, {} of them finished, {} to run",
            plan.trials.len(),
            plan.trials.len() - missing.len(),
            missing.len()
        ));
        text.push_str(&format!(
            " on {} with {} at once\n",
            execution.device_names(),
            execution.jobs.min(missing.len().max(1))
        ));
        for (teacher, accuracy) in experiment.teachers_in_words() {
            text.push_str(&format!("{teacher}: {accuracy}\n"));
        }
        if !self.no_estimate && !missing.is_empty() {
            let phase = Phase::begin("measuring a few training steps", Verbosity::Normal);
            let estimate =
                Estimate::measure(&missing, &experiment, &execution).map_err(Failure::run)?;
            drop(phase);
            text.push_str(&format!(
                "about {}",
                indicatif::HumanDuration(estimate.time)
            ));
            if let Some(memory) = estimate.memory {
                text.push_str(&format!(
                    ", about {} of memory",
                    indicatif::BinaryBytes(memory)
                ));
            }
            text.push_str(" (from a short measurement)\n");
            if estimate.preparation >= NOTABLE {
                text.push_str(&format!(
                    "preparing kernels took {} in this measurement and is not part of it; they are kept for later runs\n",
                    indicatif::HumanDuration(estimate.preparation)
                ));
            }
        }
        print(&text)
    }
}

/// The grid: its rates, or of many the first, the last and how many.
fn shown(rates: &[f64]) -> String {
    match rates {
        [first, .., last] if rates.len() > 5 => format!("{first} ... {last} ({})", rates.len()),
        few => few
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What would be trained, as far as it is known without data.
fn outline(configuration: &Configuration) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "arm",
        "trainings",
        "learning rates",
        "epochs",
        "batch",
        "labels",
    ]);
    let mut total = 0;
    for arm in configuration.arms() {
        let (trainings, rates, epochs, batch, labels) = match configuration.work(&arm) {
            ArmWork::Given(accuracy) => (0, format!("given: {accuracy}"), None, None, "hard"),
            ArmWork::Trained(recipe) => {
                let set = configuration.set(arm.source);
                let given = set
                    .filter(|_| arm.rates == Rates::Given)
                    .and_then(|(set, _)| set.learning_rate.as_ref());
                let rates = &recipe.learning_rates;
                let (count, rates) = match given {
                    Some(LearningRateSource::Value(rate)) => (1, rate.to_string()),
                    Some(LearningRateSource::File(path)) => (1, path.display().to_string()),
                    Some(LearningRateSource::Tensor { key, .. }) => (1, format!("`{key}`")),
                    None => (rates.len(), shown(rates)),
                };
                let labels = match arm.labels {
                    ArmLabels::Hard => "hard",
                    ArmLabels::Recipe => configuration.labels.mode.name(),
                };
                let (epochs, batch) = (recipe.epochs, recipe.batch_size);
                (count, rates, Some(epochs), Some(batch), labels)
            }
        };
        let trainings = trainings * configuration.rounds as usize;
        total += trainings;
        let number = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        table.add_row([
            arm.name.to_string(),
            trainings.to_string(),
            rates,
            number(epochs.map(|epochs| epochs.to_string())),
            number(batch.map(|batch| batch.to_string())),
            labels.to_owned(),
        ]);
    }
    format!(
        "{table}\n\n{total} trainings in {} rounds; paths still to be given (in the file or with --set): {}\n",
        configuration.rounds,
        configuration.missing_paths().join(", ")
    )
}

fn table(
    plan: &Plan,
    finished: &std::collections::BTreeSet<ddrank_runner::trial::TrialKey>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "arm",
        "round",
        "learning rate",
        "epochs",
        "batch",
        "state",
        "key",
    ]);
    for trial in &plan.trials {
        let state = if finished.contains(&trial.key) {
            "finished"
        } else {
            "to run"
        };
        table.add_row([
            trial.arm.to_string(),
            (trial.trial.round + 1).to_string(),
            trial.trial.learning_rate.to_string(),
            trial.trial.epochs.to_string(),
            trial.trial.batch_size.to_string(),
            state.to_owned(),
            trial.key.to_string()[..12].to_owned(),
        ]);
    }
    format!("{table}\n")
}
