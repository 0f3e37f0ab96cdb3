//! The report as data.

use ddrank_metrics::{Accuracy, Direction, Metric, Summary, SweepPoint, Unit, Weight};
use serde::{Deserialize, Serialize};

use crate::protocol::Protocol;

/// The version of the JSON format that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// All that an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format, [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The name of the experiment.
    pub name: String,
    /// The metric, which decides the headline score.
    pub metric: Metric,
    /// The number of evaluation rounds.
    pub rounds: usize,
    /// The weight λ (LRS) or γ (ARS); `None` where the metric has none.
    pub weight: Option<Weight>,
    /// The real data.
    pub dataset: Dataset,
    /// The distilled data.
    pub synthetic: Synthetic,
    /// The model that was trained.
    pub agent: Agent,
    /// How it was trained, in the words and the order for people.
    pub recipe: Vec<Setting>,
    /// The trainings, by role, in the order to be shown.
    pub arms: Vec<Arm>,
    /// What they amount to, in the order to be shown.
    pub scores: Vec<Score>,
    /// The headline score at other weights; empty where the metric has no weight.
    pub sweep: Vec<SweepPoint>,
    /// What a reader must know before trusting the scores, one sentence each.
    pub warnings: Vec<String>,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// All that depends on the clock, and nothing else does.
    pub timing: Timing,
}

/// The real data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its name, such as `cifar10`.
    pub name: String,
    /// The number of classes.
    pub classes: usize,
    /// The number of training images.
    pub train: usize,
    /// The number of test images.
    pub test: usize,
    /// Channels, height and width of an image.
    pub image: [usize; 3],
}

/// The distilled data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synthetic {
    /// Images per class.
    pub ipc: usize,
    /// The number of images.
    pub images: usize,
    /// The kind of its own labels.
    pub labels: Labels,
}

/// A kind of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Labels {
    /// One class per image.
    Hard,
    /// A distribution over the classes per image.
    Soft,
}

/// The model that was trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its name, such as `ConvNet-3`.
    pub model: String,
    /// The number of its parameters.
    pub parameters: usize,
}

/// One setting in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// What is set, such as `optimizer`.
    pub name: String,
    /// To what, such as `SGD, momentum 0.9, weight decay 0.0005`.
    pub value: String,
}

/// A role of trainings: one kind of data with one recipe, once per round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Its name, such as `syn-hard`; unique in a report.
    pub name: String,
    /// What it is, in a few words.
    pub description: String,
    /// Where its accuracies come from.
    pub source: ArmSource,
    /// One entry per round.
    pub rounds: Vec<ArmRound>,
    /// The accuracies (fractions) over the rounds.
    pub summary: Summary,
}

/// Where the accuracies of an arm come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArmSource {
    /// Trained for this report.
    Trained,
    /// Given in the configuration, not measured.
    Given,
    /// Trained for another report and taken from the shared cache.
    Cache,
}

/// One round of an arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRound {
    /// The round, counted from 1.
    pub round: usize,
    /// The accuracy that counts.
    pub accuracy: Accuracy,
    /// The accuracy after the last epoch; `None` when the accuracy was given.
    pub last_accuracy: Option<Accuracy>,
    /// The epoch (from 1) with the accuracy that counts.
    pub best_epoch: Option<usize>,
    /// The number of epochs trained.
    pub epochs: Option<usize>,
    /// The learning rate of the training that counts.
    pub learning_rate: Option<f64>,
    /// The learning rates that were tried; empty when it was given.
    pub candidates: Vec<Candidate>,
    /// Test accuracy over the epochs of the training that counts, in order.
    pub curve: Vec<CurvePoint>,
    /// The key (hexadecimal) of the training that counts, as in the run directory.
    pub training_key: Option<String>,
    /// The fingerprint of the images picked for this round, where they were picked at random.
    pub selection: Option<String>,
}

/// A learning rate that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The learning rate.
    pub learning_rate: f64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: CandidateOutcome,
}

/// What came of a learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateOutcome {
    /// The accuracy that would count.
    Accuracy(Accuracy),
    /// The loss left the finite numbers in this epoch (from 1).
    DivergedInEpoch(usize),
    /// Successive halving gave it up after this epoch (from 1).
    GivenUpAfterEpoch(usize),
}

/// One test of a model during its training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The accuracy on the test set.
    pub accuracy: Accuracy,
}

/// One derived quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Its name: `HLR`, `IOR`, `LRS`, `IOR with augmentation`, `IOR without augmentation`, `ARS`, `accuracy`.
    pub name: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// Which end is good.
    pub better: Direction,
    /// The arms of which it is the difference, where it is one.
    pub between: Option<Between>,
    /// Its value in each round.
    pub per_round: Vec<f64>,
    /// Their summary.
    pub summary: Summary,
}

/// The two arms of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// The arm from whose accuracy …
    pub from: String,
    /// … the accuracy of this arm is subtracted.
    pub minus: String,
}

/// Where the numbers come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of ddrank.
    pub ddrank: String,
    /// The git revision it was built from, where known.
    pub git_revision: Option<String>,
    /// The version of burn.
    pub burn: String,
    /// The device, such as `cuda:0`.
    pub device: String,
    /// The backend that drives it.
    pub backend: String,
    /// The operating system.
    pub os: String,
    /// The processor.
    pub cpu: String,
    /// Fingerprints of data and configuration.
    pub fingerprints: Vec<Fingerprint>,
    /// What a ranking compares; [`read_json`](crate::read_json) fills it in where a file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The resolved configuration as TOML.
    pub configuration: String,
}

/// What some input was, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// What, such as `synthetic images`.
    pub of: String,
    /// Its hash in hexadecimal.
    pub value: String,
}

/// All that depends on the clock, and how the work was spread, which has no influence on any other number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// When the report's run started, in seconds since 1970 (UTC).
    pub started: u64,
    /// When it finished, in seconds since 1970 (UTC).
    pub finished: u64,
    /// Seconds of work, the time before an interruption included.
    pub total_seconds: f64,
    /// The number of trainings at a time.
    pub jobs: usize,
    /// The number of threads of each training.
    pub threads: usize,
    /// The command line.
    pub command: String,
    /// Seconds of training per arm.
    pub arms: Vec<ArmTiming>,
}

/// The time that an arm took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmTiming {
    /// The arm.
    pub arm: String,
    /// Seconds of training, all rounds and learning rates together.
    pub seconds: f64,
}

impl Report {
    /// The score that the metric is about.
    #[must_use]
    pub fn headline(&self) -> Option<&Score> {
        self.score(self.metric.headline())
    }

    /// The score of that name.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&Score> {
        self.scores.iter().find(|score| score.name == name)
    }

    /// The arm of that name.
    #[must_use]
    pub fn arm(&self, name: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == name)
    }
}
