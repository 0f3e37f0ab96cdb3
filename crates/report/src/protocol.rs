//! How the accuracies of a report were measured, as far as other runs must do the same to be compared with it.

use std::fmt;

use ddrank_metrics::Accuracy;
use serde::{Deserialize, Serialize};

/// What a ranking compares, in types; the same in words for people is in [`Report::recipe`](crate::Report::recipe).
///
/// A report written by this program knows all of it. `None` is for reports that were written before they had a protocol
/// and whose words do not tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// The seed of all random draws.
    pub seed: Option<u64>,
    /// Which accuracy of a training counts.
    pub selection: Option<Selection>,
    /// The number of epochs of the trainings on distilled images.
    pub epochs: Option<usize>,
    /// The number of images a step of these trainings. Kept for programs; rankings let methods choose it.
    pub batch_size: Option<usize>,
    /// Where the accuracy of the full real data comes from.
    pub real: RealAccuracy,
    /// The fingerprint of the test images, in hexadecimal.
    pub test_images: Option<String>,
    /// The fingerprint of the real training images, in hexadecimal.
    pub train_images: Option<String>,
    /// The number of parameters of the agent model.
    pub agent_parameters: usize,
}

/// Which accuracy of a training counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Selection {
    /// The best on the test set.
    Best {
        /// The number of epochs between two tests: with more tests the best is better.
        test_interval: u32,
    },
    /// The one after the last epoch, however often was tested before.
    Last,
}

/// Where the accuracy of the full real data comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RealAccuracy {
    /// Given in the configuration.
    Given(Accuracy),
    /// Trained with this recipe, in words.
    Trained(String),
    /// The metric does not need it.
    None,
}

/// In words for people.
impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best { test_interval } => write!(
                formatter,
                "best on the test set, tested every {test_interval} epochs and after the last"
            ),
            Self::Last => formatter.write_str("after the last epoch"),
        }
    }
}

/// In words for people.
impl fmt::Display for RealAccuracy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(accuracy) => write!(formatter, "{accuracy}, given"),
            Self::Trained(recipe) => formatter.write_str(recipe),
            Self::None => formatter.write_str("not needed"),
        }
    }
}
