//! The pooling of a ConvNet.

use super::choice::choice;
use super::description::OptionDescription;

choice! {
    /// The pooling at the end of each block, 2×2 with stride 2; odd sizes lose their last row or column.
    Pooling:
    /// `average`: mean of the four values. The aliases of this and the next are DD-Ranking's spellings.
    Average = "average" | "avgpooling";
    /// `max`: largest of the four values.
    Max = "max" | "maxpooling";
    /// `none`: no pooling; the map keeps its size.
    None = "none";
}

impl Pooling {
    /// The key in configurations.
    pub(crate) const KEY: &'static str = "pooling";

    /// What documentation says about it.
    pub(crate) fn description() -> OptionDescription {
        OptionDescription {
            key: Self::KEY,
            default: Self::default().to_string(),
            choices: Self::ALL.map(Self::as_str).to_vec(),
            meaning: "`ConvNet` only: the 2x2 pooling at the end of each block",
        }
    }
}
