//! Mixup (Zhang et al., arXiv 1710.09412) as DD-Ranking computes it.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use serde::Serialize;

use crate::mixing::Mixing;
use crate::other_name::{other_name, take_either};
use crate::partners::{SHAPES, draw_partners, draw_share, is_shape, select};
use crate::transform::Transform;

const ALPHA: Key<f64> =
    Key::new("alpha", || 1.0, "α of the distribution of λ").where_(SHAPES, is_shape);

const LAMBDA: Key<toml::Value> = other_name("lambda", "`alpha`", "DD-Ranking's name of `alpha`");

/// Every picture x becomes `lambda x + (1 - lambda) partner` with another picture of the batch.
///
/// One share lambda from Beta(alpha, alpha) a batch; every batch is mixed. Labels are not touched, as in DD-Ranking: see
/// [`CutMix`](crate::CutMix).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mixup {
    alpha: f64,
}

/// The random numbers of [`Mixup`].
#[derive(Clone, Debug, PartialEq)]
pub struct MixupDraws {
    /// The weight of the picture itself, 0 to 1.
    pub lambda: f64,
    /// For each picture the one that is mixed in.
    pub partners: Vec<i32>,
}

impl Mixup {
    pub(crate) const MEANING: &'static str = "λ from Beta(α, α), one a batch: λ image + (1 − λ) another image of the batch; \
         for labels see `labels.mix`";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&ALPHA, &LAMBDA];

    /// Mixup with lambda from Beta(alpha, alpha).
    ///
    /// # Errors
    ///
    /// When `alpha` is not between 0.001 and 1000.
    pub fn new(alpha: f64) -> Result<Self, KeyError> {
        let alpha = ALPHA.check(alpha)?;
        Ok(Self { alpha })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let alpha = take_either(table, &ALPHA, &LAMBDA)?;
        Ok(Self { alpha })
    }
}

impl Transform for Mixup {
    type Draws = MixupDraws;

    fn draw<R: Rng + ?Sized>(&self, [batch, ..]: [usize; 4], generator: &mut R) -> MixupDraws {
        MixupDraws {
            // One share for the whole batch, as in the original program and DD-Ranking (docs/reference.md, section 3.3).
            lambda: draw_share(self.alpha, generator),
            partners: draw_partners(batch, generator),
        }
    }

    fn apply(&self, images: Tensor<4>, draws: &MixupDraws) -> Tensor<4> {
        if images.dims()[0] == 0 {
            return images;
        }
        let partners = select(images.clone(), &draws.partners);
        images.mul_scalar(draws.lambda) + partners.mul_scalar(1.0 - draws.lambda)
    }

    fn mixes(&self) -> usize {
        1
    }

    fn mixing(&self, _: usize, _: &[[usize; 2]], draws: &MixupDraws) -> Option<Mixing> {
        Some(Mixing::new(&draws.partners, draws.lambda))
    }
}

impl fmt::Display for Mixup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alpha = self.alpha;
        write!(formatter, "Mixup, Beta({alpha}, {alpha})")
    }
}
