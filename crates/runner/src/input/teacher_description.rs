//! Teachers as trials know them.

use ddrank_models::ModelSpec;
use serde::Serialize;

/// A teacher, by content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TeacherDescription {
    /// Its architecture.
    pub model: ModelSpec,
    /// Hash of its weights, hexadecimal.
    pub weights: String,
}
