//! What comes of an import.

/// A DD-Ranking configuration as TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The configuration; the notices stand at its top as comments.
    pub toml: String,
    /// What was left out, changed or taken from a default, one sentence each.
    pub notices: Vec<String>,
}
