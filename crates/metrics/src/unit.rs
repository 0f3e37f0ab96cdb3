//! What the numbers of a score are.

use serde::{Deserialize, Serialize};

/// The unit of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// An accuracy as a fraction from 0 to 1.
    Accuracy,
    /// A difference of accuracies as a fraction from -1 to 1.
    Difference,
    /// A score from 0 to 100.
    Score,
}
