//! Combines the outcomes of a finished plan into the report.

use ddrank_metrics::{ArmName, ScoreRow, Source};
use ddrank_report::{self as report, CandidateOutcome, Report};

use crate::execution::run_directory::RunDirectory;
use crate::experiment::Experiment;
use crate::plan::Plan;
use crate::scoring::arm_reading::read_arm;
use crate::scoring::chance::at_chance;
use crate::scoring::error::ScoringError;
use crate::scoring::protocol::protocol;
use crate::scoring::provenance::provenance;
use crate::scoring::session::{Session, timing};
use crate::scoring::settings::settings;

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
    let accuracies = |name: &ArmName| {
        let name = name.to_string();
        let arm = arms.iter().find(|arm: &&report::Arm| arm.name == name);
        let rounds = arm.map(|arm| arm.rounds.as_slice()).unwrap_or_default();
        rounds.iter().map(|round| round.accuracy).collect()
    };
    let metric = configuration.metric;
    let scores = metric.scores(&configuration.setup(), configuration.weight, &accuracies)?;
    let (train, test) = experiment.sizes();
    let shape = experiment.shape();
    let mut warnings = experiment.warnings().to_vec();
    warnings.extend(diverged_candidates(&arms));
    warnings.extend(given_up_candidates(&arms));
    let noise = plan.arms.iter().filter(|arm| arm.source == Source::Noise);
    let noise: Vec<String> = noise.map(|arm| arm.name.to_string()).collect();
    let labels = experiment.test_labels();
    warnings.extend(at_chance(&arms, labels, experiment.classes(), &noise));
    let protocol = protocol(experiment);
    Ok(Report {
        format_version: report::FORMAT_VERSION,
        name: configuration.name.clone(),
        metric,
        rounds: configuration.rounds as usize,
        weight: metric.weight_symbol().map(|_| configuration.weight),
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
            labels: if configuration.labels.mode.is_soft() {
                report::Labels::Soft
            } else {
                report::Labels::Hard
            },
        },
        agent: report::Agent {
            model: configuration.agent.name.to_string(),
            parameters: experiment.agent_parameters(),
        },
        recipe: settings(experiment, &protocol),
        arms,
        scores: scores.rows.into_iter().map(row).collect(),
        sweep: scores.sweep,
        warnings,
        provenance: provenance(experiment, &session.execution, protocol),
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

fn row(row: ScoreRow) -> report::Score {
    report::Score {
        name: row.name,
        unit: row.unit,
        better: row.better,
        between: row.between.map(|difference| report::Between {
            from: difference.from.to_string(),
            minus: difference.minus.to_string(),
        }),
        per_round: row.per_round,
        summary: row.summary,
    }
}
