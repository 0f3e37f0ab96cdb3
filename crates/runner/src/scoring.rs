//! From outcomes to the report.

use std::time::{SystemTime, UNIX_EPOCH};

use ddrank_metrics::SummaryError;

use crate::arm_reading::read_arm;
use crate::configuration::{LabelMode, Metric};
use crate::executor::Execution;
use crate::experiment::Experiment;
use crate::plan::{Arm, ArmRounds, Plan};
use crate::provenance::provenance;
use crate::report::{self, CandidateOutcome, Report};
use crate::run_directory::RunDirectory;
use crate::scores::scores;
use crate::settings::settings;

/// Why outcomes do not make a report.
#[derive(Debug, thiserror::Error)]
pub enum ScoringError {
    /// No candidate of a round has an accuracy.
    #[error(
        "arm {arm}, round {round}: training diverged at every learning rate ({rates}); \
         give smaller `training.learning_rates` or another `synthetic.learning_rate`"
    )]
    Diverged {
        /// The arm.
        arm: String,
        /// Counted from 1.
        round: usize,
        /// What was tried.
        rates: String,
    },
    /// A trial of the plan has no outcome.
    #[error("trial {0} is not finished; run `ddrank score` again")]
    Missing(String),
    /// Statistics.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}

/// One run of the program: what the clock and the machine have to do with it.
#[derive(Clone, Debug)]
pub struct Session {
    started: u64,
    execution: Execution,
    command: String,
}

impl Session {
    /// Starts the clock.
    pub fn start(execution: &Execution) -> Self {
        let arguments: Vec<String> = std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        Self {
            started: seconds_since_1970(),
            execution: execution.clone(),
            command: format!("ddrank {}", arguments.join(" ")),
        }
    }
}

/// Combines the outcomes of a finished plan into the report.
///
/// # Errors
/// If a trial is missing, or every candidate of a round diverged.
pub fn report(
    experiment: &Experiment,
    plan: &Plan,
    directory: &RunDirectory,
    session: &Session,
) -> Result<Report, ScoringError> {
    let configuration = experiment.configuration();
    let arms = plan
        .arms
        .iter()
        .map(|arm| read_arm(arm, experiment, directory))
        .collect::<Result<Vec<_>, _>>()?;
    let scores = scores(configuration, &arms)?;
    let (train, test) = experiment.sizes();
    let shape = experiment.shape();
    let mut warnings = experiment.warnings().to_vec();
    warnings.extend(diverged_candidates(&arms));
    warnings.extend(given_up_candidates(&arms));
    Ok(Report {
        format_version: report::FORMAT_VERSION,
        name: configuration.name.clone(),
        metric: match configuration.metric {
            Metric::Lrs => report::Metric::Lrs,
            Metric::Ars => report::Metric::Ars,
            Metric::Accuracy => report::Metric::Accuracy,
        },
        rounds: configuration.rounds as usize,
        weight: (configuration.metric != Metric::Accuracy).then_some(configuration.weight),
        dataset: report::Dataset {
            name: configuration.dataset.name.to_string(),
            classes: experiment.classes(),
            train,
            test,
            image: [shape.channels, shape.height, shape.width],
        },
        synthetic: report::Synthetic {
            ipc: configuration.synthetic.ipc,
            images: experiment.synthetic_len(),
            labels: match configuration.labels.mode {
                LabelMode::Hard => report::Labels::Hard,
                LabelMode::Single | LabelMode::Multiple => report::Labels::Soft,
            },
        },
        agent: report::Agent {
            model: configuration.agent.name.to_string(),
            parameters: experiment.agent_parameters(),
        },
        recipe: settings(experiment),
        arms,
        scores: scores.rows,
        sweep: scores.sweep,
        warnings,
        provenance: provenance(experiment, &session.execution),
        timing: timing(plan, directory, session),
    })
}

fn diverged_candidates(arms: &[report::Arm]) -> Vec<String> {
    let diverged = |arm: &report::Arm| {
        let candidates = arm.rounds.iter().flat_map(|round| &round.candidates);
        candidates
            .filter(|candidate| matches!(candidate.outcome, CandidateOutcome::DivergedInEpoch(_)))
            .count()
    };
    arms.iter()
        .map(|arm| (arm.name.as_str(), diverged(arm)))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("arm {name}: {count} trainings diverged and were left out of the choice of the learning rate"))
        .collect()
}

fn given_up_candidates(arms: &[report::Arm]) -> Option<String> {
    let candidates = arms.iter().flat_map(|arm| &arm.rounds);
    let is_given_up = |candidate: &report::Candidate| {
        matches!(candidate.outcome, CandidateOutcome::GivenUpAfterEpoch(_))
    };
    let count = candidates
        .flat_map(|round| &round.candidates)
        .filter(|candidate| is_given_up(candidate))
        .count();
    (count > 0).then(|| {
        format!(
            "successive halving gave up {count} trainings early; the learning rate it found may not be the best of the grid"
        )
    })
}

fn timing(plan: &Plan, directory: &RunDirectory, session: &Session) -> report::Timing {
    let seconds = |arm: &Arm| match &arm.rounds {
        ArmRounds::Given(_) => 0.0,
        ArmRounds::Trained { candidates, .. } => {
            let outcomes = candidates
                .iter()
                .flatten()
                .filter_map(|candidate| directory.outcome(&candidate.key));
            outcomes
                .filter(|outcome| !outcome.from_cache)
                .map(|outcome| outcome.seconds)
                .sum()
        }
    };
    let arms: Vec<_> = plan
        .arms
        .iter()
        .map(|arm| report::ArmTiming {
            arm: arm.name.to_string(),
            seconds: seconds(arm),
        })
        .collect();
    report::Timing {
        started: session.started,
        finished: seconds_since_1970(),
        total_seconds: arms.iter().map(|arm| arm.seconds).sum(),
        jobs: session.execution.jobs,
        threads: session.execution.threads,
        command: session.command.clone(),
        arms,
    }
}

fn seconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
