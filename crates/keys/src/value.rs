//! The kinds of values that keys hold.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::KeyError;

/// A type that reads itself from TOML and writes itself as TOML.
pub trait Value: Sized {
    /// The kind of value in words, with its article: `a whole number`.
    const KIND: &'static str;

    /// Whether a refusal may be replaced by what a key allows: true of numbers and texts, whose kind says less than the
    /// key, and false of what explains itself.
    const IS_PLAIN: bool = true;

    /// Whether a text is wanted. A number, a truth value or a date is then the text that it is written as: quotes are easily
    /// lost on a command line, and `0` is a good name of a tensor.
    const IS_TEXT: bool = false;

    /// Reads a value.
    ///
    /// # Errors
    /// If it is of another kind or not allowed; the place is below the value.
    fn read(value: toml::Value) -> Result<Self, KeyError>;

    /// As it would stand in a file.
    fn write(&self) -> String;
}

/// The kind of a TOML value in the words that people use for it.
pub fn kind_of(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) => "a whole number",
        toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}

/// A kind of whole number.
pub trait Whole: Value {
    /// Whether it is 1 or more.
    fn is_positive(&self) -> bool;
}

fn other<T: Value>(value: &toml::Value) -> KeyError {
    refusal(value, T::KIND)
}

/// A value as messages show it: on one line, and cut where it is long.
pub fn shown(value: &toml::Value) -> String {
    let text = match value {
        toml::Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    };
    shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A word as messages show it: control characters escaped, and cut where it is long.
pub(crate) fn shortened(word: &str) -> String {
    const LONGEST: usize = 80;
    let mut text = String::new();
    for (place, character) in word.chars().enumerate() {
        match character {
            _ if place == LONGEST => {
                text.push('…');
                break;
            }
            control if control.is_control() => text.extend(control.escape_default()),
            other => text.push(other),
        }
    }
    text
}

/// The refusal of a value, with what is allowed in its place.
pub fn refusal(value: &toml::Value, allowed: &str) -> KeyError {
    KeyError::new(format!(
        "{} is not allowed; expected {allowed}",
        shown(value)
    ))
}

/// The text of a plain value: its own, or what it is written as.
fn text(value: toml::Value) -> Result<String, toml::Value> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => Ok(value.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => Err(value),
    }
}

macro_rules! whole {
    ($($number:ty),+) => { $(
        impl Value for $number {
            const KIND: &'static str = "a whole number of at least 0";

            fn read(value: toml::Value) -> Result<Self, KeyError> {
                let number = value.as_integer().and_then(|number| Self::try_from(number).ok());
                number.ok_or_else(|| other::<Self>(&value))
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }

        impl Whole for $number {
            fn is_positive(&self) -> bool {
                *self > 0
            }
        }
    )+ };
}

whole!(u32, u64, usize);

impl Value for f64 {
    const KIND: &'static str = "a number";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        match value {
            toml::Value::Float(number) => Ok(number),
            toml::Value::Integer(number) => Ok(number as Self),
            value => Err(other::<Self>(&value)),
        }
    }

    fn write(&self) -> String {
        // As people write them: 0.001, but 1e-8.
        if *self != 0.0 && self.abs() < 1e-4 {
            format!("{self:e}")
        } else {
            self.to_string()
        }
    }
}

impl Value for bool {
    const KIND: &'static str = "`true` or `false`";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        value.as_bool().ok_or_else(|| other::<Self>(&value))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Value for String {
    const KIND: &'static str = "a text";
    const IS_TEXT: bool = true;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        text(value).map_err(|value| other::<Self>(&value))
    }

    fn write(&self) -> String {
        format!("{self:?}")
    }
}

/// The text of a path, as it stands in a file: who reads the file knows which folder it is relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathText(pub String);

impl Value for PathText {
    const KIND: &'static str = "a path";
    const IS_TEXT: bool = true;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        text(value).map(Self).map_err(|value| other::<Self>(&value))
    }

    fn write(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// A list; errors name the place of an entry, from 0.
impl<T: Value> Value for Vec<T> {
    const KIND: &'static str = "a list";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let toml::Value::Array(entries) = value else {
            return Err(other::<Self>(&value));
        };
        let entries = entries.into_iter().enumerate();
        entries
            .map(|(place, entry)| T::read(entry).map_err(|error| error.below(&place.to_string())))
            .collect()
    }

    fn write(&self) -> String {
        list(self)
    }
}

/// Exactly two.
impl<T: Value> Value for [T; 2] {
    const KIND: &'static str = "a list of two";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let refusal = other::<Self>(&value);
        Vec::<T>::read(value)?.try_into().map_err(|_| refusal)
    }

    fn write(&self) -> String {
        list(self)
    }
}

fn list<T: Value>(entries: &[T]) -> String {
    let entries: Vec<String> = entries.iter().map(T::write).collect();
    format!("[{}]", entries.join(", "))
}

/// A value that is written as a text and parses itself: a name of a grammar of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed<T>(pub T);

impl<T: FromStr<Err: Display> + Display> Value for Parsed<T> {
    const KIND: &'static str = "a name";
    const IS_PLAIN: bool = false;
    const IS_TEXT: bool = true;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let text = String::read(value)?;
        let parsed = text.parse::<T>();
        parsed
            .map(Self)
            .map_err(|error| KeyError::new(error.to_string()))
    }

    fn write(&self) -> String {
        format!("{:?}", self.0.to_string())
    }
}

/// A value that reads and writes itself through serde, and says by itself what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Described<T>(pub T);

impl<T: DeserializeOwned + Serialize> Value for Described<T> {
    const KIND: &'static str = "a value";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let read = value.try_into();
        read.map(Self)
            .map_err(|error: toml::de::Error| KeyError::new(error.message()))
    }

    fn write(&self) -> String {
        // What TOML has no form for has no default either.
        toml::Value::try_from(&self.0).map_or_else(|_| "?".to_owned(), |value| value.to_string())
    }
}

/// As it is, for what is read later, when more is known.
impl Value for toml::Value {
    const KIND: &'static str = "a value";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        Ok(value)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Value for toml::Table {
    const KIND: &'static str = "a table";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        match value {
            toml::Value::Table(table) => Ok(table),
            value => Err(other::<Self>(&value)),
        }
    }

    fn write(&self) -> String {
        toml::Value::Table(self.clone()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        fn again<T: Value + PartialEq + std::fmt::Debug>(value: T) {
            let text = format!("key = {}", value.write());
            let mut table: toml::Table = toml::from_str(&text).unwrap();
            assert_eq!(T::read(table.remove("key").unwrap()), Ok(value), "{text}");
        }
        again(1000_u32);
        again(5e-4);
        again(1e-8);
        again(0.0);
        again(true);
        again("a \"text\"\n".to_owned());
        again(vec![0.001, 0.1]);
        again([3_usize, 4]);
        again(PathText("a/b c".into()));
    }

    #[test]
    fn the_place_of_a_wrong_entry_is_told() {
        let list = toml::Value::Array(vec![1.into(), "x".into()]);
        let error = Vec::<f64>::read(list).unwrap_err();
        assert_eq!(error.key, "1");
        assert!(<[f64; 2]>::read(toml::Value::Array(vec![1.into()])).is_err());
        assert!(u32::read((-1).into()).is_err());
    }

    #[test]
    fn where_a_text_is_wanted_a_plain_value_is_one() {
        let table: toml::Table =
            toml::from_str("a = 2024\nb = 0.0\nc = true\nd = 2024-01-31\ne = \"x\"").unwrap();
        for (key, text) in [
            ("a", "2024"),
            ("b", "0.0"),
            ("c", "true"),
            ("d", "2024-01-31"),
            ("e", "x"),
        ] {
            assert_eq!(String::read(table[key].clone()), Ok(text.to_owned()));
            assert_eq!(
                PathText::read(table[key].clone()),
                Ok(PathText(text.into()))
            );
        }
        let error = String::read(toml::Value::Array(vec![1.into()])).unwrap_err();
        assert_eq!(error.message, "[1] is not allowed; expected a text");
    }

    #[test]
    fn long_values_and_lines_are_shown_short() {
        let long = toml::Value::Array(vec![toml::Value::Integer(7); 1000]);
        assert!(shown(&long).chars().count() <= 81);
        assert_eq!(
            shown(&"two\nlines\u{1b}[1m".into()),
            r#""two\nlines\u{1b}[1m""#
        );
    }
}
