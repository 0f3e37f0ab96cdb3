//! One key: the single place of its name, its values, its default and its meaning.

use crate::error::KeyError;
use crate::value::{Value, Whole, refusal};

/// A key of a configuration table, as a constant that parser and documentation share.
#[derive(Debug)]
pub struct Key<T> {
    name: &'static str,
    fallback: Fallback<T>,
    meaning: &'static str,
    allowed: Option<&'static str>,
    is_allowed: fn(&T) -> bool,
}

/// What stands for a key that is not given.
#[derive(Debug)]
enum Fallback<T> {
    /// Nothing: it has to be given.
    Needed,
    /// What the words say; the reader of the key knows how to do it.
    Otherwise(&'static str),
    /// This value. A function, so that lists and texts can stand in a constant.
    Is(fn() -> T),
}

impl<T: Value> Key<T> {
    /// A key with a default.
    pub const fn new(name: &'static str, default: fn() -> T, meaning: &'static str) -> Self {
        Self::with(name, Fallback::Is(default), meaning)
    }

    /// A key that has to be given.
    pub const fn needed(name: &'static str, meaning: &'static str) -> Self {
        Self::with(name, Fallback::Needed, meaning)
    }

    /// A key without a value of its own for its absence; `otherwise` says in words what then holds.
    pub const fn optional(
        name: &'static str,
        otherwise: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self::with(name, Fallback::Otherwise(otherwise), meaning)
    }

    const fn with(name: &'static str, fallback: Fallback<T>, meaning: &'static str) -> Self {
        Self {
            name,
            fallback,
            meaning,
            allowed: None,
            is_allowed: |_| true,
        }
    }

    /// Narrows the values: `allowed` says which, for people, and `is_allowed` decides.
    #[must_use]
    pub const fn where_(mut self, allowed: &'static str, is_allowed: fn(&T) -> bool) -> Self {
        self.allowed = Some(allowed);
        self.is_allowed = is_allowed;
        self
    }

    /// Says the values in words without narrowing them: for a kind that says less than people want to know.
    #[must_use]
    pub const fn of(mut self, allowed: &'static str) -> Self {
        self.allowed = Some(allowed);
        self
    }

    /// Its name in the table.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it has to be given.
    pub const fn is_needed(&self) -> bool {
        matches!(self.fallback, Fallback::Needed)
    }

    /// The value that stands for its absence, if it has one.
    pub fn default(&self) -> Option<T> {
        match self.fallback {
            Fallback::Is(value) => Some(value()),
            Fallback::Needed | Fallback::Otherwise(_) => None,
        }
    }

    /// What it allows, in words.
    pub fn allowed(&self) -> &'static str {
        self.allowed.unwrap_or(T::KIND)
    }

    /// Reads and checks a value of this key; the place of an error is below the key.
    ///
    /// # Errors
    /// If the value is of another kind, or not among those that the key allows.
    pub fn read(&self, value: toml::Value) -> Result<T, KeyError> {
        let written = value.clone();
        let read = T::read(value).map_err(|error| match (error.key.as_str(), self.allowed) {
            ("", Some(allowed)) if T::IS_PLAIN => refusal(&written, allowed),
            _ => error,
        })?;
        if (self.is_allowed)(&read) {
            return Ok(read);
        }
        Err(refusal(&written, self.allowed()))
    }

    /// A value that a program gives instead of a configuration, held against the same rule; an error names the key.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn check(&self, value: impl Into<toml::Value>) -> Result<T, KeyError> {
        let read = self.read(value.into());
        read.map_err(|error| error.below(self.name))
    }
}

impl<T: Whole> Key<T> {
    /// Narrows the values to whole numbers from 1 on.
    #[must_use]
    pub const fn at_least_one(self) -> Self {
        self.where_("a whole number of at least 1", T::is_positive)
    }
}

/// A key narrowed to whole numbers from 1 to a literal: the bound and what is said of it are one.
///
/// ```
/// const EPOCHS: ddrank_keys::Key<u32> =
///     ddrank_keys::one_up_to!(ddrank_keys::Key::needed("epochs", "passes"), 1_000);
/// assert_eq!(EPOCHS.read(1000.into()), Ok(1000));
/// let error = EPOCHS.read(1001.into()).unwrap_err();
/// assert_eq!(error.message, "1001 is not allowed; expected a whole number of at least 1 and at most 1000");
/// ```
#[macro_export]
macro_rules! one_up_to {
    ($key:expr, $most:literal) => {
        $key.where_(
            concat!("a whole number of at least 1 and at most ", $most),
            |number| (1..=$most).contains(number),
        )
    };
}

impl Key<f64> {
    /// Narrows the values to finite numbers above 0.
    #[must_use]
    pub const fn positive(self) -> Self {
        self.where_("a positive number", |value| {
            value.is_finite() && *value > 0.0
        })
    }
}

/// A key as people read about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDoc {
    /// Its name.
    pub name: &'static str,
    /// The values that it allows, in words.
    pub values: String,
    /// Its default as TOML, or in words what holds without it.
    pub default: String,
    /// What it means.
    pub meaning: &'static str,
}

/// What documents itself as a key: a [`Key`] of any type.
pub trait Documented {
    /// Its documentation.
    fn doc(&self) -> KeyDoc;
}

impl<T: Value> Documented for Key<T> {
    fn doc(&self) -> KeyDoc {
        KeyDoc {
            name: self.name,
            values: self.allowed().to_owned(),
            default: match self.fallback {
                Fallback::Needed => "needed".to_owned(),
                Fallback::Otherwise(words) => words.to_owned(),
                Fallback::Is(value) => format!("`{}`", value().write()),
            },
            meaning: self.meaning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Key<f64> = Key::new("rate", || 0.5, "how fast").positive();
    const STEPS: Key<u32> = Key::needed("steps", "how often").at_least_one();

    #[test]
    fn a_value_is_checked_and_a_refusal_says_what_is_allowed() {
        assert_eq!(RATE.read(toml::Value::Integer(2)), Ok(2.0));
        for (value, text) in [
            (toml::Value::Float(-1.5), "-1.5"),
            (toml::Value::Float(f64::NAN), "nan"),
            (toml::Value::String("fast".into()), "\"fast\""),
        ] {
            let message = RATE.read(value).unwrap_err().message;
            assert_eq!(
                message,
                format!("{text} is not allowed; expected a positive number")
            );
        }
        assert!(STEPS.read(toml::Value::Integer(0)).is_err());
        assert!(STEPS.read(toml::Value::Integer(1 << 40)).is_err());
    }

    #[test]
    fn the_documentation_is_that_of_the_constant() {
        let doc = RATE.doc();
        assert_eq!((doc.name, doc.default.as_str()), ("rate", "`0.5`"));
        assert_eq!(doc.values, "a positive number");
        assert_eq!(STEPS.doc().default, "needed");
    }
}
