//! The plan: which trials an experiment needs. The [`arms`](crate::arms) of its metric, expanded by round and learning rate.

use std::collections::BTreeSet;

use ddrank_metrics::Accuracy;

use crate::arms::{ArmDescription, ArmLabels, ArmName, ArmSet, ArmTraining, ArmWork, Rates, arms};
use crate::configuration::LabelMode;
use crate::experiment::{Experiment, SetIndex};
use crate::race::Race;
use crate::recipe::Selection;
use crate::trial::{SoftLabels, TrainingData, Trial, TrialKey, TrialLabels};

/// All trials of an experiment, duplicates removed, and the arms that they belong to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The arms of the metric.
    pub arms: Vec<Arm>,
    /// Every trial once, in the order in which it is run; those of a race stand side by side.
    pub trials: Vec<PlannedTrial>,
}

/// A trial with its key and where its training set is found.
#[derive(Clone, Debug)]
pub struct PlannedTrial {
    /// The key of the description.
    pub key: TrialKey,
    /// The description.
    pub trial: Trial,
    /// Where the training set is found in the experiment.
    pub source: TrainingSource,
    /// The first arm that needs it.
    pub arm: ArmName,
}

/// Where the executor finds the training set of a trial, and its soft labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrainingSource {
    /// All real training images.
    Real,
    /// [`Experiment::distilled`].
    Distilled(SetIndex),
    /// The [`Experiment::selection`] of this round.
    Random(u32),
    /// [`Experiment::noise_set`] of this round.
    Noise(u32),
}

/// One arm: what it trains on, and its candidates round by round.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its role.
    pub name: ArmName,
    /// Where its accuracies come from.
    pub rounds: ArmRounds,
}

/// Where the accuracies of an arm come from.
#[derive(Clone, Debug)]
pub enum ArmRounds {
    /// The same given accuracy in every round.
    Given(Accuracy),
    /// The best candidate (one a learning rate) of each round.
    Trained {
        /// Keys of the candidates, by round.
        candidates: Vec<Vec<Candidate>>,
        /// Which point of each curve counts.
        selection: Selection,
    },
}

/// One training of the learning-rate grid.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The base learning rate.
    pub learning_rate: f64,
    /// Its trial.
    pub key: TrialKey,
}

impl Plan {
    /// The plan of an experiment's metric.
    pub fn of(experiment: &Experiment) -> Self {
        let mut builder = PlanBuilder {
            experiment,
            plan: Self {
                arms: Vec::new(),
                trials: Vec::new(),
            },
            seen: BTreeSet::new(),
        };
        for arm in arms(experiment.configuration()) {
            builder.add(arm);
        }
        builder.plan
    }

    /// The arm of this name.
    pub fn arm(&self, name: &ArmName) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == *name)
    }
}

struct PlanBuilder<'a> {
    experiment: &'a Experiment,
    plan: Plan,
    seen: BTreeSet<TrialKey>,
}

impl PlanBuilder<'_> {
    fn add(&mut self, arm: ArmDescription) {
        let rounds = match arm.work {
            ArmWork::Given(accuracy) => ArmRounds::Given(accuracy),
            ArmWork::Trained(training) => ArmRounds::Trained {
                candidates: (0..self.experiment.configuration().rounds)
                    .map(|round| self.candidates(&arm.name, &training, round))
                    .collect(),
                selection: training.recipe.selection,
            },
        };
        self.plan.arms.push(Arm {
            name: arm.name,
            rounds,
        });
    }

    fn candidates(&mut self, arm: &ArmName, training: &ArmTraining, round: u32) -> Vec<Candidate> {
        let source = match training.set {
            ArmSet::Real => TrainingSource::Real,
            ArmSet::Synthetic => TrainingSource::Distilled(SetIndex::Synthetic),
            ArmSet::Compare(index) => TrainingSource::Distilled(SetIndex::Compare(index)),
            ArmSet::Random => TrainingSource::Random(round),
            ArmSet::Noise => TrainingSource::Noise(round),
        };
        let given = match (training.rates, source) {
            (Rates::Given, TrainingSource::Distilled(set)) => {
                self.experiment.distilled(set).learning_rate
            }
            _ => None,
        };
        let rates = given.map_or_else(|| training.recipe.learning_rates.clone(), |rate| vec![rate]);
        let race = Race::of(&training.recipe, &rates);
        rates
            .into_iter()
            .map(|rate| {
                let mut trial = self.describe(training, rate, round, source);
                trial.race.clone_from(&race);
                self.candidate(arm, trial, source)
            })
            .collect()
    }

    fn candidate(&mut self, arm: &ArmName, trial: Trial, source: TrainingSource) -> Candidate {
        let (key, learning_rate) = (trial.key(), trial.learning_rate);
        if self.seen.insert(key.clone()) {
            self.plan.trials.push(PlannedTrial {
                key: key.clone(),
                trial,
                source,
                arm: arm.clone(),
            });
        }
        Candidate { learning_rate, key }
    }

    fn describe(
        &self,
        training: &ArmTraining,
        learning_rate: f64,
        round: u32,
        source: TrainingSource,
    ) -> Trial {
        let configuration = self.experiment.configuration();
        let recipe = &training.recipe;
        let labels = match training.labels {
            ArmLabels::Hard => TrialLabels::Hard,
            ArmLabels::Recipe => self.labels(source),
        };
        let is_stored = !matches!(labels, TrialLabels::Multiple { .. });
        Trial {
            format: Trial::FORMAT,
            training_data: self.training_data(source),
            test_data: self.experiment.fingerprints().test,
            preparation: self.experiment.preparation().clone(),
            geometry: self.experiment.geometry().clone(),
            labels,
            mix_labels: configuration.labels.mix && is_stored && recipe.augmentation.mixes() > 0,
            model: configuration.agent.clone(),
            epochs: recipe.epochs,
            batch_size: recipe.batch_size,
            optimizer: recipe.optimizer,
            schedule: recipe.schedule,
            learning_rate,
            augmentation: recipe.augmentation.clone(),
            test_interval: recipe.test_interval,
            seed: configuration.seed,
            round,
            race: None,
        }
    }

    fn training_data(&self, source: TrainingSource) -> TrainingData {
        let real = self.experiment.fingerprints().train;
        match source {
            TrainingSource::Real => TrainingData::Real { real },
            TrainingSource::Distilled(set) => TrainingData::Synthetic {
                synthetic: self.experiment.distilled(set).fingerprint,
            },
            TrainingSource::Random(round) => TrainingData::Random {
                real,
                selection: self.experiment.selection_fingerprint(round),
            },
            TrainingSource::Noise(_) => {
                let shape = self.experiment.shape();
                TrainingData::Noise {
                    classes: self.experiment.classes(),
                    ipc: self.experiment.configuration().synthetic.ipc,
                    image: [shape.channels, shape.height, shape.width],
                }
            }
        }
    }

    /// The labels of the recipe for the images of this source.
    fn labels(&self, source: TrainingSource) -> TrialLabels {
        let labels = &self.experiment.configuration().labels;
        let teachers = || self.experiment.teacher_descriptions().to_vec();
        let criterion = labels.criterion;
        match labels.mode {
            LabelMode::Hard => TrialLabels::Hard,
            LabelMode::Multiple => TrialLabels::Multiple {
                criterion,
                teachers: teachers(),
            },
            LabelMode::Single => {
                let rows = match source {
                    TrainingSource::Distilled(set) => {
                        self.experiment.distilled(set).soft_labels.as_ref()
                    }
                    _ => None,
                };
                let labels = match rows {
                    Some(rows) => SoftLabels::File {
                        rows: rows.fingerprint(),
                    },
                    None => SoftLabels::Teachers {
                        teachers: teachers(),
                    },
                };
                TrialLabels::Single { criterion, labels }
            }
        }
    }
}
