//! `real_accuracy` and `[real_training]`: the accuracy of the full real data.

use ddrank_keys::Key;
use ddrank_metrics::{Accuracy, Metric, Source};

use crate::preset::Preset;
use crate::recipe::Recipe;
use crate::section::{Checked, Section};

pub(crate) const REAL_ACCURACY: Key<f64> = Key::optional(
    "real_accuracy",
    "none",
    "for `lrs`: accuracy of the agent model on all real data; if given, the real arm is not trained",
)
.of("a fraction from 0 to 1");
pub(crate) const REAL_TRAINING: Key<toml::Table> = Key::optional(
    "real_training",
    "the preset",
    "for `lrs`: how the real arm is trained",
)
.of("a table such as `{ preset = \"CIFAR10-ConvNet-3\" }`");

/// Where the accuracy of the full real data comes from.
#[derive(Clone, Debug)]
pub enum RealArm {
    /// Given in the configuration as a fraction; nothing is trained.
    Given(Accuracy),
    /// Trained with this recipe (or taken from the cache).
    Trained(Recipe),
}

impl RealArm {
    /// Reads both keys of the file; of use only for metrics with such an arm.
    pub(crate) fn read(root: &mut Section<'_>, metric: Metric, default: Preset) -> Checked<Self> {
        let accuracy = root.given(&REAL_ACCURACY)?;
        let is_trained = root.has(&REAL_TRAINING);
        // The command line is about this run alone, the file about many.
        let wins = root.is_overridden(&REAL_ACCURACY) && !root.is_touched(&REAL_TRAINING);
        if !metric.has_own(Source::Real) {
            let given = [
                (REAL_ACCURACY.name(), accuracy.is_some()),
                (REAL_TRAINING.name(), is_trained),
            ];
            for (key, _) in given.iter().filter(|(_, given)| *given) {
                root.unused(key, "only `lrs` has an arm of the full real data");
            }
        }
        match accuracy {
            Some(_) if is_trained && !wins => {
                let message = "the accuracy is given by `real_accuracy`, so nothing would be trained; leave one of the two out";
                Err(root.error(REAL_TRAINING.name(), message))
            }
            Some(accuracy) => {
                if is_trained {
                    // It is read all the same: what is wrong in it stays an error.
                    Recipe::full_data(root.section(&REAL_TRAINING)?, default)?;
                    let why = "the accuracy is given on the command line by `real_accuracy`, so this arm is not trained";
                    root.unused(REAL_TRAINING.name(), why);
                }
                let checked = Accuracy::from_fraction(accuracy).map_err(|_| {
                    let message = format!(
                        "{accuracy} is not an accuracy; expected a fraction between 0 and 1"
                    );
                    root.error(REAL_ACCURACY.name(), message)
                })?;
                Ok(Self::Given(checked))
            }
            None => {
                let section = root.section(&REAL_TRAINING)?;
                Ok(Self::Trained(Recipe::full_data(section, default)?))
            }
        }
    }
}
