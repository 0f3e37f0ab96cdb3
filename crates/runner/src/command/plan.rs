//! `ddrank plan`.

use clap::Args;
use comfy_table::{Table, presets};

use super::{ExperimentArguments, Failure, print};
use crate::estimate::Estimate;
use crate::plan::{Plan, PlannedTrial};

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
        let execution = self.experiment.execution()?;
        let experiment = self.experiment.experiment(&execution)?;
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
            execution.device,
            execution.jobs.min(missing.len().max(1))
        ));
        if !self.no_estimate && !missing.is_empty() {
            let estimate =
                Estimate::measure(&missing, &experiment, &execution).map_err(Failure::run)?;
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
        }
        print(&text)
    }
}

fn table(plan: &Plan, finished: &std::collections::BTreeSet<crate::trial::TrialKey>) -> String {
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
