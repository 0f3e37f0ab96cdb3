//! The plan: which trials an experiment needs. The arms of its metric, expanded by round and learning rate.

use std::collections::BTreeSet;

use ddrank_configuration::{ArmWork, LabelMode, Race, Recipe, Selection};
use ddrank_metrics::{Accuracy, ArmLabels, ArmName, Rates, Source};

use crate::experiment::Experiment;
use crate::input::TrainingSet;
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
    /// Its training set.
    pub set: TrainingSet,
    /// The first arm that needs it.
    pub arm: ArmName,
}

/// One arm: what it trains on, and its candidates round by round.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its role.
    pub name: ArmName,
    /// What it is trained on.
    pub source: Source,
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
        for arm in experiment.configuration().arms() {
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
    fn add(&mut self, arm: ddrank_metrics::Arm) {
        let configuration = self.experiment.configuration();
        let rounds = match configuration.work(&arm) {
            ArmWork::Given(accuracy) => ArmRounds::Given(accuracy),
            ArmWork::Trained(recipe) => ArmRounds::Trained {
                candidates: (0..configuration.rounds)
                    .map(|round| self.candidates(&arm, &recipe, round))
                    .collect(),
                selection: recipe.selection,
            },
        };
        self.plan.arms.push(Arm {
            name: arm.name,
            source: arm.source,
            rounds,
        });
    }

    fn candidates(
        &mut self,
        arm: &ddrank_metrics::Arm,
        recipe: &Recipe,
        round: u32,
    ) -> Vec<Candidate> {
        let set = TrainingSet::of(arm.source, round);
        let given = match arm.rates {
            Rates::Grid => None,
            Rates::Given => self.experiment.distilled(arm.source),
        };
        let given = given.and_then(|set| set.learning_rate);
        let rates = given.map_or_else(|| recipe.learning_rates.clone(), |rate| vec![rate]);
        let race = Race::of(recipe, &rates);
        rates
            .into_iter()
            .map(|rate| {
                let trial = Trial {
                    race: race.clone(),
                    ..self.describe(arm, recipe, rate, round)
                };
                self.candidate(&arm.name, trial, set)
            })
            .collect()
    }

    fn candidate(&mut self, arm: &ArmName, trial: Trial, set: TrainingSet) -> Candidate {
        let (key, learning_rate) = (trial.key(), trial.learning_rate);
        if self.seen.insert(key.clone()) {
            self.plan.trials.push(PlannedTrial {
                key: key.clone(),
                trial,
                set,
                arm: arm.clone(),
            });
        }
        Candidate { learning_rate, key }
    }

    fn describe(
        &self,
        arm: &ddrank_metrics::Arm,
        recipe: &Recipe,
        learning_rate: f64,
        round: u32,
    ) -> Trial {
        let configuration = self.experiment.configuration();
        let labels = match arm.labels {
            ArmLabels::Hard => TrialLabels::Hard,
            ArmLabels::Recipe => self.labels(arm.source),
        };
        let is_stored = match labels {
            TrialLabels::Hard | TrialLabels::Single { .. } => true,
            TrialLabels::Multiple { .. } => false,
        };
        Trial {
            format: Trial::format_of(&configuration.agent, &labels, self.experiment.input()),
            training_data: self.training_data(arm.source, round),
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

    /// The content of a source in a round.
    ///
    /// # Panics
    /// If the metric has an arm of a set that the experiment has not.
    fn training_data(&self, source: Source, round: u32) -> TrainingData {
        let real = self.experiment.fingerprints().train;
        match source {
            Source::Real => TrainingData::Real { real },
            Source::Synthetic | Source::Compare(_) => match self.experiment.distilled(source) {
                Some(set) => TrainingData::Synthetic {
                    synthetic: set.fingerprint,
                },
                None => panic!("an experiment opens every set that its arms are trained on"),
            },
            Source::Random => TrainingData::Random {
                real,
                selection: self.experiment.selection_fingerprint(round),
            },
            Source::Noise => {
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
    fn labels(&self, source: Source) -> TrialLabels {
        let labels = &self.experiment.configuration().labels;
        let teachers = || self.experiment.teacher_descriptions().cloned().collect();
        let criterion = labels.criterion;
        match labels.mode {
            LabelMode::Hard => TrialLabels::Hard,
            LabelMode::Multiple => TrialLabels::Multiple {
                criterion,
                teachers: teachers(),
            },
            LabelMode::Single => {
                let distilled = self.experiment.distilled(source);
                let labels = match distilled.and_then(|set| set.soft_labels.as_ref()) {
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
