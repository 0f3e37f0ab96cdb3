//! Checks of the real dataset and of distilled sets.

use std::str::FromStr;

use ddrank_data::{DatasetName, Normalisation, ZcaVariant};

use super::check::{Check, Checked};
use super::table::{CompareTable, DatasetTable, SyntheticTable};
use super::{DatasetSection, LearningRateSource, NamedSet, SyntheticSection};

impl Check {
    pub(super) fn dataset(&self, table: DatasetTable) -> Checked<DatasetSection> {
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
            (_, root) => root.map(|root| self.0.resolve("dataset.root", &root)),
        };
        let side = |value| self.at_least::<usize>("dataset.size", value, 1);
        let size = match table.size {
            None => None,
            Some([height, width]) => Some((side(height)?, side(width)?)),
        };
        let transform = table
            .transform
            .map(|value| self.value("dataset.transform", value))
            .transpose()?;
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
            transform,
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

    pub(super) fn synthetic(&self, table: SyntheticTable) -> Checked<SyntheticSection> {
        let ipc = self.at_least("synthetic.ipc", table.ipc, 1)?;
        let files = CompareTable {
            name: String::new(),
            images: table.images,
            images_key: table.images_key,
            labels: table.labels,
            labels_key: table.labels_key,
            learning_rate: table.learning_rate,
        };
        self.set("synthetic", files, ipc)
    }

    /// The distilled sets to compare with, which have as many images per class.
    pub(super) fn compare(&self, tables: Vec<CompareTable>, ipc: usize) -> Checked<Vec<NamedSet>> {
        let mut sets: Vec<NamedSet> = Vec::new();
        for (index, table) in tables.into_iter().enumerate() {
            let section = format!("compare.{index}");
            let name = table.name.clone();
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || !name.chars().all(allowed) {
                let message =
                    format!("{name:?} cannot name an arm; use letters, digits, `-`, `_` and `.`");
                return Err(self.0.error(&format!("{section}.name"), message));
            }
            if sets.iter().any(|set| set.name == name) {
                let message = format!("`{name}` names two sets");
                return Err(self.0.error(&format!("{section}.name"), message));
            }
            let set = self.set(&section, table, ipc)?;
            sets.push(NamedSet { name, set });
        }
        Ok(sets)
    }

    fn set(&self, section: &str, table: CompareTable, ipc: usize) -> Checked<SyntheticSection> {
        let key = |name: &str| format!("{section}.{name}");
        let path = |name: &str, value: Option<String>| {
            value.map(|value| self.0.resolve(&key(name), &value))
        };
        let rate = key("learning_rate");
        let learning_rate = match table.learning_rate {
            None => None,
            Some(toml::Value::String(file)) => {
                Some(LearningRateSource::File(self.0.resolve(&rate, &file)))
            }
            Some(toml::Value::Float(value)) => {
                Some(LearningRateSource::Value(self.learning_rate(&rate, value)?))
            }
            Some(toml::Value::Integer(value)) => Some(LearningRateSource::Value(
                self.learning_rate(&rate, value as f64)?,
            )),
            Some(other) => {
                let message = format!(
                    "expected a number or the path of a tensor file, found {}",
                    other.type_str()
                );
                return Err(self.0.error(&rate, message));
            }
        };
        if table.labels.is_none() && table.labels_key.is_some() {
            return Err(self.0.error(
                &key("labels_key"),
                "there is no `labels` file that this key could be looked up in",
            ));
        }
        Ok(SyntheticSection {
            images: path("images", table.images),
            images_key: table.images_key,
            labels: path("labels", table.labels),
            labels_key: table.labels_key,
            learning_rate,
            ipc,
        })
    }
}
