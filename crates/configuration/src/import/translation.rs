//! What the parts of the translation share: the keys, what they are for, and what there is to say.

use std::str::FromStr;

use ddrank_models::ModelName;

use super::document::Node;
use super::error::ImportError;
use super::keys::{Keys, whole};
use super::metric::{decide, has_soft_labels, reader};
use super::reader::{ARS, GENERAL, HARD, Reader};
use crate::Metric;
use crate::template::{ReferenceDataset, Source};
use ddrank_keys::nearest;

/// Keys that have no place in a configuration here, and why.
const DROPPED: [(&str, &str); 13] = [
    (
        "num_workers",
        "there are no worker processes; --jobs sets the trainings at once",
    ),
    ("device", "--device names the device"),
    ("dist", "one process uses one device"),
    (
        "save_path",
        "results are in runs/<name>; --runs names another folder",
    ),
    (
        "random_data_format",
        "random images are taken from the real data in memory, without recompression",
    ),
    (
        "random_data_path",
        "random images are taken from the real data in memory",
    ),
    (
        "default_lr",
        "DD-Ranking does not read it either; if it is the set's own learning rate, give it as synthetic.learning_rate",
    ),
    (
        "syn_lr",
        "DD-Ranking takes it as an argument, not from the file; give it as synthetic.learning_rate",
    ),
    (
        "lrs_lambda",
        "DD-Ranking takes it as an argument, not from the file; give it as weight",
    ),
    (
        "ars_lambda",
        "DD-Ranking takes it as an argument, not from the file; give it as weight",
    ),
    (
        "image_path",
        "DD-Ranking takes it as an argument, not from the file; give it as synthetic.images",
    ),
    (
        "image_tensor",
        "DD-Ranking takes it as an argument, not from the file; give a tensor file as synthetic.images",
    ),
    (
        "soft_labels",
        "DD-Ranking takes it as an argument, not from the file; give a file as synthetic.labels",
    ),
];

/// What the parts of the translation share: the keys, what they are for, and what there is to say.
pub(super) struct Work<'a> {
    pub(super) keys: Keys<'a>,
    pub(super) reader: Reader,
    pub(super) soft: bool,
    pub(super) dataset: ReferenceDataset,
    pub(super) notices: Vec<String>,
    /// Keys without a value that were given the reference's default: as shown to the user.
    defaults: Vec<String>,
}

/// The dataset, which must be named.
fn dataset(keys: &Keys<'_>) -> Result<ReferenceDataset, ImportError> {
    let names = ReferenceDataset::ALL.map(ReferenceDataset::reference_name);
    let Some(text) = keys.text("dataset")? else {
        let message = format!(
            "the key `dataset` is missing; DD-Ranking knows {}",
            names.join(", ")
        );
        return Err(ImportError::content(keys.path, None, message));
    };
    let found = ReferenceDataset::ALL
        .into_iter()
        .find(|known| known.reference_name().eq_ignore_ascii_case(text));
    match (found, keys.get("dataset")) {
        (Some(dataset), _) => Ok(dataset),
        (None, Some(node)) => {
            let hint = nearest(text, names)
                .map_or_else(String::new, |name| format!("; did you mean {name:?}?"));
            let message = format!(
                "{text:?} is not a dataset of DD-Ranking, which knows {}{hint}",
                names.join(", ")
            );
            Err(keys.refuse("dataset", node, &message))
        }
        (None, None) => Err(ImportError::content(keys.path, None, "no dataset")),
    }
}

impl<'a> Work<'a> {
    /// The work on these keys, for the metric that was asked for or that they decide.
    pub(super) fn begin(
        keys: Keys<'a>,
        asked: Option<Metric>,
    ) -> Result<(Self, Metric), ImportError> {
        let (metric, notice) = decide(&keys, asked)?;
        let reader = reader(&keys, metric)?;
        let soft = has_soft_labels(&keys, reader)?;
        let work = Self {
            dataset: dataset(&keys)?,
            notices: notice.into_iter().chain(keys.unknown.clone()).collect(),
            keys,
            reader,
            soft,
            defaults: Vec::new(),
        };
        Ok((work, metric))
    }

    /// Records a notice.
    pub(super) fn say(&mut self, notice: impl Into<String>) {
        self.notices.push(notice.into());
    }

    /// Records that a key without a value was given the reference's default.
    pub(super) fn defaulted(&mut self, key: &str, value: impl std::fmt::Display) {
        self.defaults.push(format!("{key} = {value}"));
    }

    pub(super) fn count_or(&mut self, key: &str, default: i64) -> Result<i64, ImportError> {
        let value = self.keys.count(key)?;
        if value.is_none() {
            self.defaulted(key, default);
        }
        Ok(value.unwrap_or(default))
    }

    /// Everything there is to say, in the order of the file's interest.
    pub(super) fn finish(mut self, metric: Metric) -> Vec<String> {
        if !self.defaults.is_empty() {
            let text = format!(
                "keys without a value, taken from DD-Ranking's defaults or what its published configurations have: {}",
                self.defaults.join(", ")
            );
            self.say(text);
        }
        for (key, reason) in DROPPED {
            if self.keys.has(key) {
                self.say(format!("`{key}` is left out: {reason}"));
            }
        }
        let metric = match self.reader {
            HARD => "LRS with hard labels".to_owned(),
            ARS => "ARS".to_owned(),
            GENERAL => "plain accuracy".to_owned(),
            _ => format!("{} with soft labels", metric.name().to_uppercase()),
        };
        for key in self.keys.unread(self.reader) {
            self.say(format!("`{key}` is left out: {metric} does not read it"));
        }
        let relative = ["real_data_path", "teacher_dir"].into_iter().any(|key| {
            let path = self.keys.text(key).ok().flatten();
            path.is_some_and(|path| std::path::Path::new(path).is_relative())
        });
        if relative {
            self.say("relative paths are relative to the TOML file; DD-Ranking's are relative to the directory in which it is started");
        }
        self.notices
    }

    /// The experiment's name: that of the file.
    pub(super) fn name(&self) -> String {
        let stem = self.keys.path.file_stem().unwrap_or_default();
        let name: String = stem
            .to_string_lossy()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let name = name.trim_start_matches('.');
        if name.is_empty() {
            "imported".to_owned()
        } else {
            name.to_owned()
        }
    }

    pub(super) fn ipc(&mut self) -> Result<i64, ImportError> {
        let Some(ipc) = self.keys.count("ipc")? else {
            let message = "the key `ipc`, the images per class, is missing";
            return Err(ImportError::content(self.keys.path, None, message));
        };
        let name = self.name().to_lowercase();
        let named: Option<i64> = name.rsplit_once("ipc").and_then(|(_, rest)| {
            let digits: String = rest
                .trim_start_matches(['-', '_'])
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            digits.parse().ok()
        });
        if let Some(named) = named.filter(|named| *named != ipc) {
            self.say(format!(
                "`ipc` is {ipc}, but the file's name says {named}: check which is right"
            ));
        }
        Ok(ipc)
    }

    /// `im_size`: height and width.
    pub(super) fn size(&mut self) -> Result<[i64; 2], ImportError> {
        let side = |node: &Node| whole(&node.value).filter(|side| (1..=8192).contains(side));
        let Some(items) = self.keys.list("im_size")? else {
            return Ok([self.dataset.side(); 2]);
        };
        match items {
            [height, width] => match (side(height), side(width)) {
                (Some(height), Some(width)) => Ok([height, width]),
                _ => Err(self.wrong_size()),
            },
            _ => Err(self.wrong_size()),
        }
    }

    fn wrong_size(&self) -> ImportError {
        let message = "expected a list of height and width, each 1 to 8192";
        match self.keys.get("im_size") {
            Some(node) => self.keys.refuse("im_size", node, message),
            None => ImportError::content(self.keys.path, None, message),
        }
    }

    pub(super) fn zca(&mut self) -> Result<bool, ImportError> {
        Ok(self.keys.flag("use_zca")?.unwrap_or(false))
    }

    /// The source that a flag for torchvision names.
    pub(super) fn source(&self, key: &str) -> Result<Source, ImportError> {
        Ok(match self.keys.flag(key)? {
            Some(true) => Source::Torchvision,
            _ => Source::Ddranking,
        })
    }

    /// That a model of this name exists.
    pub(super) fn check_model(
        &self,
        key: &str,
        node: &Node,
        name: &str,
    ) -> Result<(), ImportError> {
        match ModelName::from_str(name) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.keys.refuse(key, node, &error.to_string())),
        }
    }
}
