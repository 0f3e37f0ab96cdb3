//! The plan: which trials an experiment needs. A metric is a plan builder and nothing else.

use std::collections::BTreeSet;

use ddrank_metrics::Accuracy;

use crate::configuration::RealArm;
use crate::experiment::Experiment;
use crate::recipe::{Recipe, Selection};
use crate::trial::{TrainingData, Trial, TrialKey};

/// All trials of an experiment, duplicates removed, and the arms that they belong to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The arms of the metric.
    pub arms: Vec<Arm>,
    /// Every trial once, in the order in which it is run.
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

/// Where the executor finds the training set of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrainingSource {
    /// [`Experiment::real_training_set`].
    Real,
    /// [`Experiment::synthetic_set`].
    Synthetic,
    /// [`Experiment::random_set`] of this round.
    Random(u32),
}

/// A named role of trials inside a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArmName {
    /// The full real data, hard labels.
    RealHard,
    /// The distilled set, hard labels.
    SynHard,
    /// A random selection, hard labels.
    RandomHard,
}

impl ArmName {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::RealHard => "real-hard",
            Self::SynHard => "syn-hard",
            Self::RandomHard => "random-hard",
        }
    }

    /// What it is, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Self::RealHard => "all real training images, hard labels",
            Self::SynHard => "the distilled set, hard labels",
            Self::RandomHard => "a random selection of real images, hard labels",
        }
    }
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
    /// LRS with hard labels: HLR = real - syn and IOR = syn - random, all with hard labels.
    pub fn lrs_hard(experiment: &Experiment) -> Self {
        let configuration = experiment.configuration();
        let mut builder = PlanBuilder::new(experiment);
        match &configuration.real {
            RealArm::Given(accuracy) => builder.given(ArmName::RealHard, *accuracy),
            RealArm::Trained(recipe) => {
                builder.trained(ArmName::RealHard, recipe, &recipe.learning_rates, |_| {
                    TrainingSource::Real
                })
            }
        }
        let given_rate = experiment.synthetic_learning_rate();
        let recipe = &configuration.training;
        let rates = given_rate
            .as_ref()
            .map_or(recipe.learning_rates.as_slice(), std::slice::from_ref);
        builder.trained(ArmName::SynHard, recipe, rates, |_| {
            TrainingSource::Synthetic
        });
        builder.trained(
            ArmName::RandomHard,
            recipe,
            &recipe.learning_rates,
            TrainingSource::Random,
        );
        builder.plan
    }

    /// The arm of this name.
    pub fn arm(&self, name: ArmName) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == name)
    }
}

struct PlanBuilder<'a> {
    experiment: &'a Experiment,
    plan: Plan,
    seen: BTreeSet<TrialKey>,
}

impl<'a> PlanBuilder<'a> {
    fn new(experiment: &'a Experiment) -> Self {
        Self {
            experiment,
            plan: Plan {
                arms: Vec::new(),
                trials: Vec::new(),
            },
            seen: BTreeSet::new(),
        }
    }

    fn given(&mut self, name: ArmName, accuracy: Accuracy) {
        self.plan.arms.push(Arm {
            name,
            rounds: ArmRounds::Given(accuracy),
        });
    }

    fn trained(
        &mut self,
        name: ArmName,
        recipe: &Recipe,
        rates: &[f64],
        source: impl Fn(u32) -> TrainingSource,
    ) {
        let rounds = 0..self.experiment.configuration().rounds;
        let candidates = rounds
            .map(|round| {
                let source = source(round);
                rates
                    .iter()
                    .map(|&rate| self.candidate(name, recipe, rate, round, source))
                    .collect()
            })
            .collect();
        self.plan.arms.push(Arm {
            name,
            rounds: ArmRounds::Trained {
                candidates,
                selection: recipe.selection,
            },
        });
    }

    fn candidate(
        &mut self,
        arm: ArmName,
        recipe: &Recipe,
        learning_rate: f64,
        round: u32,
        source: TrainingSource,
    ) -> Candidate {
        let trial = self.describe(recipe, learning_rate, round, source);
        let key = trial.key();
        if self.seen.insert(key.clone()) {
            self.plan.trials.push(PlannedTrial {
                key: key.clone(),
                trial,
                source,
                arm,
            });
        }
        Candidate { learning_rate, key }
    }

    fn describe(
        &self,
        recipe: &Recipe,
        learning_rate: f64,
        round: u32,
        source: TrainingSource,
    ) -> Trial {
        let configuration = self.experiment.configuration();
        let fingerprints = self.experiment.fingerprints();
        let training_data = match source {
            TrainingSource::Real => TrainingData::Real {
                real: fingerprints.train,
            },
            TrainingSource::Synthetic => TrainingData::Synthetic {
                synthetic: fingerprints.synthetic,
            },
            TrainingSource::Random(round) => TrainingData::Random {
                real: fingerprints.train,
                selection: self.experiment.selection_fingerprint(round),
            },
        };
        Trial {
            format: Trial::FORMAT,
            training_data,
            test_data: fingerprints.test,
            preparation: self.experiment.preparation().clone(),
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
        }
    }
}
