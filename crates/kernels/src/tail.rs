//! What follows a normalisation.

/// What follows a normalisation in the same pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tail {
    /// Nothing.
    Nothing,
    /// ReLU.
    Relu,
    /// Average pooling, 2 x 2 with stride 2; an odd last row or column is dropped, as in PyTorch.
    AveragePool,
    /// ReLU, then that pooling.
    ReluAveragePool,
}

impl Tail {
    /// Whether there is a ReLU.
    pub fn rectifies(self) -> bool {
        matches!(self, Self::Relu | Self::ReluAveragePool)
    }

    /// Whether there is pooling.
    pub fn pools(self) -> bool {
        matches!(self, Self::AveragePool | Self::ReluAveragePool)
    }
}
