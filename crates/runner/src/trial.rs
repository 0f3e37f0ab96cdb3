//! One trial: the pure description of one training, its key, and its outcome.

use std::fmt;

use ddrank_augment::Augmentation;
use ddrank_data::{Fingerprint, Geometry};
use ddrank_labels::Criterion;
use ddrank_metrics::Accuracy;
use ddrank_models::ModelSpec;
use serde::{Deserialize, Serialize};

use crate::race::Race;
use crate::recipe::{Optimizer, Schedule, Selection};

/// Raised whenever a change makes the same description give other numbers, so that old outcomes are not taken for new.
const FORMAT: u32 = 2;

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

/// A teacher, by content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TeacherDescription {
    /// Its architecture.
    pub model: ModelSpec,
    /// Hash of its weights, hexadecimal.
    pub weights: String,
}

/// What is done to real pixels before they reach a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Preparation {
    /// `(byte / 255 - mean) / std` for each channel.
    Normalise {
        /// Channel means.
        mean: Vec<f32>,
        /// Channel standard deviations.
        std: Vec<f32>,
    },
    /// ZCA whitening.
    Whiten {
        /// Which formula.
        variant: ddrank_data::ZcaVariant,
        /// Of the images that the whitening was fitted on.
        fitted_on: Fingerprint,
    },
}

/// BLAKE3 of a trial's description in canonical form, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrialKey(String);

impl fmt::Display for TrialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TrialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Trial {
    /// The current [`Self::format`].
    pub const FORMAT: u32 = FORMAT;

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
        TrialKey(blake3::hash(&description).to_hex().to_string())
    }
}

/// What came out of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Of the trial's description.
    pub key: TrialKey,
    /// Test accuracies, by rising epoch.
    pub curve: Vec<CurvePoint>,
    /// The epoch (1-based) in which the training loss stopped being a number; training ended there.
    pub diverged: Option<u32>,
    /// The epoch (1-based) after which it was given up in a race.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<u32>,
    /// Where it ran.
    pub device: String,
    /// Wall time of the trial in seconds.
    pub seconds: f64,
    /// Whether it was taken from the shared cache instead of being trained in this run directory.
    #[serde(default)]
    pub from_cache: bool,
}

/// One point of an accuracy curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Epochs finished.
    pub epoch: u32,
    /// Test accuracy, a fraction.
    pub accuracy: Accuracy,
    /// Mean training loss of that epoch.
    pub loss: f32,
}

impl Outcome {
    /// The point that counts where a choice is made among trainings: none of one that diverged, even if it was tested before,
    /// as its rate is not usable, and none of one that was given up.
    pub fn eligible(&self, selection: Selection) -> Option<CurvePoint> {
        self.selected(selection)
            .filter(|_| self.diverged.is_none() && self.given_up.is_none())
    }

    /// The point that counts: the earliest highest accuracy, or the last one. `None` if the trial diverged before its
    /// first test, or diverged at all where the last epoch counts.
    pub fn selected(&self, selection: Selection) -> Option<CurvePoint> {
        match selection {
            Selection::Best => self.curve.iter().copied().reduce(|best, point| {
                if point.accuracy.fraction() > best.accuracy.fraction() {
                    point
                } else {
                    best
                }
            }),
            Selection::Last if self.diverged.is_some() => None,
            Selection::Last => self.curve.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(accuracies: &[f64], diverged: Option<u32>) -> Outcome {
        let point = |(index, &accuracy): (usize, &f64)| CurvePoint {
            epoch: 10 * (index as u32 + 1),
            accuracy: Accuracy::from_fraction(accuracy).unwrap(),
            loss: 1.0,
        };
        Outcome {
            key: TrialKey("00".into()),
            curve: accuracies.iter().enumerate().map(point).collect(),
            diverged,
            given_up: None,
            device: "flex".into(),
            seconds: 1.0,
            from_cache: false,
        }
    }

    #[test]
    fn the_earliest_best_point_counts() {
        let outcome = outcome(&[0.2, 0.5, 0.5, 0.4], None);
        assert_eq!(outcome.selected(Selection::Best).unwrap().epoch, 20);
        assert_eq!(outcome.selected(Selection::Last).unwrap().epoch, 40);
    }

    #[test]
    fn a_diverged_trial_has_no_last_accuracy() {
        let outcome = outcome(&[0.2], Some(15));
        assert_eq!(outcome.selected(Selection::Best).unwrap().epoch, 10);
        assert_eq!(outcome.selected(Selection::Last), None);
        assert_eq!(self::outcome(&[], Some(3)).selected(Selection::Best), None);
    }
}
