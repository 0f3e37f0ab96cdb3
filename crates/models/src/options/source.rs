//! Who defined an architecture.

use super::choice::choice;
use super::description::OptionDescription;

choice! {
    /// Whose definition of a family is meant: some exist twice, with different layers and state-dict keys.
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    Source:
    /// `ddranking`: the networks of DD-Ranking itself, made for small images.
    Ddranking = "ddranking";
    /// `torchvision`: the networks of torchvision; under DD-Ranking's names with its changes for images of 32 and 64 pixels.
    Torchvision = "torchvision";
}

impl Source {
    /// The key in configurations.
    pub(crate) const KEY: &'static str = "source";

    /// What documentation says about it.
    pub(crate) fn description() -> OptionDescription {
        OptionDescription {
            key: Self::KEY,
            // Not a word, because names such as `resnet18` exist from torchvision alone.
            default: "by the name".to_owned(),
            choices: Self::ALL.map(Self::as_str).to_vec(),
            meaning: "whose networks: DD-Ranking's own, or torchvision's with DD-Ranking's changes of the first \
                      layers for 32x32 and 64x64 pixels. torchvision's own names (`resnet18`, `alexnet`) mean its plain \
                      networks at every size",
        }
    }

    /// What serde leaves out: descriptions written before torchvision's networks existed have no source, and their
    /// hashes must stay.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
