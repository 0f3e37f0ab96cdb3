//! The rounds of an arm, read out of a run directory.

use ddrank_configuration::Selection;
use ddrank_metrics::{Accuracy, Source};
use ddrank_report::{self as report, CandidateOutcome};

use crate::execution::run_directory::RunDirectory;
use crate::experiment::Experiment;
use crate::plan::{Arm, ArmRounds, Candidate};
use crate::scoring::error::ScoringError;
use crate::trial::{CurvePoint, Outcome};

/// The accuracies of an arm, round by round, with how they came about.
///
/// # Errors
/// If a trial is missing, or every candidate of a round diverged.
pub(crate) fn read_arm(
    arm: &Arm,
    experiment: &Experiment,
    directory: &RunDirectory,
) -> Result<report::Arm, ScoringError> {
    ArmReader {
        arm,
        experiment,
        directory,
    }
    .read()
}

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
            name: self.arm.name.to_string(),
            description: self.arm.name.description(),
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
            let point = outcome.eligible(selection);
            let result = match (outcome.diverged, outcome.given_up, point) {
                (None, None, Some(point)) => CandidateOutcome::Accuracy(point.accuracy),
                (None, Some(epoch), _) => CandidateOutcome::GivenUpAfterEpoch(epoch as usize),
                (diverged, ..) => {
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
                arm: self.arm.name.to_string(),
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
            selection: (self.arm.source == Source::Random).then(|| {
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
