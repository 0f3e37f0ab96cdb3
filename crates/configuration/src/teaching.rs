//! The file of `ddrank train`: one model on one real dataset.

use std::path::Path;

use ddrank_keys::Documented;
use ddrank_models::ModelSpec;

use crate::agent::agent;
use crate::dataset::DatasetSection;
use crate::document::{ConfigurationText, Override};
use crate::error::ConfigurationError;
use crate::preset::Preset;
use crate::recipe::Recipe;
use crate::section::{Checked, File, Section};
use crate::whole_file::{AGENT, AUGMENTATION, DATASET, SEED, TRAINING};

/// The keys of the file itself.
pub(crate) const KEYS: &[&dyn Documented] = &[&SEED, &DATASET, &AGENT, &TRAINING, &AUGMENTATION];

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
    /// As [`Configuration::read`](crate::Configuration::read).
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        let file = File::new(ConfigurationText::read(path, overrides)?);
        let read = Self::of(file.root()?)?;
        Ok(Self {
            text: file.text.text.clone(),
            ..read
        })
    }

    fn of(mut root: Section<'_>) -> Checked<Self> {
        let model = agent(
            root.section(&AGENT)?,
            "this model is trained from fresh weights; only teachers have `weights`",
        )?;
        let dataset = DatasetSection::read(root.section(&DATASET)?)?;
        let augmentation = root.given(&AUGMENTATION)?;
        let augmentation = augmentation.unwrap_or_default();
        if augmentation.mixes() > 1 {
            let message = "mixes images more than once, and so there is no one weight to mix their labels with; keep one of `cutmix` and `mixup`";
            return Err(root.error(AUGMENTATION.name(), message));
        }
        let default = Preset::default_for(dataset.name, &model);
        let recipe = Recipe::teaching(root.section(&TRAINING)?, default, augmentation)?;
        let read = Self {
            seed: root.take(&SEED)?,
            dataset,
            model,
            recipe,
            text: String::new(),
        };
        root.finish()?;
        Ok(read)
    }
}
