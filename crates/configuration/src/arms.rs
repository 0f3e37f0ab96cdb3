//! The arms of the configured metric with their recipes.

use ddrank_augment::Augmentation;
use ddrank_metrics::{Accuracy, Arm, ArmAugmentation, Source};

use crate::configuration::Configuration;
use crate::real::RealArm;
use crate::recipe::Recipe;

/// Where the accuracies of an arm come from.
#[derive(Clone, Debug)]
pub enum ArmWork {
    /// The configuration.
    Given(Accuracy),
    /// Training with this recipe, augmentation included.
    Trained(Recipe),
}

impl Configuration {
    /// The arms of the metric in the order in which they are run and shown.
    #[must_use]
    pub fn arms(&self) -> Vec<Arm> {
        self.metric.arms(&self.setup())
    }

    /// How an arm gets its accuracies: full data as `real_accuracy` or `[real_training]` says, all others as `[training]`
    /// does.
    #[must_use]
    pub fn work(&self, arm: &Arm) -> ArmWork {
        let recipe = match (arm.source, &self.real) {
            (Source::Real, RealArm::Given(accuracy)) => return ArmWork::Given(*accuracy),
            (Source::Real, RealArm::Trained(recipe)) => recipe,
            (Source::Synthetic | Source::Compare(_) | Source::Random | Source::Noise, _) => {
                &self.training
            }
        };
        let augmentation = match arm.augmentation {
            ArmAugmentation::Recipe => recipe.augmentation.clone(),
            ArmAugmentation::None => Augmentation::None,
        };
        ArmWork::Trained(Recipe {
            augmentation,
            ..recipe.clone()
        })
    }
}
