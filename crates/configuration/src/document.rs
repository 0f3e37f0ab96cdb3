//! The TOML text with `--set` overrides applied, and where each key stands in the file.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ddrank_files::read_regular_file;
use toml_edit::{Document, DocumentMut, Item, Table, Value};

use crate::error::{ConfigurationError, ValueError};
use crate::no_configuration::why_none;

/// The largest file that is read, in bytes; a configuration has a few kilobytes.
const LARGEST_FILE: u64 = 256 << 10;

/// The most parts of a dotted key; the deepest that means something has five.
const MOST_PARTS: usize = 16;

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
            argument: shortened(argument),
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
        if path.len() > MOST_PARTS {
            let parts = path.len();
            return Err(refuse(&format!(
                "the key has {parts} parts; no key has more than {MOST_PARTS}"
            )));
        }
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

/// The beginning of an argument, for messages.
fn shortened(argument: &str) -> String {
    ddrank_keys::shown(&argument.into())
        .trim_matches('"')
        .to_owned()
}

/// A parsed file: its text with the overrides in place, and which keys they set.
pub(crate) struct ConfigurationText {
    path: PathBuf,
    /// With the overrides in place: what is read.
    pub(crate) text: String,
    spelled: Document<String>,
    overridden: BTreeSet<String>,
    /// As it stands in the file: what places are shown in.
    file: Document<String>,
}

impl ConfigurationText {
    /// Reads `path` and applies the overrides in order.
    pub(crate) fn read(path: &Path, overrides: &[Override]) -> Result<Self, ConfigurationError> {
        let bytes = read_regular_file(path, LARGEST_FILE).map_err(|source| {
            let folder = source.kind() == ErrorKind::IsADirectory;
            match why_none(path, b"").filter(|_| folder) {
                Some(reason) => ConfigurationError::not_one(path, reason),
                None => ConfigurationError::Read {
                    path: path.to_owned(),
                    source,
                },
            }
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => {
                let reason = why_none(path, text.as_bytes());
                let parsed = Self::parse(path, text, overrides);
                // A file with another name that is a configuration is one.
                match (parsed, reason) {
                    (Err(ConfigurationError::Value(_)), Some(reason)) => {
                        Err(ConfigurationError::not_one(path, reason))
                    }
                    (parsed, _) => parsed,
                }
            }
            Err(error) => {
                let reason = why_none(path, error.as_bytes()).unwrap_or("it is not UTF-8 text");
                Err(ConfigurationError::not_one(path, reason))
            }
        }
    }

    /// As [`Self::read`], for text that is already in memory; `path` is for messages and relative paths.
    pub(crate) fn parse(
        path: &Path,
        text: String,
        overrides: &[Override],
    ) -> Result<Self, ConfigurationError> {
        let parse = |text: &str| {
            Document::parse(text.to_owned()).map_err(|error| {
                let mut message = format!("not valid TOML: {}", error.message());
                if let Some(word) = error.span().and_then(|span| bare_word(text, span.start)) {
                    message = format!("not valid TOML: a text needs quotes, \"{word}\"");
                }
                let error = ValueError::new(path, text, error.span(), None, message);
                ConfigurationError::Value(Box::new(error))
            })
        };
        let file = parse(&text)?;
        let mut text = text;
        if !overrides.is_empty() {
            let mut document: DocumentMut = file.clone().into_mut();
            for change in overrides {
                change.apply(&mut document)?;
            }
            text = document.to_string();
        }
        let overridden = overrides
            .iter()
            .map(|change| change.path.join("."))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            spelled: parse(&text)?,
            text,
            overridden,
            file,
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
        // What `--set` gave, or made, stands in no line of the file.
        let is_set = self.is_overridden(key) || self.is_made_by_override(key);
        if is_set {
            message.push_str(" (set with --set)");
        }
        let named = (!key.is_empty()).then_some(key);
        let span = span.filter(|_| !is_set);
        let error = ValueError::new(&self.path, self.file.raw(), span, named, message);
        ConfigurationError::Value(Box::new(error))
    }

    /// An error about a dotted key that does not exist: the key itself is shown, not its value.
    pub(crate) fn unknown_key(&self, key: &str, message: impl Into<String>) -> ConfigurationError {
        let (above, name) = key.rsplit_once('.').unwrap_or(("", key));
        let table = find(&self.file, above).and_then(Item::as_table_like);
        let span = table.and_then(|table| table.key(name)?.span());
        self.at(key, span.or_else(|| self.locate(key)), message.into())
    }

    /// How a plain value is written that is no text: `0.10`, which as a number is 0.1.
    pub(crate) fn spelling(&self, key: &str) -> Option<&str> {
        let value = find(&self.spelled, key)?.as_value()?;
        let is_plain = value.is_integer() || value.is_float() || value.is_bool();
        let span = value.span().filter(|_| is_plain || value.is_datetime())?;
        self.text.get(span)
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
    pub(crate) fn is_overridden(&self, key: &str) -> bool {
        let within = |set: &String| is_within(key, set);
        self.overridden.iter().any(within)
    }

    /// Whether `--set` gave the key, a table around it, or a key inside it.
    pub(crate) fn is_touched(&self, key: &str) -> bool {
        let inside = |set: &String| is_within(set, key);
        self.is_overridden(key) || self.overridden.iter().any(inside)
    }

    /// Whether a key is there because `--set` gave one inside it.
    fn is_made_by_override(&self, key: &str) -> bool {
        !key.is_empty() && find(&self.file, key).is_none() && self.is_touched(key)
    }

    fn locate(&self, key: &str) -> Option<Range<usize>> {
        let mut item = self.file.as_item();
        let mut span = None;
        for part in key.split('.') {
            let Some(next) = step(item, part) else { break };
            item = next;
            span = item.span().or(span);
        }
        span
    }
}

/// The word without quotes that stands at a place in the position of a value, if one does.
fn bare_word(text: &str, place: usize) -> Option<&str> {
    let line = text.get(..place)?.rfind('\n').map_or(0, |at| at + 1);
    let is_value = text[line..place].trim_end().ends_with(['=', '[', ',']);
    let rest = text.get(place..)?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || "-_./".contains(c)));
    let word = &rest[..end.unwrap_or(rest.len())];
    let is_word = word.starts_with(|c: char| c.is_alphabetic()) && word.len() <= 60;
    (is_value && is_word).then_some(word)
}

/// Whether a dotted key is another one, or stands inside it.
fn is_within(key: &str, table: &str) -> bool {
    key.strip_prefix(table)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The value of a dotted key, if it is there; the whole file for an empty one.
fn find<'a>(document: &'a Document<String>, key: &str) -> Option<&'a Item> {
    let mut parts = key.split('.').filter(|part| !part.is_empty());
    parts.try_fold(document.as_item(), step)
}

/// The value of a key of a table, or of an entry of a list.
fn step<'a>(item: &'a Item, part: &str) -> Option<&'a Item> {
    match part.parse::<usize>() {
        Ok(index) if !item.is_table_like() => item.get(index),
        _ => item.get(part),
    }
}

impl Override {
    fn apply(&self, document: &mut DocumentMut) -> Result<(), ConfigurationError> {
        let refuse = |reason: String| ConfigurationError::Override {
            argument: shortened(&self.argument),
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
        *item = Item::Value(self.value().map_err(refuse)?);
        Ok(())
    }

    /// The value: TOML, or the text itself where it is none.
    fn value(&self) -> Result<Value, String> {
        let text = self.value.as_str();
        let is_between = |open, close| text.starts_with(open) && text.ends_with(close);
        match Value::from_str(text) {
            Ok(value) => Ok(value),
            Err(error) if is_between('[', ']') || is_between('{', '}') => Err(format!(
                "the value is no valid list or table: {}; texts inside it need quotes, as in '[\"a\", \"b\"]' and '{{ name = \"a\" }}'",
                error.message().trim()
            )),
            Err(_) => Ok(Value::from(text)),
        }
    }
}
