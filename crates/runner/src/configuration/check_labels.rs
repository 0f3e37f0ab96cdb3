//! Checks of `[labels]`, and of what label modes ask of the rest.

use ddrank_augment::Augmentation;
use ddrank_labels::Criterion;

use super::check::{Check, Checked};
use super::table::LabelsTable;
use super::{
    Baseline, Configuration, LabelMode, LabelSection, Metric, RealArm, SyntheticSection,
    TeacherSection,
};

impl Check {
    /// The table `labels`; hard labels without one.
    pub(super) fn labels(
        &self,
        table: Option<LabelsTable>,
        metric: Metric,
    ) -> Checked<LabelSection> {
        let table = table.unwrap_or_default();
        let mode = match table.mode.as_deref() {
            None | Some("hard") => LabelMode::Hard,
            Some("single") => LabelMode::Single,
            Some("multiple") => LabelMode::Multiple,
            Some(other) => {
                let message = format!(
                    "`{other}` is not a label mode; allowed: \"hard\", \"single\", \"multiple\""
                );
                return Err(self.0.error("labels.mode", message));
            }
        };
        let criterion = match (table.criterion, mode) {
            (Some(value), _) => self.value("labels.criterion", value)?,
            (None, LabelMode::Hard) => Criterion::CrossEntropy,
            (None, LabelMode::Single | LabelMode::Multiple) => {
                Criterion::KlDivergence(ddrank_labels::Softening::default())
            }
        };
        if criterion.needs_soft_targets() != (mode != LabelMode::Hard) {
            let message = match mode {
                LabelMode::Hard => format!(
                    "{criterion} compares with soft labels, and `labels.mode` is \"hard\"; allowed: \"cross-entropy\""
                ),
                _ => format!(
                    "{criterion} compares with classes, and `labels.mode` is \"{}\"; allowed: \"kl\", \"sce\", \"mse-gt\"",
                    mode.name()
                ),
            };
            return Err(self.0.error("labels.criterion", message));
        }
        let has_hard_arms = metric == Metric::Lrs && mode != LabelMode::Hard;
        if table.hard_augmentation == Some(true) && !has_hard_arms {
            let why = "only LRS with soft labels has hard-label arms beside those of the recipe";
            self.unused("labels.hard_augmentation", why);
        }
        if table.mix.is_some()
            && mode == LabelMode::Multiple
            && table.hard_augmentation != Some(true)
        {
            let message = "the teachers label the mixed images; only `labels.mode` \"hard\" or \"single\", and hard-label arms that are augmented, have labels to mix";
            return Err(self.0.error("labels.mix", message));
        }
        let teachers = table.teachers.unwrap_or_default();
        if mode == LabelMode::Hard && !teachers.is_empty() {
            let message = "hard labels need no teacher; remove this key, or set `labels.mode`";
            return Err(self.0.error("labels.teachers", message));
        }
        let teachers = teachers.into_iter().enumerate().map(|(index, mut table)| {
            let section = format!("labels.teachers.{index}");
            if table.model.is_none() {
                return Err(self.0.error(&section, "this teacher has no `model`"));
            }
            let weights = table.weights.take();
            Ok(TeacherSection {
                model: self.model(&section, table)?,
                weights: weights.map(|path| self.0.resolve(&format!("{section}.weights"), &path)),
            })
        });
        Ok(LabelSection {
            mode,
            criterion,
            teachers: teachers.collect::<Checked<_>>()?,
            mix: table.mix.unwrap_or(true),
            hard_augmentation: table.hard_augmentation.unwrap_or(false),
        })
    }

    /// What label modes ask of the arms: teachers where images are labelled, stored labels where they are not.
    pub(super) fn check_labels(&self, configuration: &Configuration) -> Checked<()> {
        let labels = &configuration.labels;
        let stored = labels.mode != LabelMode::Multiple || labels.hard_augmentation;
        self.check_mixing("augmentation", &configuration.training.augmentation, stored)?;
        if let RealArm::Trained(recipe) = &configuration.real {
            self.check_mixing("real_training.augmentation", &recipe.augmentation, true)?;
        }
        let labelled = match labels.mode {
            LabelMode::Hard => return Ok(()),
            LabelMode::Multiple => Some("label every batch"),
            LabelMode::Single => {
                let random = configuration.metric != Metric::Accuracy
                    || configuration.baselines.contains(&Baseline::Random);
                let noise = configuration.baselines.contains(&Baseline::Noise);
                (random || noise).then_some("label the images that are not distilled")
            }
        };
        match (labelled, labels.teachers.is_empty()) {
            (Some(why), true) => {
                let message = format!(
                    "the label mode \"{}\" needs `teachers` to {why}",
                    labels.mode.name()
                );
                return Err(self.0.error("labels", message));
            }
            (None, false) => {
                let message = "nothing would be labelled by these teachers: the distilled set has stored labels; remove this key, or set `baselines`";
                return Err(self.0.error("labels.teachers", message));
            }
            _ => {}
        }
        if labels.mode == LabelMode::Single {
            let stored = |key: &str, set: &SyntheticSection| {
                // A recipe without paths has no labels either.
                if set.images.is_some() && set.labels.is_none() {
                    let message = "the label mode \"single\" needs `labels`, one stored soft label an image; `ddrank relabel` makes them";
                    return Err(self.0.error(key, message));
                }
                Ok(())
            };
            stored("synthetic", &configuration.synthetic)?;
            for (index, set) in configuration.compare.iter().enumerate() {
                stored(&format!("compare.{index}"), &set.set)?;
            }
        }
        Ok(())
    }

    /// Two mixtures of one image have no one weight, so labels that are mixed need an augmentation that mixes once.
    fn check_mixing(&self, key: &str, augmentation: &Augmentation, stored: bool) -> Checked<()> {
        if stored && augmentation.mixes() > 1 {
            let message = "mixes images more than once, and so there is no one weight to mix their labels with; keep one of `cutmix` and `mixup`, or use `labels.mode` = \"multiple\"";
            return Err(self.0.error(key, message));
        }
        Ok(())
    }
}
