//! Why there is no whitening.

use crate::{ImageShape, ImagesError};

/// Why a whitening cannot be fitted or applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhiteningError {
    /// The regularisation is not a finite positive number.
    #[error("whitening {name} is {value}: expected a finite number above 0")]
    Parameter {
        /// `eps` or `strength`.
        name: &'static str,
        /// The value seen.
        value: f64,
    },
    /// Fewer than two images to fit on.
    #[error("{0} images to fit a whitening on: expected at least 2")]
    TooFewImages(usize),
    /// The matrix would be too large.
    #[error("whitening images of {0} needs a matrix of {n} x {n}: at most {MAX_SIZE} x {MAX_SIZE} is supported", n = .0.len(), MAX_SIZE = MAX_SIZE)]
    TooLarge(ImageShape),
    /// A channel has one value only, so it cannot be standardised.
    #[error("channel {0} has the same value in every training image: it cannot be standardised")]
    ConstantChannel(usize),
    /// The images do not have the shape the whitening was fitted on.
    #[error("images of {found}: the whitening was fitted on {fitted}")]
    Shape {
        /// Shape of the images given.
        found: ImageShape,
        /// Shape fitted on.
        fitted: ImageShape,
    },
    /// The images are not bytes.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// The eigenvalue iteration did not end.
    #[error("the eigendecomposition of the covariance did not converge")]
    NoConvergence,
    /// The cache could not be written.
    #[error("cannot write the whitening cache {}", path.display())]
    Cache {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Largest number of values of an image: 64x64 in colour.
pub(super) const MAX_SIZE: usize = 3 * 64 * 64;
