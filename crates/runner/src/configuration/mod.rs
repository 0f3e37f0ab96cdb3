//! The configuration file: parsed once, checked once, trusted afterwards.
//!
//! [`Configuration::read`] turns TOML text and `--set` overrides into checked values; every key is documented in
//! `configs/README.md`. Whatever is wrong becomes a [`ConfigurationError`] that shows the place, the value and what is
//! allowed.

mod check;
mod check_data;
mod check_labels;
mod check_optimizer;
mod check_recipe;
mod document;
mod error;
mod preset;
mod table;
mod teaching;

use std::path::PathBuf;

use ddrank_data::{DatasetName, GeometryStep, Normalisation, ZcaVariant};
use ddrank_labels::Criterion;
use ddrank_metrics::{Accuracy, Weight};
use ddrank_models::ModelSpec;

use crate::recipe::Recipe;

pub use document::Override;
pub use error::ConfigurationError;
pub use preset::Preset;
pub use teaching::TeachingConfiguration;

/// A checked experiment description. Paths are resolved: those of the file against its folder, those of `--set` against
/// the working directory.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Names the run directory.
    pub name: String,
    /// Which score is computed.
    pub metric: Metric,
    /// Evaluations with different seeds, at least 1.
    pub rounds: u32,
    /// The experiment seed: with the round it names every random stream.
    pub seed: u64,
    /// λ of LRS, γ of ARS.
    pub weight: Weight,
    /// The real data.
    pub dataset: DatasetSection,
    /// The distilled set.
    pub synthetic: SyntheticSection,
    /// More distilled sets, to be compared with the same random selections.
    pub compare: Vec<NamedSet>,
    /// Further arms on request.
    pub baselines: Vec<Baseline>,
    /// The agent model.
    pub agent: ModelSpec,
    /// Recipe of the synthetic and the random arms.
    pub training: Recipe,
    /// What the synthetic and random arms of soft-label metrics learn from.
    pub labels: LabelSection,
    /// Where the full-data accuracy comes from.
    pub real: RealArm,
    /// Keys that are given and have no use for this metric, one sentence each.
    pub notices: Vec<String>,
    /// The text that was parsed, overrides included.
    pub text: String,
}

impl Configuration {
    /// The keys of paths that are still to be given before anything can be trained: those that recipes leave out.
    pub fn missing_paths(&self) -> Vec<String> {
        let root = self.dataset.root.is_none() && self.dataset.name != DatasetName::Demo;
        let root = root.then(|| "dataset.root".to_owned());
        let images = self.synthetic.images.is_none();
        let images = images.then(|| "synthetic.images".to_owned());
        let labels = self.labels.mode == LabelMode::Single && self.synthetic.labels.is_none();
        let labels = labels.then(|| "synthetic.labels".to_owned());
        let compare = self.compare.iter().enumerate();
        let compare = compare
            .filter(|(_, set)| set.set.images.is_none())
            .map(|(index, _)| format!("compare.{index}.images"));
        let teachers = self.labels.teachers.iter().enumerate();
        let teachers = teachers
            .filter(|(_, teacher)| teacher.weights.is_none())
            .map(|(index, _)| format!("labels.teachers.{index}.weights"));
        let mut keys: Vec<String> = root.into_iter().chain(images).chain(labels).collect();
        keys.extend(compare.chain(teachers));
        keys
    }
}

/// A score that ddrank computes: the name of a list of arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The Label-Robust Score.
    Lrs,
    /// The Augmentation-Robust Score.
    Ars,
    /// Plain test accuracy of the distilled set with the whole recipe.
    Accuracy,
}

impl Metric {
    /// The name used in configurations and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lrs => "lrs",
            Self::Ars => "ars",
            Self::Accuracy => "accuracy",
        }
    }
}

/// An arm that is trained on request, with the whole recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Random selections of real images; LRS and ARS have them anyway.
    Random,
    /// Images of uniform noise with the recipe's labels (the paper's Figure 1).
    Noise,
}

/// The labels of the recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelSection {
    /// Hard, or how soft labels come about.
    pub mode: LabelMode,
    /// The loss.
    pub criterion: Criterion,
    /// The networks that make soft labels.
    pub teachers: Vec<TeacherSection>,
    /// Whether labels that are not made batch by batch are mixed where the augmentation mixes images.
    pub mix: bool,
    /// Whether the hard-label arms of LRS with soft labels are augmented too (the reference's `use_aug_for_hard`).
    pub hard_augmentation: bool,
}

/// How labels come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelMode {
    /// One class an image.
    Hard,
    /// One stored soft label an image, whatever its augmentation: given for the distilled set, made by the teachers for
    /// random images.
    Single,
    /// The teachers label every augmented batch.
    Multiple,
}

impl LabelMode {
    /// The name used in configurations and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Single => "single",
            Self::Multiple => "multiple",
        }
    }
}

/// One teacher as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct TeacherSection {
    /// Its architecture.
    pub model: ModelSpec,
    /// Its checkpoint; absent in a recipe whose paths are still to be given.
    pub weights: Option<PathBuf>,
}

/// The real dataset as configured.
#[derive(Clone, Debug)]
pub struct DatasetSection {
    /// Which dataset.
    pub name: DatasetName,
    /// Where its files are; absent for the built-in one, and in a recipe whose paths are still to be given.
    pub root: Option<PathBuf>,
    /// `(height, width)` of the images that a network sees; absent means the dataset's own.
    pub size: Option<(usize, usize)>,
    /// How images that no augmentation touches are brought to that size; absent means a resize of both sides.
    pub transform: Option<Vec<GeometryStep>>,
    /// Replaces the dataset's own mean and standard deviation.
    pub normalisation: Option<Normalisation>,
    /// Whitening instead of normalisation.
    pub zca: Option<ZcaVariant>,
    /// Use only the first so many training images.
    pub train_limit: Option<usize>,
    /// Use only the first so many test images.
    pub test_limit: Option<usize>,
}

/// A distilled set to compare with.
#[derive(Clone, Debug)]
pub struct NamedSet {
    /// Names its arm.
    pub name: String,
    /// Its files.
    pub set: SyntheticSection,
}

/// A distilled set as configured.
#[derive(Clone, Debug)]
pub struct SyntheticSection {
    /// Tensor file or image folder; absent in a recipe whose paths are still to be given.
    pub images: Option<PathBuf>,
    /// Which tensor of a file with several.
    pub images_key: Option<String>,
    /// Labels file; absent means class-major hard labels.
    pub labels: Option<PathBuf>,
    /// Which tensor of a labels file with several.
    pub labels_key: Option<String>,
    /// The method's own learning rate; absent means the grid.
    pub learning_rate: Option<LearningRateSource>,
    /// Images per class.
    pub ipc: usize,
}

/// A learning rate or the file that holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum LearningRateSource {
    /// Given as a number.
    Value(f64),
    /// A tensor file with one element.
    File(PathBuf),
}

/// Where the accuracy of the full real data comes from.
#[derive(Clone, Debug)]
pub enum RealArm {
    /// Given in the configuration as a fraction; nothing is trained.
    Given(Accuracy),
    /// Trained with this recipe (or taken from the cache).
    Trained(Recipe),
}
