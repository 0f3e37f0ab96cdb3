//! Values that a `name` chooses, each with keys of its own: an optimizer, a schedule, an augmentation, a criterion.

use crate::error::KeyError;
use crate::key::{Documented, Key, KeyDoc};
use crate::suggestion::nearest;
use crate::table::Table;
use crate::value::{shortened, shown};

/// One of several: its name, its meaning, and its own keys.
#[derive(Clone, Copy)]
pub struct Choice {
    /// What a configuration calls it.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The keys that stand beside its name.
    pub keys: &'static [&'static dyn Documented],
}

impl Choice {
    /// The documentation of its keys.
    pub fn docs(&self) -> Vec<KeyDoc> {
        self.keys.iter().map(|key| key.doc()).collect()
    }
}

/// The names alone: what keys are is known to their types only.
impl std::fmt::Debug for Choice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// A part of a configuration that is written as `{ name = "…", … }`.
pub trait Ingredient: Sized {
    /// What it is, with its article: `an optimizer`.
    const WHAT: &'static str;

    /// All of them, in the order to be shown.
    fn choices() -> Vec<Choice>;

    /// Reads the one of that name, which is among the [`choices`](Self::choices).
    ///
    /// # Errors
    /// If a key is wrong.
    fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError>;
}

/// The key that chooses.
const NAME: Key<String> = Key::needed("name", "which one");

/// Reads an ingredient from a table with `name`, or from the name alone.
///
/// # Errors
/// If the value is no such table, there is no such name, or one of its keys is wrong or unknown.
pub fn read_named<I: Ingredient>(value: toml::Value) -> Result<I, KeyError> {
    let (name, mut table) = match value {
        toml::Value::String(name) => (name, Table::default()),
        toml::Value::Table(table) => {
            let mut table = Table::new(table);
            (table.take(&NAME)?, table)
        }
        value => {
            // The first that needs no more than its name, so that the example can be used as it is.
            let choices = I::choices();
            let simple = choices.iter().find(|choice| choice.keys.is_empty());
            let example = simple.or(choices.first()).map_or("", |choice| choice.name);
            return Err(KeyError::new(format!(
                "{} is not allowed; expected {}: a name such as \"{example}\", or a table such as {{ name = \"{example}\" }}",
                shown(&value),
                I::WHAT
            )));
        }
    };
    let choices = I::choices();
    if !choices.iter().any(|choice| choice.name == name) {
        let names = choices.iter().map(|choice| choice.name);
        return Err(unknown(I::WHAT, &name, names).below("name"));
    }
    table = table.of(&name);
    let read = I::read_choice(&name, &mut table)?;
    table.finish()?;
    Ok(read)
}

/// The word that a value holds.
///
/// # Errors
/// If it is no text, or none of the known ones.
pub fn word<'a>(
    value: &'a toml::Value,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<&'a str, KeyError> {
    match value.as_str() {
        Some(word) if known.clone().any(|known| known == word) => Ok(word),
        Some(word) => Err(unknown(what, word, known)),
        None => {
            let known: Vec<String> = known.map(|word| format!("\"{word}\"")).collect();
            Err(KeyError::new(format!(
                "{} is not {what}; allowed: {}",
                shown(value),
                known.join(", ")
            )))
        }
    }
}

/// The one of several that a value names.
///
/// # Errors
/// As [`word`].
pub fn one_of<'a, T>(
    value: &'a toml::Value,
    what: &str,
    all: impl Iterator<Item = (&'a str, T)> + Clone,
) -> Result<T, KeyError> {
    let chosen = word(value, what, all.clone().map(|(name, _)| name))?;
    let mut all = all;
    // It is among them, or it would have been refused.
    let found = all.find(|(name, _)| *name == chosen);
    found.map(|(_, one)| one).ok_or_else(|| KeyError::new(what))
}

/// The refusal of a word that is none of the known ones, with the one that was probably meant.
fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str> + Clone) -> KeyError {
    let meant = match nearest(word, known.clone()) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => String::new(),
    };
    let known: Vec<String> = known.map(|word| format!("\"{word}\"")).collect();
    let word = shortened(word);
    KeyError::new(format!(
        "`{word}` is not {what}; allowed: {}{meant}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Fruit {
        Apple { weight: f64 },
        Pear,
    }

    const WEIGHT: Key<f64> = Key::new("weight", || 0.2, "in kilograms").positive();

    impl Ingredient for Fruit {
        const WHAT: &'static str = "a fruit";

        fn choices() -> Vec<Choice> {
            vec![
                Choice {
                    name: "apple",
                    meaning: "round",
                    keys: &[&WEIGHT],
                },
                Choice {
                    name: "pear",
                    meaning: "not round",
                    keys: &[],
                },
            ]
        }

        fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError> {
            Ok(match name {
                "apple" => Self::Apple {
                    weight: table.take(&WEIGHT)?,
                },
                _ => Self::Pear,
            })
        }
    }

    fn read(text: &str) -> Result<Fruit, KeyError> {
        let mut table: toml::Table = toml::from_str(&format!("fruit = {text}")).unwrap();
        read_named(table.remove("fruit").unwrap())
    }

    #[test]
    fn names_and_tables_choose() {
        assert_eq!(read("'pear'"), Ok(Fruit::Pear));
        assert_eq!(read("{ name = 'pear' }"), Ok(Fruit::Pear));
        let apple = Fruit::Apple { weight: 1.0 };
        assert_eq!(read("{ name = 'apple', weight = 1 }"), Ok(apple));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, key, part) in [
            (
                "3",
                "",
                "expected a fruit: a name such as \"pear\", or a table such as { name = \"pear\" }",
            ),
            ("{ weight = 1 }", "", "missing key `name`"),
            ("{ name = 'appel' }", "name", "did you mean \"apple\"?"),
            ("{ name = 'plum' }", "name", "allowed: \"apple\", \"pear\""),
            ("{ name = 'apple', weight = -1 }", "weight", "positive"),
            ("{ name = 'pear', weight = 1 }", "weight", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.key, key, "{text}");
            assert!(error.message.contains(part), "{text}: {error}");
        }
    }
}
