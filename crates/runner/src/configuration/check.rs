//! From typed but unchecked tables to a [`Configuration`] that can be trusted.

use std::cell::RefCell;
use std::path::Path;
use std::str::FromStr;

use ddrank_augment::Augmentation;
use ddrank_metrics::{Accuracy, Weight};
use ddrank_models::{ModelName, ModelSpec};

use super::document::{ConfigurationText, Override};
use super::error::ConfigurationError;
use super::preset::{Preset, distilled};
use super::table::{FileTable, ModelTable, TrainingTable};
use super::{Baseline, Configuration, DatasetSection, LabelMode, Metric, RealArm};
use crate::recipe::Recipe;

impl Configuration {
    /// Reads and checks a configuration file, with `--set` overrides applied in order.
    ///
    /// # Errors
    /// If the file cannot be read, is not TOML, or holds an unknown key, a wrong type or a value that is not allowed;
    /// the message shows file, line and column, the value and what is allowed.
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        Check::new(ConfigurationText::read(path, overrides)?).configuration()
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
        Check::new(ConfigurationText::parse(path, text.to_owned(), overrides)?).configuration()
    }
}

/// The checks; each error names its key through the text.
pub(super) struct Check(pub(super) ConfigurationText, RefCell<Vec<String>>);

pub(super) type Checked<T> = Result<T, ConfigurationError>;

impl Check {
    pub(super) fn new(text: ConfigurationText) -> Self {
        Self(text, RefCell::default())
    }

    /// Notes that a key has no use here; a file may serve several metrics.
    pub(super) fn unused(&self, key: &str, why: &str) {
        self.1
            .borrow_mut()
            .push(format!("key `{key}` is not used: {why}"));
    }

    fn configuration(&self) -> Checked<Configuration> {
        let file: FileTable = self.0.deserialize()?;
        let metric = self.metric(file.metric.as_deref())?;
        let agent = file.agent.unwrap_or_default();
        if agent.weights.is_some() {
            let message =
                "agent models are trained from fresh weights; only teachers have `weights`";
            return Err(self.0.error("agent.weights", message));
        }
        let agent = self.model("agent", agent)?;
        let dataset = self.dataset(file.dataset)?;
        let labels = self.labels(file.labels, metric)?;
        let training = file.training.unwrap_or_default();
        if training.preset.is_some() {
            let message = "presets are full-data recipes; only `real_training` has `preset`";
            return Err(self.0.error("training.preset", message));
        }
        if training.augmentation.is_some() {
            let message = "the augmentation of these arms is the table `augmentation`";
            return Err(self.0.error("training.augmentation", message));
        }
        let test_interval = match (metric, labels.mode) {
            (Metric::Lrs, LabelMode::Hard) => 10,
            _ => 20,
        };
        let training = self.recipe(
            "training",
            training,
            &distilled(test_interval),
            self.augmentation("augmentation", file.augmentation)?,
        )?;
        let baselines = self.baselines(file.baselines.unwrap_or_default(), metric)?;
        let synthetic = self.synthetic(file.synthetic)?;
        let compare = self.compare(file.compare.unwrap_or_default(), synthetic.ipc)?;
        let real = self.real(
            metric,
            file.real_accuracy,
            file.real_training,
            (&dataset, &agent),
        )?;
        let configuration = Configuration {
            name: self.name(file.name)?,
            metric,
            rounds: self.positive("rounds", file.rounds, 5)?,
            seed: self.at_least("seed", file.seed.unwrap_or(0), 0)?,
            weight: self.weight(metric, file.weight)?,
            dataset,
            synthetic,
            compare,
            baselines,
            agent,
            training,
            labels,
            real,
            notices: Vec::new(),
            text: self.0.text.clone(),
        };
        self.check_labels(&configuration)?;
        Ok(Configuration {
            notices: self.1.take(),
            ..configuration
        })
    }

    fn metric(&self, metric: Option<&str>) -> Checked<Metric> {
        match metric {
            None | Some("lrs") => Ok(Metric::Lrs),
            Some("ars") => Ok(Metric::Ars),
            Some("accuracy") => Ok(Metric::Accuracy),
            Some(other) => Err(self.0.error(
                "metric",
                format!("`{other}` is not a metric; allowed: \"lrs\", \"ars\", \"accuracy\""),
            )),
        }
    }

    fn baselines(&self, names: Vec<String>, metric: Metric) -> Checked<Vec<Baseline>> {
        let mut baselines = Vec::new();
        for name in names {
            let baseline = match name.as_str() {
                "noise" => Baseline::Noise,
                "random" if metric == Metric::Accuracy => Baseline::Random,
                "random" => {
                    let message = format!(
                        "`random` is an arm of `{}` anyway; it is a baseline of `accuracy` only",
                        metric.name()
                    );
                    return Err(self.0.error("baselines", message));
                }
                other => {
                    let message =
                        format!("`{other}` is not a baseline; allowed: \"noise\", \"random\"");
                    return Err(self.0.error("baselines", message));
                }
            };
            if baselines.contains(&baseline) {
                return Err(self
                    .0
                    .error("baselines", format!("`{name}` stands here twice")));
            }
            baselines.push(baseline);
        }
        Ok(baselines)
    }

    /// Where the full-data accuracy comes from; of use for LRS only.
    fn real(
        &self,
        metric: Metric,
        accuracy: Option<f64>,
        training: Option<TrainingTable>,
        (dataset, agent): (&DatasetSection, &ModelSpec),
    ) -> Checked<RealArm> {
        if metric != Metric::Lrs {
            let given = [
                ("real_accuracy", accuracy.is_some()),
                ("real_training", training.is_some()),
            ];
            for (key, _) in given.iter().filter(|(_, given)| *given) {
                self.unused(key, "only `lrs` has an arm of the full real data");
            }
        }
        match (accuracy, training) {
            (Some(_), Some(_)) => {
                let message = "the accuracy is given by `real_accuracy`, so nothing would be trained; leave one of the two out";
                Err(self.0.error("real_training", message))
            }
            (Some(accuracy), None) => {
                let accuracy = Accuracy::from_fraction(accuracy).map_err(|_| {
                    let message = format!(
                        "{accuracy} is not an accuracy; expected a fraction between 0 and 1"
                    );
                    self.0.error("real_accuracy", message)
                })?;
                Ok(RealArm::Given(accuracy))
            }
            (None, table) => {
                let mut table = table.unwrap_or_default();
                let augmentation = table.augmentation.take();
                let augmentation = self.augmentation("real_training.augmentation", augmentation)?;
                let section = "real_training";
                let recipe = self.full_data(section, table, augmentation, (dataset, agent))?;
                Ok(RealArm::Trained(recipe))
            }
        }
    }

    /// The recipe of a training on real data: a preset, and the keys that override it.
    pub(super) fn full_data(
        &self,
        section: &str,
        mut table: TrainingTable,
        augmentation: Augmentation,
        (dataset, agent): (&DatasetSection, &ModelSpec),
    ) -> Checked<Recipe> {
        let preset = match table.preset.take() {
            Some(name) => Preset::from_str(&name).map_err(|error| {
                self.0
                    .error(&format!("{section}.preset"), error.to_string())
            })?,
            None => Preset::default_for(dataset.name, agent),
        };
        self.recipe(section, table, &preset.recipe(), augmentation)
    }

    pub(super) fn agent(&self, table: ModelTable) -> Checked<ModelSpec> {
        if table.weights.is_some() {
            let message = "this model is trained from fresh weights; only teachers have `weights`";
            return Err(self.0.error("agent.weights", message));
        }
        self.model("agent", table)
    }

    pub(super) fn augmentation(
        &self,
        key: &str,
        value: Option<toml::Value>,
    ) -> Checked<Augmentation> {
        value.map_or(Ok(Augmentation::None), |value| self.value(key, value))
    }

    fn name(&self, name: String) -> Checked<String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
            let message = format!(
                "{name:?} cannot name a run directory; use letters, digits, `-`, `_` and inner `.`"
            );
            return Err(self.0.error("name", message));
        }
        Ok(name)
    }

    fn weight(&self, metric: Metric, weight: Option<f64>) -> Checked<Weight> {
        let Some(weight) = weight else {
            return Ok(Weight::default());
        };
        if metric == Metric::Accuracy {
            self.unused("weight", "only `lrs` (λ) and `ars` (γ) have one");
        }
        Weight::new(weight).map_err(|_| {
            self.0.error(
                "weight",
                format!("{weight} is not a weight; expected 0 to 1"),
            )
        })
    }

    /// The model that the table at `section` describes.
    pub(super) fn model(&self, section: &str, table: ModelTable) -> Checked<ModelSpec> {
        let key = |name: &str| format!("{section}.{name}");
        let name = table.model.as_deref().unwrap_or("ConvNet-3");
        let name = ModelName::from_str(name)
            .map_err(|error| self.0.error(&key("model"), error.to_string()))?;
        let mut spec = ModelSpec::new(name);
        if let Some(source) = table.source {
            spec.source = self.value(&key("source"), source)?;
        }
        if let Some(width) = table.width {
            spec.width = self.at_least(&key("width"), width, 1)?;
        }
        if let Some(activation) = table.activation {
            spec.activation = self.value(&key("activation"), activation)?;
        }
        if let Some(pooling) = table.pooling {
            spec.pooling = self.value(&key("pooling"), pooling)?;
        }
        Ok(spec)
    }

    /// A value whose type knows itself what is allowed.
    pub(super) fn value<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        value: toml::Value,
    ) -> Checked<T> {
        value
            .try_into()
            .map_err(|error: toml::de::Error| self.0.error(key, error.message()))
    }

    /// Numbers that must be at least `least` and fit `T`.
    pub(super) fn at_least<T: TryFrom<i64>>(
        &self,
        key: &str,
        value: i64,
        least: i64,
    ) -> Checked<T> {
        let refuse = || {
            self.0.error(
                key,
                format!("{value} is not allowed; expected a whole number of at least {least}"),
            )
        };
        if value < least {
            return Err(refuse());
        }
        T::try_from(value).map_err(|_| refuse())
    }

    pub(super) fn positive<T: TryFrom<i64>>(
        &self,
        key: &str,
        value: Option<i64>,
        default: i64,
    ) -> Checked<T> {
        self.at_least(key, value.unwrap_or(default), 1)
    }

    pub(super) fn limit(&self, key: &str, value: Option<i64>) -> Checked<Option<usize>> {
        value.map(|value| self.at_least(key, value, 1)).transpose()
    }

    pub(super) fn learning_rate(&self, key: &str, value: f64) -> Checked<f64> {
        if value.is_finite() && value > 0.0 {
            return Ok(value);
        }
        Err(self.0.error(
            key,
            format!("{value} is not a learning rate; expected a positive number"),
        ))
    }
}
