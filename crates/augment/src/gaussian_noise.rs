//! Gaussian noise.

use std::fmt;

use burn::tensor::{Tensor, TensorData};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::transform::Transform;

/// Adds a normal random number to every pixel of every channel, as torchvision's `GaussianNoise`.
///
/// Keys: `mean` (0), `sigma` (0.1, at least 0), `clip` (false): whether results are cut to \[0, 1\], which is for images
/// that are not normalised yet. torchvision cuts unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GaussianNoise {
    mean: f64,
    sigma: f64,
    clip: bool,
}

impl GaussianNoise {
    /// Noise with this mean and standard deviation.
    ///
    /// # Errors
    ///
    /// When a number is not finite or `sigma` below 0.
    pub fn new(mean: f64, sigma: f64, clip: bool) -> Result<Self, AugmentationError> {
        if !mean.is_finite() {
            return Err(AugmentationError::value("mean", mean, "a finite number"));
        }
        if !(sigma.is_finite() && sigma >= 0.0) {
            let allowed = "a number of at least 0";
            return Err(AugmentationError::value("sigma", sigma, allowed));
        }
        Ok(Self { mean, sigma, clip })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        let (mean, sigma) = (keys.number("mean", 0.0)?, keys.number("sigma", 0.1)?);
        Self::new(mean, sigma, keys.flag("clip", false)?)
    }
}

impl Transform for GaussianNoise {
    /// One standard normal number a value of the batch, row-major.
    type Draws = Vec<f32>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Vec<f32> {
        (0..shape.iter().product())
            .map(|_| generator.sample(StandardNormal))
            .collect()
    }

    fn apply(&self, images: Tensor<4>, draws: &Vec<f32>) -> Tensor<4> {
        let shape = images.dims();
        let count: usize = shape.iter().product();
        assert_eq!(draws.len(), count, "draws and values of the batch");
        let noise = TensorData::new(draws.clone(), shape);
        let noise = Tensor::<4>::from_data(noise, &images.device().inner());
        let noisy = images + noise.mul_scalar(self.sigma).add_scalar(self.mean);
        if self.clip {
            return noisy.clamp(0.0, 1.0);
        }
        noisy
    }
}

impl fmt::Display for GaussianNoise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, sigma) = (self.mean, self.sigma);
        write!(
            formatter,
            "Gaussian noise, mean {mean}, standard deviation {sigma}"
        )?;
        if self.clip {
            formatter.write_str(", cut to 0 to 1")?;
        }
        Ok(())
    }
}
