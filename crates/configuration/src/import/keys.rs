//! The keys of DD-Ranking's configurations: which exist, and their values by type.

use std::path::Path;

use super::document::{Node, Value};
use super::error::ImportError;
use super::reader::{ARS, GENERAL, HARD, Reader, SOFT};
use ddrank_keys::nearest;

const ALL: Reader = HARD | SOFT | ARS | GENERAL;
const TEACHING: Reader = SOFT | ARS | GENERAL;

/// Every key, and which evaluators read it.
const KNOWN: [(&str, Reader); 45] = [
    ("dataset", ALL),
    ("real_data_path", ALL),
    ("ipc", ALL),
    ("im_size", ALL),
    ("model_name", ALL),
    ("use_torchvision", HARD),
    ("stu_use_torchvision", TEACHING),
    ("tea_use_torchvision", TEACHING),
    ("teacher_dir", TEACHING),
    ("teacher_model_names", TEACHING),
    ("data_aug_func", ALL),
    ("aug_params", ALL),
    ("use_zca", ALL),
    ("use_aug_for_hard", SOFT),
    ("custom_train_trans", ALL),
    ("custom_val_trans", ALL),
    ("label_type", ARS),
    ("use_soft_label", GENERAL),
    ("soft_label_mode", TEACHING),
    ("soft_label_criterion", TEACHING),
    ("loss_fn_kwargs", TEACHING),
    ("optimizer", ALL),
    ("lr_scheduler", ALL),
    ("step_size", ALL),
    ("weight_decay", ALL),
    ("momentum", ALL),
    ("num_eval", ALL),
    ("num_epochs", ALL),
    ("real_batch_size", HARD | SOFT | GENERAL),
    ("syn_batch_size", HARD | SOFT | GENERAL),
    ("batch_size", ARS | GENERAL),
    ("eval_full_data", HARD | SOFT),
    // No evaluator's score depends on the rest.
    ("num_workers", ALL),
    ("random_data_format", ALL),
    ("random_data_path", ALL),
    ("save_path", ALL),
    ("device", ALL),
    ("dist", ALL),
    ("default_lr", ALL),
    // Arguments of the call in the reference, not of its configuration: likely to be put into it.
    ("syn_lr", ALL),
    ("lrs_lambda", ALL),
    ("ars_lambda", ALL),
    ("image_path", ALL),
    ("image_tensor", ALL),
    ("soft_labels", ALL),
];

/// The top-level keys of a document.
pub(super) struct Keys<'a> {
    pub(super) path: &'a Path,
    entries: Vec<(&'static str, Reader, &'a Node)>,
    /// Notices about keys that stand there twice, or do not exist.
    pub(super) unknown: Vec<String>,
}

/// The most unknown keys that are told one by one.
const TOLD: usize = 8;

/// The beginning of a key, for messages.
fn shortened(key: &str) -> String {
    key.chars().take(60).collect()
}

impl<'a> Keys<'a> {
    /// The keys of a document; `notices` are about what was seen in it before.
    pub(super) fn new(
        path: &'a Path,
        document: &'a Node,
        notices: Vec<String>,
    ) -> Result<Self, ImportError> {
        let Value::Table(table) = &document.value else {
            let message = format!(
                "expected the keys of a DD-Ranking configuration, found {}",
                document.value
            );
            return Err(ImportError::content(path, Some(document.line), message));
        };
        let mut entries = Vec::new();
        let mut unknown = notices;
        let mut untold = 0;
        let most = unknown.len() + TOLD;
        for entry in table {
            if let Some((name, reader)) = KNOWN.iter().find(|(name, _)| *name == entry.key) {
                entries.push((*name, *reader, &entry.value));
                continue;
            }
            if unknown.len() == most {
                untold += 1;
                continue;
            }
            let hint = nearest(&entry.key, KNOWN.iter().map(|(name, _)| *name))
                .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            unknown.push(format!(
                "`{}` (line {}) is not a key of DD-Ranking and is left out{hint}",
                shortened(&entry.key),
                entry.line
            ));
        }
        if untold > 0 {
            unknown.push(format!(
                "{untold} more keys are none of DD-Ranking and are left out"
            ));
        }
        Ok(Self {
            path,
            entries,
            unknown,
        })
    }

    /// The value of a key; none where it is absent or null. `None` is how Python writes null.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let (_, _, node) = self.entries.iter().find(|(name, ..)| *name == key)?;
        match &node.value {
            Value::Null => None,
            Value::Text(text) if text == "None" => None,
            _ => Some(node),
        }
    }

    /// Whether a key has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The keys with a value that this evaluator does not read.
    pub(super) fn unread(&self, reader: Reader) -> Vec<&'static str> {
        let unread = self
            .entries
            .iter()
            .filter(|(name, readers, _)| readers & reader == 0 && self.has(name));
        unread.map(|(name, ..)| *name).collect()
    }

    /// An error about the value of a key.
    pub(super) fn refuse(&self, key: &str, node: &Node, message: &str) -> ImportError {
        ImportError::content(
            self.path,
            Some(node.line),
            format!("key `{key}`: {message}"),
        )
    }

    fn typed<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ImportError> {
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        let value = read(&node.value);
        if value.is_none() {
            let message = format!("expected {expected}, found {}", node.value);
            return Err(self.refuse(key, node, &message));
        }
        Ok(value)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ImportError> {
        self.typed(key, "a text", |value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ImportError> {
        self.typed(key, "true or false", |value| match value {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A whole number of at least 1.
    pub(super) fn count(&self, key: &str) -> Result<Option<i64>, ImportError> {
        self.typed(key, "a whole number of at least 1", |value| {
            whole(value).filter(|value| *value >= 1)
        })
    }

    /// A finite number of at least 0.
    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, ImportError> {
        self.typed(key, "a number of at least 0", |value| {
            number(value).filter(|value| *value >= 0.0)
        })
    }

    pub(super) fn list(&self, key: &str) -> Result<Option<&'a [Node]>, ImportError> {
        self.typed(key, "a list", |value| match value {
            Value::List(items) => Some(items.as_slice()),
            _ => None,
        })
    }

    /// One of several words, or an error that lists them.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ImportError> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if let Some((_, chosen)) = choices.iter().find(|(name, _)| *name == text) {
            return Ok(Some(*chosen));
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let mut message = format!("{text:?} is none of {}", names.join(", "));
        if let Some(name) = nearest(text, names) {
            message.push_str(&format!("; did you mean {name:?}?"));
        }
        match self.get(key) {
            Some(node) => Err(self.refuse(key, node, &message)),
            None => Ok(None),
        }
    }
}

/// A whole number; `10.0` counts as one.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Whole(value) => Some(*value),
        Value::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i64),
        _ => None,
    }
}

/// A finite number.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Whole(value) => Some(*value as f64),
        Value::Number(value) if value.is_finite() => Some(*value),
        _ => None,
    }
}
