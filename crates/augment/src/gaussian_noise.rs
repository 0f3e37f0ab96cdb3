//! Gaussian noise.

use std::fmt;

use burn::tensor::{Tensor, TensorData};
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::Serialize;

use crate::transform::Transform;

const MEAN: Key<f64> = Key::new("mean", || 0.0, "mean of the noise")
    .where_("a finite number", |mean| mean.is_finite());

const SIGMA: Key<f64> = Key::new("sigma", || 0.1, "standard deviation of the noise")
    .where_("a number of at least 0", |sigma| {
        sigma.is_finite() && *sigma >= 0.0
    });

const CLIP: Key<bool> = Key::new(
    "clip",
    || false,
    "whether results are cut to 0 to 1, which is for images that are not normalised yet",
);

/// Adds a normal random number to every pixel of every channel, as torchvision's `GaussianNoise`, which cuts the results to
/// \[0, 1\] unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GaussianNoise {
    mean: f64,
    sigma: f64,
    clip: bool,
}

impl GaussianNoise {
    pub(crate) const MEANING: &'static str = "normal noise on every value";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&MEAN, &SIGMA, &CLIP];

    /// Noise with this mean and standard deviation.
    ///
    /// # Errors
    ///
    /// When a number is not finite or `sigma` below 0.
    pub fn new(mean: f64, sigma: f64, clip: bool) -> Result<Self, KeyError> {
        Ok(Self {
            mean: MEAN.check(mean)?,
            sigma: SIGMA.check(sigma)?,
            clip,
        })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            mean: table.take(&MEAN)?,
            sigma: table.take(&SIGMA)?,
            clip: table.take(&CLIP)?,
        })
    }
}

impl Transform for GaussianNoise {
    /// One standard normal number a value of the batch, row-major.
    type Draws = Vec<f32>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Vec<f32> {
        // Drawn on the host, one number a value, so that every device has the same noise.
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
