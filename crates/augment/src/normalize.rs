//! Normalisation of channels.

use std::fmt;

use burn::tensor::{Tensor, TensorData};
use ddrank_keys::{Documented, Key, KeyError, Table, Value};
use rand::Rng;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::transform::Transform;

const MEAN: Key<Vec<f64>> = Key::needed("mean", "what is taken from each channel")
    .where_("a list of finite numbers, one a channel", |mean| {
        !mean.is_empty() && mean.iter().all(|value| value.is_finite())
    });

const STD: Key<Vec<f64>> = Key::needed("std", "what each channel is then divided by").where_(
    "a list of positive numbers, one a channel, as long as `mean`",
    |std| std.iter().all(|value| value.is_finite() && *value > 0.0),
);

/// `(x - mean) / std` of each channel.
///
/// In a training the images are normalised already, by the data set's own numbers; this is for images in \[0, 1\], or to
/// change from one normalisation to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Normalize {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Normalize {
    pub(crate) const MEANING: &'static str =
        "`(x − mean) / std` of each channel, on top of the dataset's own normalisation";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&MEAN, &STD];

    /// Normalisation with these numbers, one a channel.
    ///
    /// # Errors
    ///
    /// When there are none, not as many means as deviations, a number is not finite, or a deviation is not positive.
    pub fn new(mean: Vec<f64>, std: Vec<f64>) -> Result<Self, KeyError> {
        Self::of_one_length(MEAN.check(mean)?, STD.check(std)?)
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Self::of_one_length(table.take(&MEAN)?, table.take(&STD)?)
    }

    fn of_one_length(mean: Vec<f64>, std: Vec<f64>) -> Result<Self, KeyError> {
        if mean.len() == std.len() {
            return Ok(Self { mean, std });
        }
        let (std, allowed) = (std.write(), STD.allowed());
        let message = format!("{std} is not allowed; expected {allowed}");
        Err(KeyError::at(STD.name(), message))
    }
}

impl Transform for Normalize {
    type Draws = ();

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], _: &mut R) {
        let _ = self.fitting(shape);
    }

    fn apply(&self, images: Tensor<4>, (): &()) -> Tensor<4> {
        let [channels, ..] = self.fitting(images.dims());
        let device = images.device().inner();
        let numbers: Vec<f32> = self
            .mean
            .iter()
            .chain(&self.std)
            .map(|value| *value as f32)
            .collect();
        // Both lists in one table, for one transfer.
        let table = Tensor::<2>::from_data(TensorData::new(numbers, [2, channels]), &device);
        let row = |index: usize| {
            let row = table.clone().slice([index..index + 1, 0..channels]);
            row.reshape([1, channels, 1, 1])
        };
        (images - row(0)) / row(1)
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        self.output_shape([channels, 1, 1]).map(|_| None)
    }

    fn draw_ragged<R: Rng + ?Sized>(&self, _: usize, _: &[[usize; 2]], _: &mut R) {}

    fn apply_ragged(&self, images: Tensor<4>, _: &[[usize; 2]], draws: &()) -> Tensor<4> {
        self.apply(images, draws)
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        if shape[0] != self.mean.len() {
            let reason = format!("`mean` and `std` are for {} channels", self.mean.len());
            return Err(AugmentationError::images("normalize", shape, reason));
        }
        Ok(shape)
    }
}

impl fmt::Display for Normalize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, std) = (&self.mean, &self.std);
        write!(
            formatter,
            "normalisation, mean {mean:?}, standard deviation {std:?}"
        )
    }
}
