//! What an architecture has to offer.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::normalisation::Normalisation;
use crate::paper::Paper;

/// A name of torchvision's own for a model that the grammar of families has another name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spelling {
    /// The name, for example `vgg11_bn`.
    pub(crate) text: &'static str,
    /// The depth that it means; `None` for architectures without one.
    pub(crate) depth: Option<usize>,
    /// The normalisation that it means.
    pub(crate) normalisation: Normalisation,
}

/// What is known of an architecture before any network of it is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    /// Depths that names can have, in ascending order; empty when they carry none. All sources of a family understand the
    /// same names.
    pub(crate) depths: &'static [usize],
    /// Normalisations that names can have, the default one first.
    pub(crate) normalisations: &'static [Normalisation],
    /// torchvision's own names.
    pub(crate) spellings: &'static [Spelling],
    /// Whether the options `width`, `activation` and `pooling` mean anything; where they do not, other values than the
    /// defaults are refused before building.
    pub(crate) has_options: bool,
    /// The network in a sentence.
    pub(crate) summary: &'static str,
    /// The images that it takes, in the words that follow "it takes images of" in messages.
    pub(crate) images: &'static str,
    /// What is left out by chance in training.
    pub(crate) chance: &'static str,
    /// Where it was published.
    pub(crate) paper: Paper,
}

impl Definition {
    /// A definition with nothing special: names without depth and normalisation, no options, any image, nothing left to
    /// chance.
    pub(crate) const fn of(summary: &'static str, paper: Paper) -> Self {
        Self {
            depths: &[],
            normalisations: &[Normalisation::None],
            spellings: &[],
            has_options: false,
            summary,
            images: "any size",
            chance: "nothing",
            paper,
        }
    }
}

/// One network of the table in `network.rs`: what it is, how it is built and how it runs.
///
/// Field names of the implementing modules are PyTorch's attribute names, because they become the state-dict keys.
pub(crate) trait Architecture: Module {
    /// What it is.
    const DEFINITION: Definition;

    /// Refuses what cannot be built.
    fn check(_blueprint: &Blueprint) -> Result<(), Misfit> {
        Ok(())
    }

    /// Builds the network with freshly drawn weights; [`check`](Self::check) has passed.
    fn build<R: Rng + ?Sized>(blueprint: &Blueprint, initialiser: &mut Initialiser<'_, R>) -> Self;

    /// Images `[batch, channels, height, width]` to logits `[batch, classes]`; batch statistics are used and recorded, and
    /// what is left to chance is drawn from `draws`.
    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2>;

    /// Images `[batch, channels, height, width]` to the features `[batch, features]` that the last linear layer sees, in
    /// evaluation mode.
    fn embed(&self, images: Tensor<4>) -> Tensor<2>;

    /// The last linear layer: features `[batch, features]` to logits `[batch, classes]`.
    fn classify(&self, features: Tensor<2>) -> Tensor<2>;

    /// Images `[batch, channels, height, width]` to logits `[batch, classes]`; recorded statistics are used.
    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
        self.classify(self.embed(images))
    }
}
