//! From typed but unchecked tables to a [`Configuration`] that can be trusted.

use std::path::Path;
use std::str::FromStr;

use ddrank_augment::Augmentation;
use ddrank_data::{DatasetName, Normalisation, ZcaVariant};
use ddrank_metrics::{Accuracy, Weight};
use ddrank_models::{ModelName, ModelSpec};

use super::check_recipe::{DISTILLED, FULL_DATA};
use super::document::{ConfigurationText, Override};
use super::error::ConfigurationError;
use super::table::{AgentTable, DatasetTable, FileTable, SyntheticTable};
use super::{Configuration, DatasetSection, LearningRateSource, Metric, RealArm, SyntheticSection};

impl Configuration {
    /// Reads and checks a configuration file, with `--set` overrides applied in order.
    ///
    /// # Errors
    /// If the file cannot be read, is not TOML, or holds an unknown key, a wrong type or a value that is not allowed;
    /// the message shows file, line and column, the value and what is allowed.
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        Check(ConfigurationText::read(path, overrides)?).configuration()
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
        Check(ConfigurationText::parse(path, text.to_owned(), overrides)?).configuration()
    }
}

/// The checks; each error names its key through the text.
pub(super) struct Check(pub(super) ConfigurationText);

pub(super) type Checked<T> = Result<T, ConfigurationError>;

impl Check {
    fn configuration(&self) -> Checked<Configuration> {
        let file: FileTable = self.0.deserialize()?;
        let metric = match file.metric.as_deref() {
            None | Some("lrs") => Metric::Lrs,
            Some(other) => {
                return Err(self.0.error(
                    "metric",
                    format!("`{other}` is not a metric; allowed: \"lrs\""),
                ));
            }
        };
        let augmentation = match file.augmentation {
            Some(table) => self.value("augmentation", table)?,
            None => Augmentation::None,
        };
        let training = self.recipe(
            "training",
            file.training.unwrap_or_default(),
            &DISTILLED,
            augmentation,
        )?;
        let real = match (file.real_accuracy, file.real_training) {
            (Some(_), Some(_)) => {
                let message = "the accuracy is given by `real_accuracy`, so nothing would be trained; leave one of the two out";
                return Err(self.0.error("real_training", message));
            }
            (Some(accuracy), None) => {
                let accuracy = Accuracy::from_fraction(accuracy).map_err(|_| {
                    let message = format!(
                        "{accuracy} is not an accuracy; expected a fraction between 0 and 1"
                    );
                    self.0.error("real_accuracy", message)
                })?;
                RealArm::Given(accuracy)
            }
            (None, table) => {
                let recipe = self.recipe(
                    "real_training",
                    table.unwrap_or_default(),
                    &FULL_DATA,
                    Augmentation::None,
                )?;
                RealArm::Trained(recipe)
            }
        };
        Ok(Configuration {
            name: self.name(file.name)?,
            metric,
            rounds: self.positive("rounds", file.rounds, 5)?,
            seed: self.at_least("seed", file.seed.unwrap_or(0), 0)?,
            weight: self.weight(file.weight)?,
            dataset: self.dataset(file.dataset)?,
            synthetic: self.synthetic(file.synthetic)?,
            agent: self.agent(file.agent.unwrap_or_default())?,
            training,
            real,
            text: self.0.text.clone(),
        })
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

    fn weight(&self, weight: Option<f64>) -> Checked<Weight> {
        let Some(weight) = weight else {
            return Ok(Weight::default());
        };
        Weight::new(weight).map_err(|_| {
            self.0.error(
                "weight",
                format!("{weight} is not a weight; expected 0 to 1"),
            )
        })
    }

    fn dataset(&self, table: DatasetTable) -> Checked<DatasetSection> {
        let name = DatasetName::from_str(&table.name)
            .map_err(|error| self.0.error("dataset.name", error.to_string()))?;
        let root = match (name, table.root) {
            (DatasetName::Demo, Some(_)) => {
                return Err(self.0.error(
                    "dataset.root",
                    "the demo dataset is built in; remove this key",
                ));
            }
            (DatasetName::Demo, None) => None,
            (_, Some(root)) => Some(self.0.resolve("dataset.root", &root)),
            (_, None) => {
                let message = format!(
                    "`root`, the folder with the files of {name}, is missing; add it or use --set dataset.root=PATH"
                );
                return Err(self.0.error("dataset", message));
            }
        };
        let size = match (name, table.size) {
            (_, None) => None,
            (DatasetName::Folder, Some([height, width])) => {
                let side = |value| self.at_least::<usize>("dataset.size", value, 1);
                Some((side(height)?, side(width)?))
            }
            (_, Some(_)) => {
                return Err(self.0.error(
                    "dataset.size",
                    format!("images of {name} have a fixed size; only `folder` is resized"),
                ));
            }
        };
        let zca = self.zca(table.zca.as_ref())?;
        let normalisation = match (table.mean, table.std) {
            (None, None) => None,
            (Some(_), Some(_)) if zca.is_some() => {
                return Err(self.0.error(
                    "dataset.mean",
                    "whitened images are not normalised; remove `mean` and `std`, or `zca`",
                ));
            }
            (Some(mean), Some(std)) => {
                let floats = |values: Vec<f64>| {
                    values
                        .into_iter()
                        .map(|value| value as f32)
                        .collect::<Vec<f32>>()
                };
                let checked = Normalisation::new(floats(mean), floats(std));
                Some(checked.map_err(|error| self.0.error("dataset.std", error.to_string()))?)
            }
            (Some(_), None) => {
                return Err(self.0.error("dataset.mean", "`mean` needs `std` beside it"));
            }
            (None, Some(_)) => {
                return Err(self.0.error("dataset.std", "`std` needs `mean` beside it"));
            }
        };
        Ok(DatasetSection {
            name,
            root,
            size,
            normalisation,
            zca,
            train_limit: self.limit("dataset.train_limit", table.train_limit)?,
            test_limit: self.limit("dataset.test_limit", table.test_limit)?,
        })
    }

    fn zca(&self, value: Option<&toml::Value>) -> Checked<Option<ZcaVariant>> {
        const KEY: &str = "dataset.zca";
        const ALLOWED: &str = "false, \"kornia\", \"relative\", { variant = \"kornia\", eps = 0.1 } or { variant = \"relative\", strength = 0.1 }";
        let refuse = || self.0.error(KEY, format!("expected {ALLOWED}"));
        let positive = |key: &str, value: &toml::Value| {
            let number = value
                .as_float()
                .or_else(|| value.as_integer().map(|value| value as f64))
                .ok_or_else(refuse)?;
            if number.is_finite() && number > 0.0 {
                return Ok(number);
            }
            Err(self.0.error(
                &format!("{KEY}.{key}"),
                format!("{number} is not a positive number"),
            ))
        };
        let (variant, options) = match value {
            None | Some(toml::Value::Boolean(false)) => return Ok(None),
            Some(toml::Value::String(variant)) => (variant.as_str(), None),
            Some(toml::Value::Table(table)) => (
                table
                    .get("variant")
                    .and_then(toml::Value::as_str)
                    .ok_or_else(refuse)?,
                Some(table),
            ),
            Some(_) => return Err(refuse()),
        };
        let parameter_name = match variant {
            "kornia" => "eps",
            "relative" => "strength",
            _ => return Err(refuse()),
        };
        let mut parameter = 0.1;
        for (key, value) in options
            .into_iter()
            .flatten()
            .filter(|(key, _)| *key != "variant")
        {
            if key != parameter_name {
                return Err(self.0.error(
                    KEY,
                    format!(
                        "`{key}` is not an option of the `{variant}` variant; expected {ALLOWED}"
                    ),
                ));
            }
            parameter = positive(key, value)?;
        }
        Ok(Some(match parameter_name {
            "eps" => ZcaVariant::Kornia { eps: parameter },
            _ => ZcaVariant::Relative {
                strength: parameter,
            },
        }))
    }

    fn synthetic(&self, table: SyntheticTable) -> Checked<SyntheticSection> {
        const RATE: &str = "synthetic.learning_rate";
        let learning_rate = match table.learning_rate {
            None => None,
            Some(toml::Value::String(path)) => {
                Some(LearningRateSource::File(self.0.resolve(RATE, &path)))
            }
            Some(toml::Value::Float(value)) => {
                Some(LearningRateSource::Value(self.learning_rate(RATE, value)?))
            }
            Some(toml::Value::Integer(value)) => Some(LearningRateSource::Value(
                self.learning_rate(RATE, value as f64)?,
            )),
            Some(other) => {
                let message = format!(
                    "expected a number or the path of a tensor file, found {}",
                    other.type_str()
                );
                return Err(self.0.error(RATE, message));
            }
        };
        if table.labels.is_none() && table.labels_key.is_some() {
            return Err(self.0.error(
                "synthetic.labels_key",
                "there is no `labels` file that this key could be looked up in",
            ));
        }
        Ok(SyntheticSection {
            images: self.0.resolve("synthetic.images", &table.images),
            images_key: table.images_key,
            labels: table
                .labels
                .map(|path| self.0.resolve("synthetic.labels", &path)),
            labels_key: table.labels_key,
            learning_rate,
            ipc: self.at_least("synthetic.ipc", table.ipc, 1)?,
        })
    }

    fn agent(&self, table: AgentTable) -> Checked<ModelSpec> {
        let name = table.model.as_deref().unwrap_or("ConvNet-3");
        let name = ModelName::from_str(name)
            .map_err(|error| self.0.error("agent.model", error.to_string()))?;
        let mut spec = ModelSpec::new(name);
        if let Some(source) = table.source {
            spec.source = self.value("agent.source", source)?;
        }
        if let Some(width) = table.width {
            spec.width = self.at_least("agent.width", width, 1)?;
        }
        if let Some(activation) = table.activation {
            spec.activation = self.value("agent.activation", activation)?;
        }
        if let Some(pooling) = table.pooling {
            spec.pooling = self.value("agent.pooling", pooling)?;
        }
        Ok(spec)
    }

    /// A value whose type knows itself what is allowed.
    fn value<T: serde::de::DeserializeOwned>(&self, key: &str, value: toml::Value) -> Checked<T> {
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

    fn limit(&self, key: &str, value: Option<i64>) -> Checked<Option<usize>> {
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
