//! `[labels]`: what the synthetic and random arms learn from.

use ddrank_keys::{Documented, Key, words};
use ddrank_labels::{Criterion, Softening};
use ddrank_metrics::Metric;

use crate::agent::{TeacherSection, teacher};
use crate::section::{Checked, Section};

words! {
    /// How labels come about.
    pub enum LabelMode ("a label mode") {
        /// One class an image.
        Hard = "hard": "classes",
        /// One stored soft label an image, whatever its augmentation: given for the distilled set, made by the teachers
        /// for random images.
        Single = "single": "one stored soft label an image, under any augmentation: `synthetic.labels` for distilled images, the teachers' answer to the image as it is for random ones",
        /// The teachers label every augmented batch.
        Multiple = "multiple": "the teachers label every augmented batch",
    }
}

words! {
    /// What the numbers in a row of stored soft labels are.
    pub enum LabelRows ("a kind of row") {
        /// Outputs of a network before its softmax.
        Logits = "logits": "what a network answers before its softmax; used as they are",
        /// Outputs after the softmax, or one-hot rows.
        Probabilities = "probabilities": "none is negative and rows have one sum; their logarithms are used",
        /// Logarithms of probabilities.
        LogProbabilities = "log-probabilities": "none is positive and the exponentials of a row sum to 1; used as they are",
    }
}

const MODE: Key<LabelMode> = Key::new(
    "mode",
    || LabelMode::Hard,
    "how labels come about: one of the label modes below",
);
const CRITERION: Key<Criterion> = Key::optional(
    "criterion",
    "`cross-entropy` for hard labels, else `kl`",
    "the loss: one of the criteria below",
)
.of("a criterion");
const TEACHERS: Key<Vec<toml::Table>> = Key::optional(
    "teachers",
    "none",
    "each with the keys of `[agent]`: an agent model and its checkpoint. Several are an ensemble: the mean of their logits",
)
.where_(
    "a list of tables such as `[{ model = \"ConvNet-3\", weights = \"teacher.pt\" }]`, at most 100",
    |teachers| teachers.len() <= 100,
);
const MIX: Key<bool> = Key::new(
    "mix",
    || true,
    "where `cutmix` or `mixup` mix images: the loss is that of the image's own label and that of the mixed-in one, weighted as the images are. `false`: the own label only, as in DD-Ranking. Labels made batch by batch (`multiple`) belong to the mixed image anyway",
);
const HARD_AUGMENTATION: Key<bool> = Key::new(
    "hard_augmentation",
    || false,
    "`lrs` with soft labels only: augmentation in the `syn-hard` arm (the reference's `use_aug_for_hard`)",
);

/// The keys of `[labels]`.
pub(crate) const KEYS: &[&dyn Documented] =
    &[&MODE, &CRITERION, &TEACHERS, &MIX, &HARD_AUGMENTATION];

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

impl LabelMode {
    /// Whether images have soft labels.
    #[must_use]
    pub const fn is_soft(self) -> bool {
        match self {
            Self::Hard => false,
            Self::Single | Self::Multiple => true,
        }
    }
}

impl LabelSection {
    pub(crate) fn read(mut section: Section<'_>, metric: Metric) -> Checked<Self> {
        let mode = section.take(&MODE)?;
        let criterion = criterion(&mut section, mode)?;
        let (mix, hard_augmentation) = (section.given(&MIX)?, section.take(&HARD_AUGMENTATION)?);
        if hard_augmentation && !(mode.is_soft() && metric.has_hard_arms_beside_soft()) {
            let why = "only LRS with soft labels has hard-label arms beside those of the recipe";
            section.unused(HARD_AUGMENTATION.name(), why);
        }
        if mix.is_some() && mode == LabelMode::Multiple && !hard_augmentation {
            let message = "the teachers label the mixed images; only `labels.mode` \"hard\" or \"single\", and hard-label arms that are augmented, have labels to mix";
            return Err(section.error(MIX.name(), message));
        }
        let teachers = section.sections(&TEACHERS)?;
        if mode == LabelMode::Hard && !teachers.is_empty() {
            let message = "hard labels need no teacher; remove this key, or set `labels.mode`";
            return Err(section.error(TEACHERS.name(), message));
        }
        let teachers = teachers.into_iter().map(teacher).collect::<Checked<_>>()?;
        section.finish()?;
        Ok(Self {
            mode,
            criterion,
            teachers,
            mix: mix.unwrap_or(true),
            hard_augmentation,
        })
    }
}

fn criterion(section: &mut Section<'_>, mode: LabelMode) -> Checked<Criterion> {
    let criterion = match (section.given(&CRITERION)?, mode) {
        (Some(given), _) => given,
        (None, LabelMode::Hard) => Criterion::CrossEntropy,
        (None, LabelMode::Single | LabelMode::Multiple) => {
            Criterion::KlDivergence(Softening::default())
        }
    };
    if criterion.needs_soft_targets() == mode.is_soft() {
        return Ok(criterion);
    }
    let (compared, names) = if mode.is_soft() {
        ("classes", Criterion::soft_names())
    } else {
        ("soft labels", Criterion::hard_names())
    };
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let message = format!(
        "{criterion} compares with {compared}, and `labels.mode` is \"{}\"; allowed: {}",
        mode.name(),
        names.join(", ")
    );
    Err(section.error(CRITERION.name(), message))
}
