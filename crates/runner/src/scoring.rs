//! From outcomes to scores: which arms combine into which number.

use std::time::{SystemTime, UNIX_EPOCH};

use ddrank_metrics::{
    Accuracy, Direction, Gap, SummaryError, SweepPoint, hard_label_recovery,
    improvement_over_random, label_robust_score, label_robust_sweep,
};

use crate::configuration::Metric;
use crate::executor::Execution;
use crate::experiment::Experiment;
use crate::plan::{Arm, ArmName, ArmRounds, Candidate, Plan};
use crate::provenance::provenance;
use crate::recipe::Selection;
use crate::report::{self, Between, CandidateOutcome, Report, Unit};
use crate::run_directory::RunDirectory;
use crate::settings::settings;
use crate::trial::{CurvePoint, Outcome};

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
        arm: &'static str,
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

/// The plan of the configured metric.
pub fn plan_of(experiment: &Experiment) -> Plan {
    match experiment.configuration().metric {
        Metric::Lrs => Plan::lrs_hard(experiment),
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
        .map(|arm| {
            ArmReader {
                arm,
                experiment,
                directory,
            }
            .read()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let scores = match configuration.metric {
        Metric::Lrs => lrs_hard(&arms, configuration.weight)?,
    };
    let (train, test) = experiment.sizes();
    let shape = experiment.shape();
    let mut warnings = experiment.warnings().to_vec();
    warnings.extend(diverged_candidates(&arms));
    Ok(Report {
        format_version: report::FORMAT_VERSION,
        name: configuration.name.clone(),
        metric: report::Metric::Lrs,
        rounds: configuration.rounds as usize,
        weight: Some(configuration.weight),
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
            labels: report::Labels::Hard,
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

struct Scores {
    rows: Vec<report::Score>,
    sweep: Vec<SweepPoint>,
}

/// HLR = real - syn, IOR = syn - random, LRS from both: all per round, then summarised.
fn lrs_hard(arms: &[report::Arm], weight: ddrank_metrics::Weight) -> Result<Scores, ScoringError> {
    let of = |name: ArmName| accuracies(arms, name);
    let (real, syn, random) = (
        of(ArmName::RealHard),
        of(ArmName::SynHard),
        of(ArmName::RandomHard),
    );
    let recovery: Vec<Gap> = real
        .iter()
        .zip(&syn)
        .map(|(&real, &syn)| hard_label_recovery(real, syn))
        .collect();
    let improvement: Vec<Gap> = syn
        .iter()
        .zip(&random)
        .map(|(&syn, &random)| improvement_over_random(syn, random))
        .collect();
    let scores: Vec<f64> = improvement
        .iter()
        .zip(&recovery)
        .map(|(&improvement, &recovery)| label_robust_score(improvement, recovery, weight).into())
        .collect();
    let between = |from: ArmName, minus: ArmName| {
        Some(Between {
            from: from.name().to_owned(),
            minus: minus.name().to_owned(),
        })
    };
    let gaps = |gaps: &[Gap]| gaps.iter().map(|&gap| gap.into()).collect::<Vec<f64>>();
    let rows = vec![
        score(
            "HLR",
            Unit::Difference,
            Direction::Lower,
            between(ArmName::RealHard, ArmName::SynHard),
            gaps(&recovery),
        )?,
        score(
            "IOR",
            Unit::Difference,
            Direction::Higher,
            between(ArmName::SynHard, ArmName::RandomHard),
            gaps(&improvement),
        )?,
        score("LRS", Unit::Score, Direction::Higher, None, scores)?,
    ];
    Ok(Scores {
        rows,
        sweep: label_robust_sweep(&improvement, &recovery)?,
    })
}

fn score(
    name: &str,
    unit: Unit,
    better: Direction,
    between: Option<Between>,
    per_round: Vec<f64>,
) -> Result<report::Score, ScoringError> {
    let summary = ddrank_metrics::Summary::of(&per_round)?;
    Ok(report::Score {
        name: name.to_owned(),
        unit,
        better,
        between,
        per_round,
        summary,
    })
}

/// The accuracies of an arm, by round.
fn accuracies(arms: &[report::Arm], name: ArmName) -> Vec<Accuracy> {
    let rounds = arms
        .iter()
        .filter(|arm| arm.name == name.name())
        .flat_map(|arm| &arm.rounds);
    rounds.map(|round| round.accuracy).collect()
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

/// Reads one arm out of the run directory.
struct ArmReader<'a> {
    arm: &'a Arm,
    experiment: &'a Experiment,
    directory: &'a RunDirectory,
}

impl ArmReader<'_> {
    fn read(&self) -> Result<report::Arm, ScoringError> {
        let (source, rounds) = match &self.arm.rounds {
            ArmRounds::Given(accuracy) => {
                let rounds = 1..=self.experiment.configuration().rounds as usize;
                (
                    report::ArmSource::Given,
                    rounds.map(|round| given_round(round, *accuracy)).collect(),
                )
            }
            ArmRounds::Trained {
                candidates,
                selection,
            } => {
                let rounds = candidates
                    .iter()
                    .enumerate()
                    .map(|(round, candidates)| self.round(round, candidates, *selection))
                    .collect::<Result<Vec<_>, _>>()?;
                (self.source(candidates), rounds)
            }
        };
        let accuracies: Vec<f64> = rounds
            .iter()
            .map(|round: &report::ArmRound| round.accuracy.fraction())
            .collect();
        Ok(report::Arm {
            name: self.arm.name.name().to_owned(),
            description: self.arm.name.description().to_owned(),
            source,
            rounds,
            summary: ddrank_metrics::Summary::of(&accuracies)?,
        })
    }

    fn source(&self, candidates: &[Vec<Candidate>]) -> report::ArmSource {
        let mut outcomes = candidates
            .iter()
            .flatten()
            .filter_map(|candidate| self.directory.outcome(&candidate.key));
        if outcomes.all(|outcome| outcome.from_cache) {
            report::ArmSource::Cache
        } else {
            report::ArmSource::Trained
        }
    }

    fn round(
        &self,
        round: usize,
        candidates: &[Candidate],
        selection: Selection,
    ) -> Result<report::ArmRound, ScoringError> {
        let mut best: Option<(&Candidate, &Outcome, CurvePoint)> = None;
        let mut tried = Vec::new();
        for candidate in candidates {
            let outcome = self
                .directory
                .outcome(&candidate.key)
                .ok_or_else(|| ScoringError::Missing(candidate.key.to_string()))?;
            // A training that diverged is no accuracy, even if it was tested before: its rate is not usable.
            let point = outcome
                .selected(selection)
                .filter(|_| outcome.diverged.is_none());
            let result = match (outcome.diverged, point) {
                (None, Some(point)) => CandidateOutcome::Accuracy(point.accuracy),
                (diverged, _) => {
                    CandidateOutcome::DivergedInEpoch(diverged.unwrap_or_default() as usize)
                }
            };
            tried.push(report::Candidate {
                learning_rate: candidate.learning_rate,
                outcome: result,
            });
            if let Some(point) = point {
                // Ties keep the earlier rate, as the reference does.
                if best
                    .as_ref()
                    .is_none_or(|(_, _, best)| point.accuracy.fraction() > best.accuracy.fraction())
                {
                    best = Some((candidate, outcome, point));
                }
            }
        }
        let Some((candidate, outcome, point)) = best else {
            let rates: Vec<String> = candidates
                .iter()
                .map(|candidate| candidate.learning_rate.to_string())
                .collect();
            return Err(ScoringError::Diverged {
                arm: self.arm.name.name(),
                round: round + 1,
                rates: rates.join(", "),
            });
        };
        let last = outcome.curve.last();
        Ok(report::ArmRound {
            round: round + 1,
            accuracy: point.accuracy,
            last_accuracy: last.map(|last| last.accuracy),
            best_epoch: Some(point.epoch as usize),
            epochs: last.map(|last| last.epoch as usize),
            learning_rate: Some(candidate.learning_rate),
            candidates: tried,
            curve: outcome
                .curve
                .iter()
                .map(|point| report::CurvePoint {
                    epoch: point.epoch as usize,
                    accuracy: point.accuracy,
                })
                .collect(),
            training_key: Some(candidate.key.to_string()),
            selection: (self.arm.name == ArmName::RandomHard).then(|| {
                self.experiment
                    .selection_fingerprint(round as u32)
                    .to_string()
            }),
        })
    }
}

fn given_round(round: usize, accuracy: Accuracy) -> report::ArmRound {
    report::ArmRound {
        round,
        accuracy,
        last_accuracy: None,
        best_epoch: None,
        epochs: None,
        learning_rate: None,
        candidates: Vec::new(),
        curve: Vec::new(),
        training_key: None,
        selection: None,
    }
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
            arm: arm.name.name().to_owned(),
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
