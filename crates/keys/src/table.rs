//! A table of a configuration while it is read.

use crate::error::KeyError;
use crate::key::Key;
use crate::suggestion::nearest;
use crate::value::{Value, shortened};

/// A table whose keys are taken out one by one; what is left in the end is unknown.
#[derive(Clone, Debug, Default)]
pub struct Table {
    table: toml::Table,
    known: Vec<&'static str>,
    /// What the table describes, where a name in it chose that.
    owner: Option<String>,
}

impl Table {
    /// A table of which nothing has been read.
    pub fn new(table: toml::Table) -> Self {
        Self {
            table,
            known: Vec::new(),
            owner: None,
        }
    }

    /// The same table, of what this name chose: refusals of unknown keys say so.
    #[must_use]
    pub(crate) fn of(self, name: &str) -> Self {
        Self {
            owner: Some(name.to_owned()),
            ..self
        }
    }

    /// The value of a key, or its default.
    ///
    /// # Errors
    /// If the value is not allowed, or the key is absent and has no default.
    pub fn take<T: Value>(&mut self, key: &Key<T>) -> Result<T, KeyError> {
        match self.given(key)? {
            Some(value) => Ok(value),
            None => key.default().ok_or_else(|| {
                KeyError::new(format!(
                    "missing key `{}`; expected {}",
                    key.name(),
                    key.allowed()
                ))
            }),
        }
    }

    /// The value of a key, if it is given.
    ///
    /// # Errors
    /// If the value is not allowed.
    pub fn given<T: Value>(&mut self, key: &Key<T>) -> Result<Option<T>, KeyError> {
        if !self.known.contains(&key.name()) {
            self.known.push(key.name());
        }
        self.table
            .remove(key.name())
            .map(|value| key.read(value).map_err(|error| error.below(key.name())))
            .transpose()
    }

    /// Writes a value that is given in another way, before it is read.
    pub fn rewrite<T: Value>(&mut self, key: &Key<T>, value: impl Into<toml::Value>) {
        if let Some(given) = self.table.get_mut(key.name()) {
            *given = value.into();
        }
    }

    /// Whether a key is given and has not been taken out yet.
    pub fn has<T: Value>(&self, key: &Key<T>) -> bool {
        self.table.contains_key(key.name())
    }

    /// The names of the keys that have been asked for, in that order.
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If a key is left that nobody asked for: it is named, with those that there are.
    pub fn finish(self) -> Result<(), KeyError> {
        let Some(key) = self.table.keys().next() else {
            return Ok(());
        };
        let owner = match &self.owner {
            Some(name) => format!(" of `{name}`"),
            None => String::new(),
        };
        let known = match self.known.as_slice() {
            [] => "there are none here".to_owned(),
            known => format!("expected one of `{}`", known.join("`, `")),
        };
        let meant = match nearest(key, self.known.iter().copied()) {
            Some(word) => format!("; did you mean `{word}`?"),
            None => String::new(),
        };
        let message = format!("unknown field `{}`{owner}, {known}{meant}", shortened(key));
        Err(KeyError::unknown(key.clone(), message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCHS: Key<u32> = Key::new("epochs", || 10, "passes").at_least_one();
    const NAME: Key<String> = Key::needed("name", "what it is called");

    fn table(text: &str) -> Table {
        Table::new(toml::from_str(text).unwrap())
    }

    #[test]
    fn keys_are_taken_and_the_rest_is_unknown() {
        let mut read = table("name = 'x'\nepoch = 3");
        assert_eq!(read.take(&NAME).unwrap(), "x");
        assert_eq!(read.take(&EPOCHS).unwrap(), 10);
        let error = read.finish().unwrap_err();
        assert_eq!(error.key, "epoch");
        assert!(error.message.contains("`epoch`"), "{error}");
        assert!(error.message.contains("`name`, `epochs`"), "{error}");
        assert!(error.message.contains("did you mean `epochs`?"), "{error}");
    }

    #[test]
    fn a_missing_key_and_a_wrong_value_are_named() {
        let error = table("").take(&NAME).unwrap_err();
        assert!(error.message.contains("missing key `name`"), "{error}");
        let error = table("epochs = 0").take(&EPOCHS).unwrap_err();
        assert_eq!(error.key, "epochs");
        assert!(error.message.contains("at least 1"), "{error}");
    }
}
