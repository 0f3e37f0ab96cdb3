//! What identifies a trial.

use std::fmt;

use serde::{Deserialize, Serialize};

/// BLAKE3 of a trial's description in canonical form, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrialKey(String);

impl TrialKey {
    /// The key of a description in canonical form.
    pub(crate) fn of(description: &[u8]) -> Self {
        Self(blake3::hash(description).to_hex().to_string())
    }
}

impl fmt::Display for TrialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TrialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
