//! CutMix (Yun et al., arXiv 1905.04899) as DD-Ranking computes it.

use std::fmt;
use std::ops::Range;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::mixing::Mixing;
use crate::partners::{SHAPES, draw_partners, draw_share, is_shape, select};
use crate::transform::Transform;

const BETA: Key<f64> =
    Key::new("beta", || 1.0, "β of the distribution of λ").where_(SHAPES, is_shape);

/// A box of every picture is replaced by the same box of another picture of the batch.
///
/// One share lambda from Beta(beta, beta) and one box a batch, of about `1 - lambda` of the area; every batch is mixed.
/// Labels are not touched, as in DD-Ranking: with hard or stored soft labels the mixed picture keeps the label of the first
/// picture, with a teacher that labels batches it gets the label of what it shows. Who mixes labels too gets partners and
/// weights from [`Augmentation::augment_with_mixing`](crate::Augmentation::augment_with_mixing).
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
    pub(crate) const MEANING: &'static str = "λ from Beta(β, β), one a batch: a box of about 1 − λ of the area comes from \
         another image of the batch; for labels see `labels.mix`";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&BETA];

    /// CutMix with lambda from Beta(beta, beta).
    ///
    /// # Errors
    ///
    /// When `beta` is not between 0.001 and 1000.
    pub fn new(beta: f64) -> Result<Self, KeyError> {
        let beta = BETA.check(beta)?;
        Ok(Self { beta })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let beta = table.take(&BETA)?;
        Ok(Self { beta })
    }
}

impl CutMixDraws {
    /// The rows and columns of the box in a picture of this size: sides of `floor(side * sqrt(1 - lambda))`, half of them
    /// (rounded down) on both sides of the centre, cut at the border.
    #[must_use]
    pub fn cut(&self, height: usize, width: usize) -> [Range<usize>; 2] {
        let share = (1.0 - self.lambda).max(0.0).sqrt();
        let range = |side: usize, centre: usize| {
            // Half of it on both sides, so that an odd side loses a line, as in DD-Ranking (docs/reference.md, section 3.2).
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
            // One share and one box for the whole batch, as in the original program.
            lambda: draw_share(self.beta, generator),
            partners: draw_partners(batch, generator),
            // A picture without pixels has no place for a centre, and nothing is cut from it.
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
        // What is left of the box, not 1 - lambda: the original program corrects lambda so, DD-Ranking does not
        // (docs/reference.md, section 3.2).
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
