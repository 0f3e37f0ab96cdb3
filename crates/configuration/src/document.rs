//! The TOML text with `--set` overrides applied, and where each key stands in it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml_edit::{Document, DocumentMut, Item, Table, Value};

use crate::error::{ConfigurationError, ValueError};

/// One `--set path.to.key=value` of the command line. The value is TOML; what is not valid TOML is taken as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    argument: String,
    path: Vec<String>,
    value: String,
}

impl FromStr for Override {
    type Err = ConfigurationError;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        let refuse = |reason: &str| ConfigurationError::Override {
            argument: argument.into(),
            reason: reason.into(),
        };
        let (key, value) = argument
            .split_once('=')
            .ok_or_else(|| refuse("expected `path.to.key=value`"))?;
        let path: Vec<String> = key
            .trim()
            .split('.')
            .map(|part| part.trim().to_owned())
            .collect();
        if path.iter().any(String::is_empty) {
            return Err(refuse(
                "the key has an empty part; expected `path.to.key=value`",
            ));
        }
        Ok(Self {
            argument: argument.to_owned(),
            path,
            value: value.trim().to_owned(),
        })
    }
}

/// A parsed file: its text with the overrides in place, and which keys they set.
pub(crate) struct ConfigurationText {
    path: PathBuf,
    pub(crate) text: String,
    overridden: BTreeSet<String>,
    spans: Document<String>,
}

impl ConfigurationText {
    /// Reads `path` and applies the overrides in order.
    pub(crate) fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigurationError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, text, overrides)
    }

    /// As [`Self::read`], for text that is already in memory; `path` is for messages and relative paths.
    pub(crate) fn parse(
        path: &Path,
        text: String,
        overrides: &[Override],
    ) -> Result<Self, ConfigurationError> {
        let syntax = |text: &str, error: toml_edit::TomlError| {
            let message = format!("not valid TOML: {}", error.message());
            ConfigurationError::Value(Box::new(ValueError::new(
                path,
                text,
                error.span(),
                None,
                message,
            )))
        };
        let text = if overrides.is_empty() {
            text
        } else {
            let mut document: DocumentMut = text.parse().map_err(|error| syntax(&text, error))?;
            for change in overrides {
                change.apply(&mut document)?;
            }
            document.to_string()
        };
        let spans = Document::parse(text.clone()).map_err(|error| syntax(&text, error))?;
        let overridden = overrides
            .iter()
            .map(|change| change.path.join("."))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            text,
            overridden,
            spans,
        })
    }

    /// The text as a table of values that nobody has looked at.
    pub(crate) fn table(&self) -> Result<toml::Table, ConfigurationError> {
        toml::from_str(&self.text).map_err(|error| {
            let error =
                ValueError::new(&self.path, &self.text, error.span(), None, error.message());
            ConfigurationError::Value(Box::new(error))
        })
    }

    /// An error about the value of a dotted key. If the key is absent, the nearest table above it is shown.
    pub(crate) fn error(&self, key: &str, message: impl Into<String>) -> ConfigurationError {
        self.at(key, self.locate(key), message.into())
    }

    fn at(&self, key: &str, span: Option<Range<usize>>, mut message: String) -> ConfigurationError {
        if self.is_overridden(key) {
            message.push_str(" (set with --set)");
        }
        let named = (!key.is_empty()).then_some(key);
        let error = ValueError::new(&self.path, &self.text, span, named, message);
        ConfigurationError::Value(Box::new(error))
    }

    /// An error about a dotted key that does not exist: the key itself is shown, not its value.
    pub(crate) fn unknown_key(&self, key: &str, message: impl Into<String>) -> ConfigurationError {
        let (above, name) = key.rsplit_once('.').unwrap_or(("", key));
        let table = self.item(above).and_then(Item::as_table_like);
        let span = table.and_then(|table| table.key(name)?.span());
        self.at(key, span.or_else(|| self.locate(key)), message.into())
    }

    /// The value of a dotted key, if it is there; the whole file for an empty one.
    fn item(&self, key: &str) -> Option<&Item> {
        let mut item = self.spans.as_item();
        for part in key.split('.').filter(|part| !part.is_empty()) {
            item = match part.parse::<usize>() {
                Ok(index) if !item.is_table_like() => item.get(index)?,
                _ => item.get(part)?,
            };
        }
        Some(item)
    }

    /// Resolves a path that a key holds: against the working directory for `--set`, otherwise against the file's folder.
    pub(crate) fn resolve(&self, key: &str, value: &str) -> PathBuf {
        if self.is_overridden(key) {
            return PathBuf::from(value);
        }
        match self.path.parent() {
            Some(folder) => folder.join(value),
            None => PathBuf::from(value),
        }
    }

    /// Whether `--set` gave the key, or a table or list around it.
    fn is_overridden(&self, key: &str) -> bool {
        let within = |set: &String| {
            key.strip_prefix(set.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.overridden.iter().any(within)
    }

    fn locate(&self, key: &str) -> Option<Range<usize>> {
        let mut item = self.spans.as_item();
        let mut span = None;
        for part in key.split('.') {
            let next = match part.parse::<usize>() {
                Ok(index) if !item.is_table_like() => item.get(index),
                _ => item.get(part),
            };
            let Some(next) = next else { break };
            item = next;
            span = item.span().or(span);
        }
        span
    }
}

impl Override {
    fn apply(&self, document: &mut DocumentMut) -> Result<(), ConfigurationError> {
        let refuse = |reason: String| ConfigurationError::Override {
            argument: self.argument.clone(),
            reason,
        };
        let mut item: &mut Item = document.as_item_mut();
        for (depth, part) in self.path.iter().enumerate() {
            let above = || self.path[..depth].join(".");
            if item.is_array_of_tables() || item.is_array() {
                let entry = part
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| item.get_mut(index));
                let Some(entry) = entry else {
                    let message = format!(
                        "`{}` is a list without an entry `{part}`; its first one is 0",
                        above()
                    );
                    return Err(refuse(message));
                };
                item = entry;
                continue;
            }
            let Some(table) = item.as_table_like_mut() else {
                return Err(refuse(format!("`{}` is a value, not a table", above())));
            };
            let last = depth + 1 == self.path.len();
            item = table.entry(part).or_insert_with(|| {
                if last {
                    Item::None
                } else {
                    Item::Table(Table::new())
                }
            });
        }
        let value =
            Value::from_str(&self.value).unwrap_or_else(|_| Value::from(self.value.as_str()));
        let whole = value.is_inline_table() || value.is_array();
        if (item.is_table() || item.is_array_of_tables()) && !whole {
            return Err(refuse(
                "this key is a table; set one of the keys inside it, or give a whole table".into(),
            ));
        }
        *item = Item::Value(value);
        Ok(())
    }
}
