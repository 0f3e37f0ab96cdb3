//! What CutMix and Mixup share: a partner for every picture, and the share lambda of the batch.

use burn::tensor::{Int, Tensor, TensorData};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_distr::{Beta, Distribution};

/// The parameters a of Beta(a, a), in words.
pub(crate) const SHAPES: &str = "a number from 0.001 to 1000";

/// Whether a number is one of them. Below 0.001 and above 1000 the distribution is a coin or a constant to single
/// precision.
pub(crate) fn is_shape(shape: &f64) -> bool {
    (0.001..=1000.0).contains(shape)
}

/// One number from Beta(shape, shape), 0 to 1.
pub(crate) fn draw_share<R: Rng + ?Sized>(shape: f64, generator: &mut R) -> f64 {
    #[expect(
        clippy::expect_used,
        reason = "the parameter was checked to be positive"
    )]
    let beta = Beta::new(shape, shape).expect("a positive parameter");
    beta.sample(generator)
}

/// A permutation of the batch.
pub(crate) fn draw_partners<R: Rng + ?Sized>(batch: usize, generator: &mut R) -> Vec<i32> {
    // A permutation and not free draws: every picture is mixed in once, and may meet itself.
    let mut partners: Vec<i32> = (0..batch as i32).collect();
    partners.shuffle(generator);
    partners
}

/// The picture of each picture's partner.
///
/// # Panics
///
/// When there is not one partner a picture.
pub(crate) fn select(images: Tensor<4>, partners: &[i32]) -> Tensor<4> {
    let [batch, ..] = images.dims();
    assert_eq!(partners.len(), batch, "partners and pictures of the batch");
    let indices = TensorData::new(partners.to_vec(), [batch]);
    let indices = Tensor::<1, Int>::from_data(indices, &images.device().inner());
    images.select(0, indices)
}
