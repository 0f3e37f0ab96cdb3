//! Values that a program gives instead of a configuration.

use ddrank_keys::{Key, KeyError, Value};

/// The value, held against the rule of its key: constructors and configurations have the same limits and words.
pub(crate) fn checked<T: Value>(
    key: &Key<T>,
    value: impl Into<toml::Value>,
) -> Result<T, KeyError> {
    let read = key.read(value.into());
    read.map_err(|error| error.below(key.name()))
}
