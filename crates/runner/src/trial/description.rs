//! The pure description of one training.

use ddrank_augment::Augmentation;
use ddrank_configuration::Race;
use ddrank_data::{Fingerprint, Geometry};
use ddrank_labels::Criterion;
use ddrank_models::{InputShape, ModelSpec};
use ddrank_optim::{Optimizer, Schedule};
use serde::Serialize;

use crate::input::{Preparation, TeacherDescription};
use crate::trial::key::TrialKey;

/// Raised whenever a change makes the same description give other numbers, so that old outcomes are not taken for new;
/// where a change touches some descriptions only, for those.
const FORMAT: u32 = 2;

/// Of trials with a network under torchvision's own name on small images: it was DD-Ranking's changed one before.
const FORMAT_OF_PLAIN_NETWORKS: u32 = 3;

/// One training of one agent model on one training set with one recipe, one learning rate and one seed.
///
/// Its outcome is a function of this description alone. Two arms that describe the same training share one trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// Version of the numbers that ddrank computes from a description.
    pub format: u32,
    /// What the model is trained on.
    pub training_data: TrainingData,
    /// The test images, after any limit.
    pub test_data: Fingerprint,
    /// What is done to real pixels before they reach a network.
    pub preparation: Preparation,
    /// How pictures that no augmentation touches are brought to the size that a network sees.
    pub geometry: Geometry,
    /// What the model learns from.
    pub labels: TrialLabels,
    /// Whether labels are mixed as the images of a batch are; `false` where nothing mixes them.
    pub mix_labels: bool,
    /// The agent model.
    pub model: ModelSpec,
    /// Passes over the training set.
    pub epochs: u32,
    /// Images a step.
    pub batch_size: usize,
    /// The update rule.
    pub optimizer: Optimizer,
    /// The course of the learning rate.
    pub schedule: Schedule,
    /// The base learning rate.
    pub learning_rate: f64,
    /// What is done to each training batch.
    pub augmentation: Augmentation,
    /// Epochs between two tests.
    pub test_interval: u32,
    /// The experiment seed.
    pub seed: u64,
    /// The round, 0-based.
    pub round: u32,
    /// The race that it takes part in, where the learning rate is searched for by successive halving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub race: Option<Race>,
}

/// The training set of a trial, by content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TrainingData {
    /// All real training images.
    Real {
        /// Of the real training set, after any limit.
        real: Fingerprint,
    },
    /// The distilled set.
    Synthetic {
        /// Of images and labels, as they reach the network.
        synthetic: Fingerprint,
    },
    /// A random selection of real training images.
    Random {
        /// Of the real training set that was drawn from.
        real: Fingerprint,
        /// Of the chosen indices, in order.
        selection: Fingerprint,
    },
    /// Images of noise, which the seed and the round decide.
    Noise {
        /// Number of classes.
        classes: usize,
        /// Images of each.
        ipc: usize,
        /// Channels, height and width of an image.
        image: [usize; 3],
    },
}

/// What the model learns from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum TrialLabels {
    /// Classes, with cross-entropy.
    Hard,
    /// One soft label an image, the same in every epoch and under every augmentation.
    Single {
        /// The loss.
        criterion: Criterion,
        /// Where the labels come from.
        labels: SoftLabels,
    },
    /// Teachers label every augmented batch.
    Multiple {
        /// The loss.
        criterion: Criterion,
        /// One or an ensemble.
        teachers: Vec<TeacherDescription>,
    },
}

impl TrialLabels {
    /// The loss.
    pub fn criterion(&self) -> Criterion {
        match self {
            Self::Hard => Criterion::CrossEntropy,
            Self::Single { criterion, .. } | Self::Multiple { criterion, .. } => *criterion,
        }
    }
}

/// Where the soft labels of a set come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum SoftLabels {
    /// A file.
    File {
        /// BLAKE3 of the rows, hexadecimal.
        rows: String,
    },
    /// The teachers' answers to the images without augmentation.
    Teachers {
        /// One or an ensemble.
        teachers: Vec<TeacherDescription>,
    },
}

impl Trial {
    /// The current [`Self::format`] of most trials.
    pub const FORMAT: u32 = FORMAT;

    /// The current [`Self::format`] of trials of this model and these labels on images of this shape.
    pub(crate) fn format_of(model: &ModelSpec, labels: &TrialLabels, input: InputShape) -> u32 {
        let teachers = match labels {
            TrialLabels::Multiple { teachers, .. }
            | TrialLabels::Single {
                labels: SoftLabels::Teachers { teachers },
                ..
            } => teachers.as_slice(),
            TrialLabels::Hard | TrialLabels::Single { .. } => &[],
        };
        let mut models = teachers.iter().map(|teacher| &teacher.model).chain([model]);
        if models.any(|model| model.is_plain_torchvision(input)) {
            FORMAT_OF_PLAIN_NETWORKS
        } else {
            FORMAT
        }
    }

    /// The key under which the outcome is stored.
    ///
    /// The canonical form is the JSON of the description with its fields in declaration order and shortest exact
    /// floating-point numbers.
    pub fn key(&self) -> TrialKey {
        #[expect(
            clippy::expect_used,
            reason = "plain structs with string keys always serialise"
        )]
        let description = serde_json::to_vec(self).expect("a trial serialises");
        TrialKey::of(&description)
    }
}
