//! Shuffled patches.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use rand::seq::SliceRandom;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::rearrange::{Places, rearrange};
use crate::transform::Transform;

const FACTOR: Key<usize> = Key::needed("factor", "strips a side; 1 changes nothing").at_least_one();

/// Cuts each picture into `factor` strips along the width and puts them in a random order, then the same along the height
/// with an order of its own.
///
/// A strip is `floor(side / factor)` pixels wide and the last one takes the rest, so the size stays (DD-Ranking's recipes
/// lose or repeat pixels where a side is no multiple of the factor). Factor 2 has 2 x 2 outcomes, not 24: whole rows and
/// columns of patches move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PatchShuffle {
    factor: usize,
}

/// The orders of one picture: the strip at place k of the output is strip `order[k]` of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripOrders {
    /// Along the width.
    pub width: Vec<usize>,
    /// Along the height.
    pub height: Vec<usize>,
}

impl PatchShuffle {
    pub(crate) const MEANING: &'static str = "cut into `factor` strips along the width, put in random order, then the same \
         along the height; the last strip takes the remainder";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&FACTOR];

    /// Strips by `factor`.
    ///
    /// # Errors
    ///
    /// When it is 0.
    pub fn new(factor: usize) -> Result<Self, KeyError> {
        let factor = FACTOR.check(factor as i64)?;
        Ok(Self { factor })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let factor = table.take(&FACTOR)?;
        Ok(Self { factor })
    }

    /// Appends the input line of each output line of one picture.
    fn push_lines(&self, order: &[usize], side: usize, lines: &mut Vec<i32>) {
        assert_eq!(order.len(), self.factor, "the order of the strips");
        let strip = side / self.factor;
        for &index in order {
            let first = index * strip;
            // The last strip takes the remainder, where the recipes' script loses or repeats lines (docs/reference.md,
            // section 3.6).
            let last = if index + 1 == self.factor {
                side
            } else {
                first + strip
            };
            lines.extend(first as i32..last as i32);
        }
    }
}

impl Transform for PatchShuffle {
    /// Two orders a picture.
    type Draws = Vec<StripOrders>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Vec<StripOrders> {
        let _ = self.fitting(shape);
        let mut order = || {
            let mut order: Vec<usize> = (0..self.factor).collect();
            order.shuffle(generator);
            order
        };
        (0..shape[0])
            .map(|_| StripOrders {
                width: order(),
                height: order(),
            })
            .collect()
    }

    fn apply(&self, images: Tensor<4>, draws: &Vec<StripOrders>) -> Tensor<4> {
        let [_, height, width] = self.fitting(images.dims());
        if self.factor == 1 {
            return images;
        }
        let mut places = Places {
            rows: Vec::new(),
            columns: Vec::new(),
            height,
            width,
        };
        for orders in draws {
            self.push_lines(&orders.height, height, &mut places.rows);
            self.push_lines(&orders.width, width, &mut places.columns);
        }
        rearrange(images, places)
    }

    fn output_of_ragged(&self, _: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        Ok(None)
    }

    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Vec<StripOrders> {
        // Orders depend on the factor alone, so any size that fits will do.
        self.draw([sizes.len(), channels, self.factor, self.factor], generator)
    }

    fn apply_ragged(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        draws: &Vec<StripOrders>,
    ) -> Tensor<4> {
        let [_, channels, height, width] = images.dims();
        let mut places = Places {
            rows: Vec::new(),
            columns: Vec::new(),
            height,
            width,
        };
        for (&[rows, columns], orders) in sizes.iter().zip(draws) {
            let _ = self.fitting([1, channels, rows, columns]);
            self.push_lines(&orders.height, rows, &mut places.rows);
            self.push_lines(&orders.width, columns, &mut places.columns);
            // Padding stays where it is.
            places.rows.extend(rows as i32..height as i32);
            places.columns.extend(columns as i32..width as i32);
        }
        rearrange(images, places)
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let factor = self.factor;
        if shape[1] < factor || shape[2] < factor {
            let reason = format!("a side is shorter than `factor` = {factor} strips");
            return Err(AugmentationError::images("patch-shuffle", shape, reason));
        }
        Ok(shape)
    }
}

impl fmt::Display for PatchShuffle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = self.factor;
        write!(formatter, "patches shuffled, {factor} x {factor}")
    }
}
