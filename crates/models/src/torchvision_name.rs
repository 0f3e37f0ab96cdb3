//! torchvision's own names of models of which DD-Ranking has networks too.

use crate::name::Normalisation;
use crate::network::Family;
use crate::{residual, vgg};

/// What one of torchvision's names stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TorchvisionName {
    pub(crate) family: Family,
    pub(crate) depth: Option<usize>,
    pub(crate) normalisation: Normalisation,
}

impl TorchvisionName {
    /// Reads `resnet18`, `vgg11`, `vgg11_bn`, `alexnet` and their like; `None` for everything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|known| known.text() == text)
    }

    /// All of them, in the order in which messages list them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let alexnet = (Family::AlexNet, None, Normalisation::None);
        let resnets =
            residual::DEPTHS.map(|depth| (Family::ResNet, Some(depth), Normalisation::Batch));
        let vggs = [Normalisation::None, Normalisation::Batch]
            .into_iter()
            .flat_map(|norm| vgg::DEPTHS.map(|depth| (Family::Vgg, Some(depth), norm)));
        std::iter::once(alexnet)
            .chain(resnets)
            .chain(vggs)
            .map(|(family, depth, normalisation)| Self {
                family,
                depth,
                normalisation,
            })
    }

    /// torchvision's spelling.
    pub(crate) fn text(self) -> String {
        let mut text = self.family.as_str().to_lowercase();
        if let Some(depth) = self.depth {
            text.push_str(&depth.to_string());
        }
        if self.family == Family::Vgg && self.normalisation == Normalisation::Batch {
            text.push_str("_bn");
        }
        text
    }
}
