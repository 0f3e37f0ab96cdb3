//! What the pixels around a picture hold.

use ddrank_keys::{KeyError, Value};

/// One number for all channels or one each, in the images' own numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fill(pub(crate) Vec<f64>);

impl Value for Fill {
    const KIND: &'static str = "a number or a list of numbers";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        match value {
            list @ toml::Value::Array(_) => Vec::read(list).map(Self),
            one => f64::read(one).map(|number| Self(vec![number])),
        }
    }

    fn write(&self) -> String {
        match self.0.as_slice() {
            [one] => one.write(),
            _ => self.0.write(),
        }
    }
}
