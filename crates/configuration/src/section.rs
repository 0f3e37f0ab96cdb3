//! A table of the file while it is read: keys with their places.

use std::cell::RefCell;
use std::path::PathBuf;

use ddrank_keys::{Key, KeyError, PathText, Table, Value};

use crate::document::ConfigurationText;
use crate::error::ConfigurationError;

pub(crate) type Checked<T> = Result<T, ConfigurationError>;

/// A table of the file whose keys are taken out one by one; what is left in the end is an error that names it.
pub(crate) struct Section<'a> {
    file: &'a File,
    /// The dotted path of the table; empty for the file itself.
    path: String,
    table: Table,
}

/// The file that sections belong to, and what is to be said about it.
pub(crate) struct File {
    pub(crate) text: ConfigurationText,
    notices: RefCell<Vec<String>>,
}

impl File {
    pub(crate) fn new(text: ConfigurationText) -> Self {
        Self {
            text,
            notices: RefCell::default(),
        }
    }

    /// The whole file.
    pub(crate) fn root(&self) -> Checked<Section<'_>> {
        Ok(self.section(String::new(), self.text.table()?))
    }

    pub(crate) fn section(&self, path: String, table: toml::Table) -> Section<'_> {
        Section {
            file: self,
            path,
            table: Table::new(table),
        }
    }

    /// Notes that a key has no use here; a file may serve several metrics.
    pub(crate) fn unused(&self, key: &str, why: &str) {
        let mut notices = self.notices.borrow_mut();
        notices.push(format!("key `{key}` is not used: {why}"));
    }

    /// Notes what a reader of the report should know.
    pub(crate) fn remark(&self, sentence: String) {
        self.notices.borrow_mut().push(sentence);
    }

    pub(crate) fn into_notices(self) -> Vec<String> {
        self.notices.into_inner()
    }
}

impl<'a> Section<'a> {
    /// The dotted path of a key of this table.
    pub(crate) fn path_of(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            (path, "") => path.to_owned(),
            ("", key) => key.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }

    /// What a part of the configuration reads from this table by itself.
    pub(crate) fn read<T>(
        &mut self,
        read: impl FnOnce(&mut Table) -> Result<T, KeyError>,
    ) -> Checked<T> {
        let read = read(&mut self.table);
        read.map_err(|error| self.place(error))
    }

    /// The value of a key, or its default.
    pub(crate) fn take<T: Value>(&mut self, key: &Key<T>) -> Checked<T> {
        self.spell(key);
        let taken = self.table.take(key);
        taken.map_err(|error| self.place(error))
    }

    /// The value of a key, if it is given.
    pub(crate) fn given<T: Value>(&mut self, key: &Key<T>) -> Checked<Option<T>> {
        self.spell(key);
        let given = self.table.given(key);
        given.map_err(|error| self.place(error))
    }

    /// Where a text is wanted, a number is the text that it is written as.
    fn spell<T: Value>(&mut self, key: &Key<T>) {
        let path = self.path_of(key.name());
        if T::IS_TEXT
            && let Some(written) = self.file.text.spelling(&path)
        {
            self.table.rewrite(key, written);
        }
    }

    /// Whether `--set` gave the value of a key.
    pub(crate) fn is_overridden<T: Value>(&self, key: &Key<T>) -> bool {
        self.file.text.is_overridden(&self.path_of(key.name()))
    }

    /// Whether `--set` gave the value of a key, or of one inside it.
    pub(crate) fn is_touched<T: Value>(&self, key: &Key<T>) -> bool {
        self.file.text.is_touched(&self.path_of(key.name()))
    }

    /// Whether a key is given and has not been taken yet.
    pub(crate) fn has<T: Value>(&self, key: &Key<T>) -> bool {
        self.table.has(key)
    }

    /// The path of a key, resolved: against the folder of the file, or the working directory for `--set`.
    pub(crate) fn path(&mut self, key: &Key<PathText>) -> Checked<Option<PathBuf>> {
        let Some(PathText(text)) = self.given(key)? else {
            return Ok(None);
        };
        Ok(Some(self.resolve(key.name(), &text)))
    }

    pub(crate) fn resolve(&self, key: &str, text: &str) -> PathBuf {
        self.file.text.resolve(&self.path_of(key), text)
    }

    /// The table under a key; an empty one where there is none and the key may be left out.
    pub(crate) fn section(&mut self, key: &Key<toml::Table>) -> Checked<Section<'a>> {
        let table = if key.is_needed() {
            self.take(key)?
        } else {
            self.given(key)?.unwrap_or_default()
        };
        Ok(self.file.section(self.path_of(key.name()), table))
    }

    /// The tables of the list under a key.
    pub(crate) fn sections(&mut self, key: &Key<Vec<toml::Table>>) -> Checked<Vec<Section<'a>>> {
        let tables = self.given(key)?.unwrap_or_default();
        let entries = tables.into_iter().enumerate();
        let section = |(index, table)| {
            let path = format!("{}.{index}", self.path_of(key.name()));
            self.file.section(path, table)
        };
        Ok(entries.map(section).collect())
    }

    /// Refuses a key of this table if it is given.
    pub(crate) fn refuse<T: Value>(&mut self, key: &Key<T>, why: &str) -> Checked<()> {
        match self.given(key)? {
            Some(_) => Err(self.error(key.name(), why)),
            None => Ok(()),
        }
    }

    /// An error about a key of this table, or with an empty key about the table.
    pub(crate) fn error(&self, key: &str, message: impl Into<String>) -> ConfigurationError {
        self.file.text.error(&self.path_of(key), message)
    }

    /// Notes that a key of this table has no use here.
    pub(crate) fn unused(&self, key: &str, why: &str) {
        self.file.unused(&self.path_of(key), why);
    }

    /// Ends the reading: a key that is left is an error.
    pub(crate) fn finish(self) -> Checked<()> {
        let (file, path) = (self.file, self.path);
        self.table.finish().map_err(|error| {
            let section = file.section(path, toml::Table::new());
            section.place(error)
        })
    }

    fn place(&self, error: KeyError) -> ConfigurationError {
        let key = self.path_of(&error.key);
        if error.is_unknown {
            return self.file.text.unknown_key(&key, error.message);
        }
        self.file.text.error(&key, error.message)
    }
}
