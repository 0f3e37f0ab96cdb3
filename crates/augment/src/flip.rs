//! Horizontal flips.

use std::fmt;

use burn::tensor::{Tensor, TensorData};
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::error::AugmentationError;
use crate::rearrange::{Places, rearrange};
use crate::transform::Transform;

const P: Key<f64> = Key::new("p", || 0.5, "probability with which each image is mirrored")
    .where_("a probability from 0 to 1", |p| (0.0..=1.0).contains(p));

/// Mirrors each picture left and right with probability `p`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Flip {
    p: f64,
}

impl Flip {
    pub(crate) const MEANING: &'static str = "mirrored left and right with this probability";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&P];

    /// Flips with this probability.
    ///
    /// # Errors
    ///
    /// When it is not between 0 and 1.
    pub fn new(p: f64) -> Result<Self, KeyError> {
        let p = P.check(p)?;
        Ok(Self { p })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let p = table.take(&P)?;
        Ok(Self { p })
    }
}

impl Transform for Flip {
    /// For each picture whether it is mirrored.
    type Draws = Vec<bool>;

    fn draw<R: Rng + ?Sized>(&self, [batch, ..]: [usize; 4], generator: &mut R) -> Vec<bool> {
        (0..batch)
            // Strictly below: the numbers are in [0, 1), so that probability 0 mirrors none and 1 mirrors all.
            .map(|_| generator.random::<f64>() < self.p)
            .collect()
    }

    fn apply(&self, images: Tensor<4>, draws: &Vec<bool>) -> Tensor<4> {
        let [batch, ..] = images.dims();
        assert_eq!(draws.len(), batch, "draws and pictures of the batch");
        if !draws.contains(&true) {
            return images;
        }
        if let Some(mirrored) = ddrank_kernels::mirror(&images, draws) {
            return mirrored;
        }
        let numbers: Vec<f32> = draws.iter().map(|&is| f32::from(u8::from(is))).collect();
        let numbers = TensorData::new(numbers, [batch, 1, 1, 1]);
        let numbers = Tensor::<4>::from_data(numbers, &images.device().inner());
        let mask = numbers.greater_elem(0.5).expand(images.dims());
        let mirrored = images.clone().flip([3]);
        images.mask_where(mask, mirrored)
    }

    fn output_of_ragged(&self, _: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        Ok(None)
    }

    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Vec<bool> {
        self.draw([sizes.len(), channels, 0, 0], generator)
    }

    fn apply_ragged(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        draws: &Vec<bool>,
    ) -> Tensor<4> {
        let [batch, _, height, width] = images.dims();
        assert_eq!(draws.len(), batch, "draws and pictures of the batch");
        let mut columns = Vec::with_capacity(batch * width);
        for (&[_, own], &is_mirrored) in sizes.iter().zip(draws) {
            // Within the picture's own width: its padding stays on the right.
            columns.extend((0..width).map(|column| {
                if is_mirrored && column < own {
                    (own - 1 - column) as i32
                } else {
                    column as i32
                }
            }));
        }
        let places = Places {
            rows: (0..batch).flat_map(|_| 0..height as i32).collect(),
            columns,
            height,
            width,
        };
        rearrange(images, places)
    }
}

impl fmt::Display for Flip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "horizontal flip with probability {}", self.p)
    }
}
