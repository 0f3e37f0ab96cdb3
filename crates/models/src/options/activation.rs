//! The non-linearity of a ConvNet.

use super::choice::choice;
use super::description::OptionDescription;

choice! {
    /// The non-linearity after each normalisation.
    Activation:
    /// `relu`: max(x, 0).
    Relu = "relu";
    /// `sigmoid`: 1 / (1 + exp(-x)).
    Sigmoid = "sigmoid";
    /// `leaky-relu`: x, times 0.01 where negative. The alias is DD-Ranking's spelling.
    LeakyRelu = "leaky-relu" | "leakyrelu";
}

impl Activation {
    /// The key in configurations.
    pub(crate) const KEY: &'static str = "activation";

    /// What documentation says about it.
    pub(crate) fn description() -> OptionDescription {
        OptionDescription {
            key: Self::KEY,
            default: Self::default().to_string(),
            choices: Self::ALL.map(Self::as_str).to_vec(),
            meaning: "`ConvNet` only: the non-linearity after each normalisation",
        }
    }
}
