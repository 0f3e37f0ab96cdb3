//! Reading the keys of one augmentation from a configuration.

use serde_json::{Map, Value};

use crate::error::AugmentationError;
use crate::size::Size;

type Read<T> = Result<T, AugmentationError>;

/// The table of one augmentation. Keys are taken out one by one; what is left in the end is unknown.
#[derive(Debug)]
pub(crate) struct Keys {
    name: &'static str,
    table: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Keys {
    pub(crate) fn new(name: &'static str, table: Map<String, Value>) -> Self {
        Self {
            name,
            table,
            known: Vec::new(),
        }
    }

    /// The rest of the table as it is, for a type that reads itself.
    pub(crate) fn rest(&mut self) -> Value {
        Value::Object(std::mem::take(&mut self.table))
    }

    /// The value of a key, which is known from now on.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    fn missing<T>(&self, key: &'static str, allowed: &'static str) -> Read<T> {
        Err(AugmentationError::Missing {
            name: self.name,
            key,
            allowed,
        })
    }

    pub(crate) fn number(&mut self, key: &'static str, default: f64) -> Read<f64> {
        self.take(key).map_or(Ok(default), |value| {
            let refuse = || AugmentationError::value(key, &value, "a number");
            value.as_f64().ok_or_else(refuse)
        })
    }

    /// A number under its own name or the name that another program uses; not under both.
    pub(crate) fn alternative(
        &mut self,
        key: &'static str,
        other: &'static str,
    ) -> Read<Option<f64>> {
        let (own, others) = (self.take(key), self.take(other));
        if let (Some(_), Some(value)) = (&own, &others) {
            let allowed = "absent where its other name is given";
            return Err(AugmentationError::value(other, value, allowed));
        }
        own.map(|value| (key, value))
            .or_else(|| others.map(|value| (other, value)))
            .map(|(key, value)| {
                let refuse = || AugmentationError::value(key, &value, "a number");
                value.as_f64().ok_or_else(refuse)
            })
            .transpose()
    }

    pub(crate) fn flag(&mut self, key: &'static str, default: bool) -> Read<bool> {
        self.take(key).map_or(Ok(default), |value| {
            let refuse = || AugmentationError::value(key, &value, "true or false");
            value.as_bool().ok_or_else(refuse)
        })
    }

    pub(crate) fn count(&mut self, key: &'static str) -> Read<Option<usize>> {
        self.take(key)
            .map(|value| {
                let refuse =
                    || AugmentationError::value(key, &value, "a whole number of at least 0");
                whole(&value).ok_or_else(refuse)
            })
            .transpose()
    }

    pub(crate) fn needed_count(&mut self, key: &'static str, allowed: &'static str) -> Read<usize> {
        match self.count(key)? {
            Some(count) => Ok(count),
            None => self.missing(key, allowed),
        }
    }

    pub(crate) fn range(&mut self, key: &'static str, default: [f64; 2]) -> Read<[f64; 2]> {
        let Some(value) = self.take(key) else {
            return Ok(default);
        };
        let refuse = || AugmentationError::value(key, &value, "two numbers, [smallest, largest]");
        numbers(&value)
            .and_then(|list| list.try_into().ok())
            .ok_or_else(refuse)
    }

    pub(crate) fn needed_numbers(&mut self, key: &'static str) -> Read<Vec<f64>> {
        const ALLOWED: &str = "a list of numbers, one a channel";
        let Some(value) = self.take(key) else {
            return self.missing(key, ALLOWED);
        };
        numbers(&value).ok_or_else(|| AugmentationError::value(key, &value, ALLOWED))
    }

    /// One number or a list of them.
    pub(crate) fn number_or_numbers(&mut self, key: &'static str) -> Read<Option<Vec<f64>>> {
        self.take(key)
            .map(|value| {
                let refuse = || {
                    let allowed = "a number, or a list of numbers, one a channel";
                    AugmentationError::value(key, &value, allowed)
                };
                let one = value.as_f64().map(|number| vec![number]);
                one.or_else(|| numbers(&value)).ok_or_else(refuse)
            })
            .transpose()
    }

    pub(crate) fn needed_size(&mut self, key: &'static str) -> Read<Size> {
        const ALLOWED: &str = "a whole number from 1 to 8192, or two of them, [height, width]";
        let Some(value) = self.take(key) else {
            return self.missing(key, ALLOWED);
        };
        let refuse = || AugmentationError::value(key, &value, ALLOWED);
        Ok(match &value {
            Value::Array(sides) => match sides.as_slice() {
                [height, width] => Size::Exact {
                    height: whole(height).ok_or_else(refuse)?,
                    width: whole(width).ok_or_else(refuse)?,
                },
                _ => return Err(refuse()),
            },
            one => Size::Side(whole(one).ok_or_else(refuse)?),
        })
    }

    pub(crate) fn needed_list(
        &mut self,
        key: &'static str,
        allowed: &'static str,
    ) -> Read<Vec<Value>> {
        match self.take(key) {
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(AugmentationError::value(key, other, allowed)),
            None => self.missing(key, allowed),
        }
    }

    /// Ends the reading: a key that nothing has asked for is an error.
    pub(crate) fn finish(self) -> Read<()> {
        let Some(key) = self.table.keys().next() else {
            return Ok(());
        };
        let known = match self.known.as_slice() {
            [] => "it has none but `name`".to_owned(),
            known => format!("it has `{}`", known.join("`, `")),
        };
        Err(AugmentationError::UnknownKey {
            name: self.name,
            key: key.clone(),
            known,
        })
    }
}

fn whole(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|value| usize::try_from(value).ok())
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
