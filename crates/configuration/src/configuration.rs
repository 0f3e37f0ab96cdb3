//! A checked experiment description.

use ddrank_keys::words;
use ddrank_metrics::{Metric, Setup, Source, Weight};
use ddrank_models::ModelSpec;

use crate::dataset::DatasetSection;
use crate::labels::{LabelMode, LabelSection};
use crate::real::RealArm;
use crate::recipe::Recipe;
use crate::synthetic::{NamedSet, SyntheticSection};

words! {
    /// An arm that is trained on request, with the whole recipe.
    pub enum Baseline ("a baseline") {
        /// Images of uniform noise with the recipe's labels (the paper's Figure 1).
        Noise = "noise": "images of uniform random bytes, prepared like real ones",
        /// Random selections of real images; LRS and ARS have them anyway.
        Random = "random": "random selections of real images, for `accuracy` only: the others have them anyway",
    }
}

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
    /// Keys that are given and have no use for this metric, and what makes the score say less than it seems to, one
    /// sentence each.
    pub notices: Vec<String>,
    /// The text that was parsed, overrides included.
    pub text: String,
}

impl Configuration {
    /// What the metric is asked for.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup {
            has_soft_labels: self.labels.mode.is_soft(),
            augments_hard_arms: self.labels.hard_augmentation,
            random: self.baselines.contains(&Baseline::Random),
            noise: self.baselines.contains(&Baseline::Noise),
            compare: self.compare.iter().map(|set| set.name.clone()).collect(),
        }
    }

    /// The distilled set of this source, and the section of the file that describes it.
    #[must_use]
    pub fn set(&self, source: Source) -> Option<(&SyntheticSection, String)> {
        match source {
            Source::Synthetic => Some((&self.synthetic, "synthetic".to_owned())),
            Source::Compare(index) => {
                let named = self.compare.get(index)?;
                Some((&named.set, format!("compare.{index}")))
            }
            Source::Real | Source::Random | Source::Noise => None,
        }
    }

    /// The keys of paths that are still to be given before anything can be trained: those that recipes leave out.
    #[must_use]
    pub fn missing_paths(&self) -> Vec<String> {
        let root = self.dataset.root.is_none() && self.dataset.name.has_files();
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
