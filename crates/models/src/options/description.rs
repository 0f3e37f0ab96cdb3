//! What documentation says about an option.

/// One key of a model's table in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionDescription {
    /// The key.
    pub key: &'static str,
    /// What a model has that does not say.
    pub default: String,
    /// The words that can stand there; empty where it is a number.
    pub choices: Vec<&'static str>,
    /// What it decides, with the models that have it.
    pub meaning: &'static str,
}
