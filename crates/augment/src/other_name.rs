//! Keys that another program calls differently.

use ddrank_keys::{Key, KeyError, Table};

/// The name that another program has for a key; `own` is the key's own name in backquotes. What it allows is said and
/// checked by the key itself.
pub(crate) const fn other_name(
    name: &'static str,
    own: &'static str,
    meaning: &'static str,
) -> Key<toml::Value> {
    Key::optional(name, own, meaning).of("as under the other name")
}

/// The value of a key under either of its names, or its default.
///
/// # Errors
/// If the value is not allowed, or both names are given: which of two values was meant cannot be known.
pub(crate) fn take_either(
    table: &mut Table,
    key: &Key<f64>,
    other: &Key<toml::Value>,
) -> Result<f64, KeyError> {
    match (table.given(key)?, table.given(other)?) {
        (Some(_), Some(_)) => {
            let (name, own) = (other.name(), key.name());
            let message = format!("`{name}` is the other name of `{own}`; expected one of the two");
            Err(KeyError::at(name, message))
        }
        (Some(value), None) => Ok(value),
        (None, Some(value)) => key.read(value).map_err(|error| error.below(other.name())),
        (None, None) => table.take(key),
    }
}
