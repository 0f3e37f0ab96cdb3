//! What a family of networks has to offer.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::initialise::Initialiser;
use crate::name::Normalisation;
use crate::spec::{InputShape, ModelError, ModelSpec};

/// The names that a family understands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar {
    /// Allowed depths, in ascending order; empty when the name carries no depth.
    pub(crate) depths: &'static [usize],
    /// Allowed normalisations, the default one first.
    pub(crate) normalisations: &'static [Normalisation],
}

/// One family of networks: its names, how it is built and how it runs.
///
/// Field names of the implementing modules are PyTorch's attribute names, because they become the state-dict keys.
pub(crate) trait Architecture: Module {
    /// The names that this family understands.
    const GRAMMAR: Grammar;
    /// Whether the options `width`, `activation` and `pooling` mean anything; where they do not, other values than the
    /// defaults are refused before building.
    const HAS_OPTIONS: bool = false;

    /// Builds the network with freshly drawn weights.
    ///
    /// The caller has checked `classes >= 2`, `width >= 1` and that no side of `input` is zero.
    fn build<R: Rng + ?Sized>(
        spec: &ModelSpec,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Self, ModelError>;

    /// Images `[batch, channels, height, width]` to logits `[batch, classes]`; batch statistics are used and recorded, and
    /// what is left to chance is drawn from `draws`.
    fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2>;

    /// Images `[batch, channels, height, width]` to logits `[batch, classes]`; recorded statistics are used.
    fn forward_eval(&self, images: Tensor<4>) -> Tensor<2>;

    /// Images `[batch, channels, height, width]` to the features `[batch, features]` that the last linear layer sees, in
    /// evaluation mode.
    fn embed(&self, images: Tensor<4>) -> Tensor<2>;
}
