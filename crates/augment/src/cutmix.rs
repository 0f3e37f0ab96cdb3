//! CutMix (Yun et al., 2019) as DD-Ranking computes it.

use std::fmt;
use std::ops::Range;

use burn::tensor::Tensor;
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::mixing::Mixing;
use crate::partners::{checked_shape, draw_partners, draw_share, select};
use crate::transform::Transform;

/// A box of every picture is replaced by the same box of another picture of the batch.
///
/// One share lambda from Beta(beta, beta) and one box a batch, of about `1 - lambda` of the area; every batch is mixed.
/// Labels are not touched, as in DD-Ranking: with hard or stored soft labels the mixed picture keeps the label of the first
/// picture, with a teacher that labels batches it gets the label of what it shows. Who mixes labels too gets partners and
/// weights from [`Augmentation::augment_with_mixing`](crate::Augmentation::augment_with_mixing).
///
/// Keys: `beta` (1), from 0.001 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CutMix {
    beta: f64,
}

/// The random numbers of [`CutMix`].
#[derive(Clone, Debug, PartialEq)]
pub struct CutMixDraws {
    /// The share of the picture that stays, 0 to 1.
    pub lambda: f64,
    /// For each picture the one that its box comes from.
    pub partners: Vec<i32>,
    /// Row of the box's centre, 0 to height - 1.
    pub row: usize,
    /// Column of the box's centre, 0 to width - 1.
    pub column: usize,
}

impl CutMix {
    /// CutMix with lambda from Beta(beta, beta).
    ///
    /// # Errors
    ///
    /// When `beta` is not between 0.001 and 1000.
    pub fn new(beta: f64) -> Result<Self, AugmentationError> {
        let beta = checked_shape("beta", beta)?;
        Ok(Self { beta })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        Self::new(keys.number("beta", 1.0)?)
    }
}

impl CutMixDraws {
    /// The rows and columns of the box in a picture of this size: sides of `floor(side * sqrt(1 - lambda))`, half of them
    /// (rounded down) on both sides of the centre, cut at the border.
    #[must_use]
    pub fn cut(&self, height: usize, width: usize) -> [Range<usize>; 2] {
        let share = (1.0 - self.lambda).max(0.0).sqrt();
        let range = |side: usize, centre: usize| {
            let half = (side as f64 * share) as usize / 2;
            centre.saturating_sub(half)..(centre + half).min(side)
        };
        [range(height, self.row), range(width, self.column)]
    }
}

impl Transform for CutMix {
    type Draws = CutMixDraws;

    fn draw<R: Rng + ?Sized>(
        &self,
        [batch, _, height, width]: [usize; 4],
        generator: &mut R,
    ) -> CutMixDraws {
        CutMixDraws {
            lambda: draw_share(self.beta, generator),
            partners: draw_partners(batch, generator),
            row: generator.random_range(0..height.max(1)),
            column: generator.random_range(0..width.max(1)),
        }
    }

    fn apply(&self, images: Tensor<4>, draws: &CutMixDraws) -> Tensor<4> {
        let [batch, channels, height, width] = images.dims();
        let [rows, columns] = draws.cut(height, width);
        if batch == 0 || rows.is_empty() || columns.is_empty() {
            return images;
        }
        let (at, across) = (rows.clone(), columns.clone());
        if let Some(mixed) = ddrank_kernels::paste(&images, &draws.partners, at, across) {
            return mixed;
        }
        let place = [0..batch, 0..channels, rows, columns];
        let patch = select(images.clone().slice(place.clone()), &draws.partners);
        images.slice_assign(place, patch)
    }

    fn mixes(&self) -> usize {
        1
    }

    fn mixing(&self, _: usize, sizes: &[[usize; 2]], draws: &CutMixDraws) -> Option<Mixing> {
        let &[height, width] = sizes.first()?;
        let [rows, columns] = draws.cut(height, width);
        let share = (rows.len() * columns.len()) as f64 / (height * width) as f64;
        Some(Mixing::new(&draws.partners, 1.0 - share))
    }
}

impl fmt::Display for CutMix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beta = self.beta;
        write!(formatter, "CutMix, Beta({beta}, {beta})")
    }
}
