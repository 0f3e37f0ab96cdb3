//! How many operations of DSA a batch goes through.

use ddrank_keys::{Value, words};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

words! {
    /// How many operations a batch goes through.
    #[derive(Default)]
    pub enum DsaMode ("a mode of DSA") {
        /// `S`: one operation for the whole batch, each of the six equally likely. DD-Ranking's evaluators know this
        /// one only (docs/reference.md, section 3.1).
        #[default]
        Single = "S": "one operation a batch, each of the six equally likely",
        /// `M`: all six operations one after the other.
        Multiple = "M": "all six operations in order",
    }
}

impl<'de> Deserialize<'de> for DsaMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
