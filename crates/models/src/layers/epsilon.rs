//! The constant of normalisations.

/// Added to every variance before the root: PyTorch's default for batch, group and layer normalisation.
pub(crate) const EPSILON: f64 = 1e-5;
