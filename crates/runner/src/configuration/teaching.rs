//! The file of `ddrank train`: one model on one real dataset.

use std::path::Path;

use ddrank_models::ModelSpec;

use super::check::{Check, Checked};
use super::document::ConfigurationText;
use super::table::TrainFileTable;
use super::{ConfigurationError, DatasetSection, Override};
use crate::recipe::Recipe;

/// A checked description of the training of a teacher or a full-data model.
#[derive(Clone, Debug)]
pub struct TeachingConfiguration {
    /// Names the random streams.
    pub seed: u64,
    /// The real data.
    pub dataset: DatasetSection,
    /// The model.
    pub model: ModelSpec,
    /// How it is trained.
    pub recipe: Recipe,
    /// The text that was parsed, overrides included.
    pub text: String,
}

impl TeachingConfiguration {
    /// Reads and checks a file, with `--set` overrides applied in order. `[training]` may name a full-data preset; the
    /// default is the preset of the dataset and the model.
    ///
    /// # Errors
    /// As [`Configuration::read`](super::Configuration::read).
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        Check::new(ConfigurationText::read(path, overrides)?).teaching()
    }
}

impl Check {
    fn teaching(&self) -> Checked<TeachingConfiguration> {
        let file: TrainFileTable = self.0.deserialize()?;
        let model = self.agent(file.agent.unwrap_or_default())?;
        let dataset = self.dataset(file.dataset)?;
        let training = file.training.unwrap_or_default();
        if training.augmentation.is_some() {
            let message = "the augmentation of this training is the table `augmentation`";
            return Err(self.0.error("training.augmentation", message));
        }
        if training.search.is_some() {
            let message =
                "`ddrank train` tries every learning rate; only `ddrank score` has a search";
            return Err(self.0.error("training.search", message));
        }
        let augmentation = self.augmentation("augmentation", file.augmentation)?;
        if augmentation.mixes() > 1 {
            let message = "mixes images more than once, and so there is no one weight to mix their labels with; keep one of `cutmix` and `mixup`";
            return Err(self.0.error("augmentation", message));
        }
        let recipe = self.full_data("training", training, augmentation, (&dataset, &model))?;
        Ok(TeachingConfiguration {
            seed: self.at_least("seed", file.seed.unwrap_or(0), 0)?,
            dataset,
            model,
            recipe,
            text: self.0.text.clone(),
        })
    }
}
