//! The whole file: its top-level keys, and its sections in order.

use std::path::Path;

use ddrank_augment::Augmentation;
use ddrank_keys::{Documented, Key, KeyError, Value, one_of, one_up_to};
use ddrank_metrics::{Metric, Source, Weight};

use crate::agent::agent;
use crate::configuration::{Baseline, Configuration};
use crate::cross_checks;
use crate::dataset::DatasetSection;
use crate::document::{ConfigurationText, Override};
use crate::error::ConfigurationError;
use crate::labels::LabelSection;
use crate::preset::Preset;
use crate::real::{REAL_ACCURACY, REAL_TRAINING, RealArm};
use crate::recipe::Recipe;
use crate::section::{Checked, File, Section};
use crate::synthetic::{SyntheticSection, compare};

/// The metric as a configuration writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MetricWord(Metric);

impl Value for MetricWord {
    const KIND: &'static str = "a metric";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let all = Metric::ALL.iter();
        one_of(
            &value,
            Self::KIND,
            all.map(|metric| (metric.name(), Self(*metric))),
        )
    }

    fn write(&self) -> String {
        format!("{:?}", self.0.name())
    }
}

const NAME: Key<String> = Key::needed(
    "name",
    "names the run directory: letters, digits, `-`, `_`, inner `.`",
);
const METRIC: Key<MetricWord> = Key::new(
    "metric",
    || MetricWord(Metric::Lrs),
    "which score: one of the metrics below. `[labels]` says whether labels are hard or soft",
);
const ROUNDS: Key<u32> = one_up_to!(
    Key::new(
        "rounds",
        || 5,
        "evaluations with different seeds; scores are computed per round, then averaged",
    ),
    10_000
);
pub(crate) const SEED: Key<u64> = Key::new(
    "seed",
    || 0,
    "with the round it names every random number: same seed, same report",
);
const WEIGHT: Key<f64> = Key::new(
    "weight",
    || Weight::default().value(),
    "λ of LRS: the weight of IOR against HLR; γ of ARS: the weight of the improvement with augmentation",
)
.of("a number from 0 to 1");
const BASELINES: Key<Vec<Baseline>> = Key::new(
    "baselines",
    Vec::new,
    "further arms with the whole recipe: of the baselines below",
)
.of("a list of baselines such as `[\"noise\"]`");
pub(crate) const DATASET: Key<toml::Table> =
    Key::needed("dataset", "the real data").of("a table such as `{ name = \"demo\" }`");
const SYNTHETIC: Key<toml::Table> = Key::needed("synthetic", "the distilled set")
    .of("a table such as `{ images = \"syn.pt\", ipc = 10 }`");
const COMPARE: Key<Vec<toml::Table>> = Key::optional(
    "compare",
    "none",
    "more distilled sets, to be compared with the same random selections",
)
.where_(
    "a list of tables such as `[{ name = \"other\", images = \"other.pt\" }]`, at most 100",
    |sets| sets.len() <= 100,
);
pub(crate) const AGENT: Key<toml::Table> = Key::optional("agent", "a ConvNet-3", "the agent model")
    .of("a table such as `{ model = \"ConvNet-3\" }`");
pub(crate) const TRAINING: Key<toml::Table> = Key::optional(
    "training",
    "the reference's",
    "how the synthetic and random arms are trained",
)
.of("a table such as `{ epochs = 300 }`");
pub(crate) const AUGMENTATION: Key<Augmentation> = Key::optional(
    "augmentation",
    "none",
    "what is done to each training batch of the synthetic and random arms: one of the augmentations below, or several in order",
)
.of("a table with `name`, or a list of such tables");
const LABELS: Key<toml::Table> = Key::optional(
    "labels",
    "hard labels",
    "what the synthetic and random arms learn from",
)
.of("a table such as `{ mode = \"single\" }`");

/// The keys of the file itself.
pub(crate) const KEYS: &[&dyn Documented] = &[
    &NAME,
    &METRIC,
    &ROUNDS,
    &SEED,
    &WEIGHT,
    &REAL_ACCURACY,
    &BASELINES,
    &DATASET,
    &SYNTHETIC,
    &COMPARE,
    &AGENT,
    &TRAINING,
    &REAL_TRAINING,
    &AUGMENTATION,
    &LABELS,
];

impl Configuration {
    /// Reads and checks a configuration file, with `--set` overrides applied in order.
    ///
    /// # Errors
    /// If the file cannot be read, is not TOML, or holds an unknown key, a wrong type or a value that is not allowed;
    /// the message shows file, line and column, the value and what is allowed.
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        Self::check(ConfigurationText::read(path, overrides)?)
    }

    /// As [`Self::read`], for a text in memory; `path` is used in messages and to resolve relative paths.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(
        path: &Path,
        text: &str,
        overrides: &[Override],
    ) -> Result<Self, ConfigurationError> {
        Self::check(ConfigurationText::parse(path, text.to_owned(), overrides)?)
    }

    fn check(text: ConfigurationText) -> Checked<Self> {
        let file = File::new(text);
        let configuration = Self::of(file.root()?)?;
        cross_checks::check(&configuration, &file)?;
        Ok(Self {
            text: file.text.text.clone(),
            notices: file.into_notices(),
            ..configuration
        })
    }

    /// Reads the keys and sections; `text` and `notices` are still empty.
    fn of(mut root: Section<'_>) -> Checked<Self> {
        let name = name(&mut root)?;
        let MetricWord(metric) = root.take(&METRIC)?;
        let agent = agent(
            root.section(&AGENT)?,
            "agent models are trained from fresh weights; only teachers have `weights`",
        )?;
        let dataset = DatasetSection::read(root.section(&DATASET)?)?;
        let labels = LabelSection::read(root.section(&LABELS)?, metric)?;
        let augmentation = root.given(&AUGMENTATION)?;
        let training = Recipe::distilled(
            root.section(&TRAINING)?,
            metric.test_interval(labels.mode.is_soft()),
            augmentation.unwrap_or_default(),
        )?;
        let synthetic = SyntheticSection::read(root.section(&SYNTHETIC)?)?;
        let default = Preset::default_for(dataset.name, &agent);
        let read = Self {
            name,
            metric,
            rounds: root.take(&ROUNDS)?,
            seed: root.take(&SEED)?,
            weight: weight(&mut root, metric)?,
            compare: compare(root.sections(&COMPARE)?, synthetic.ipc)?,
            baselines: baselines(&mut root, metric)?,
            real: RealArm::read(&mut root, metric, default)?,
            dataset,
            synthetic,
            agent,
            training,
            labels,
            notices: Vec::new(),
            text: String::new(),
        };
        root.finish()?;
        Ok(read)
    }
}

fn name(root: &mut Section<'_>) -> Checked<String> {
    let name = root.take(&NAME)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
        let message = format!(
            "{name:?} cannot name a run directory; use letters, digits, `-`, `_` and inner `.`"
        );
        return Err(root.error(NAME.name(), message));
    }
    Ok(name)
}

fn weight(root: &mut Section<'_>, metric: Metric) -> Checked<Weight> {
    let Some(weight) = root.given(&WEIGHT)? else {
        return Ok(Weight::default());
    };
    if metric.weight_symbol().is_none() {
        root.unused(WEIGHT.name(), "only `lrs` (λ) and `ars` (γ) have one");
    }
    Weight::new(weight).map_err(|_| {
        let message = format!("{weight} is not a weight; expected 0 to 1");
        root.error(WEIGHT.name(), message)
    })
}

fn baselines(root: &mut Section<'_>, metric: Metric) -> Checked<Vec<Baseline>> {
    let baselines = root.take(&BASELINES)?;
    let key = BASELINES.name();
    for (index, &baseline) in baselines.iter().enumerate() {
        if baseline == Baseline::Random && metric.has_own(Source::Random) {
            let message = format!(
                "`random` is an arm of `{}` anyway; it is a baseline of `accuracy` only",
                metric.name()
            );
            return Err(root.error(key, message));
        }
        if baselines[..index].contains(&baseline) {
            let message = format!("`{}` stands here twice", baseline.name());
            return Err(root.error(key, message));
        }
    }
    Ok(baselines)
}
