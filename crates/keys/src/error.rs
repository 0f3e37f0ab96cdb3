//! What is wrong with the value of a key.

/// A value that a key does not allow, with the place of the key below the value that was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if key.is_empty() { String::new() } else { format!("key `{key}`: ") })]
pub struct KeyError {
    /// The dotted path of the key below the value that was read; empty if it is that value itself.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub message: String,
    /// Whether the key itself is wrong, not its value: there is no such key.
    pub is_unknown: bool,
}

impl KeyError {
    /// An error of the value itself.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            key: String::new(),
            message: message.into(),
            is_unknown: false,
        }
    }

    /// An error of a key below it.
    pub fn at(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
            is_unknown: false,
        }
    }

    /// There is no such key.
    pub(crate) fn unknown(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            is_unknown: true,
            ..Self::at(key, message)
        }
    }

    /// The same error, seen from the value that holds it under this key.
    #[must_use]
    pub fn below(mut self, key: &str) -> Self {
        self.key = match self.key.as_str() {
            "" => key.to_owned(),
            inner => format!("{key}.{inner}"),
        };
        self
    }
}
