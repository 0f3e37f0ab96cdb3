//! Mixup (Zhang et al., 2018) as DD-Ranking computes it.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::Serialize;

use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::mixing::Mixing;
use crate::partners::{checked_shape, draw_partners, draw_share, select};
use crate::transform::Transform;

/// Every picture x becomes `lambda x + (1 - lambda) partner` with another picture of the batch.
///
/// One share lambda from Beta(alpha, alpha) a batch; every batch is mixed. Labels are not touched, as in DD-Ranking: see
/// [`CutMix`](crate::CutMix).
///
/// Keys: `alpha` (1), from 0.001 to 1000; DD-Ranking's name `lambda` for it is accepted.
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
    /// Mixup with lambda from Beta(alpha, alpha).
    ///
    /// # Errors
    ///
    /// When `alpha` is not between 0.001 and 1000.
    pub fn new(alpha: f64) -> Result<Self, AugmentationError> {
        let alpha = checked_shape("alpha", alpha)?;
        Ok(Self { alpha })
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        match keys.alternative("alpha", "lambda")? {
            Some(alpha) => Self::new(alpha),
            None => Self::new(1.0),
        }
    }
}

impl Transform for Mixup {
    type Draws = MixupDraws;

    fn draw<R: Rng + ?Sized>(&self, [batch, ..]: [usize; 4], generator: &mut R) -> MixupDraws {
        MixupDraws {
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
        write!(formatter, "Mixup, Beta({alpha}, {alpha}), labels not mixed")
    }
}
