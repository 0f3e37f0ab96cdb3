//! What is left out by chance in training.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand::Rng;

/// One factor a draw: 0 with the given probability, else the inverse of the probability to stay.
///
/// A factor takes one 32-bit word of the generator and is 0 where the word is below `probability * 2^32`.
fn factors<R: Rng + ?Sized>(count: usize, probability: f64, draws: &mut R) -> Vec<f32> {
    let limit = (probability * (1_u64 << 32) as f64).round() as u64;
    let kept = (1.0 / (1.0 - probability)) as f32;
    (0..count)
        .map(|_| {
            if u64::from(draws.next_u32()) < limit {
                0.0
            } else {
                kept
            }
        })
        .collect()
}

/// PyTorch's `Dropout`: in training every value is zeroed with a probability, and the others are scaled so that the mean
/// stays. In evaluation there is nothing to do.
///
/// The mask is drawn on the host, value by value, and uploaded as one tensor.
#[derive(Module, Debug)]
pub(crate) struct Dropout {
    #[module(skip)]
    probability: f64,
}

impl Dropout {
    /// Zeroes with `probability`, which is in [0, 1).
    pub(crate) fn new(probability: f64) -> Self {
        debug_assert!((0.0..1.0).contains(&probability));
        Self { probability }
    }

    /// One pass in training mode. Nothing is drawn where the probability is 0.
    pub(crate) fn forward_train<const D: usize, R: Rng + ?Sized>(
        &self,
        input: Tensor<D>,
        draws: &mut R,
    ) -> Tensor<D> {
        if self.probability == 0.0 {
            return input;
        }
        let shape = input.dims();
        let mask = factors(shape.iter().product(), self.probability, draws);
        let mask = Tensor::from_data(TensorData::new(mask, shape), &input.device());
        input * mask
    }
}

/// torchvision's `StochasticDepth` of mode `row`: in training the whole branch is zeroed with a probability, image by
/// image, and scaled where it stays. In evaluation there is nothing to do.
///
/// One factor an image is drawn on the host.
#[derive(Module, Debug)]
pub(crate) struct StochasticDepth {
    #[module(skip)]
    probability: f64,
}

impl StochasticDepth {
    /// Zeroes with `probability`, which is in [0, 1).
    pub(crate) fn new(probability: f64) -> Self {
        debug_assert!((0.0..1.0).contains(&probability));
        Self { probability }
    }

    /// One pass in training mode; the first axis of `branch` is the images. Nothing is drawn where the probability is 0.
    pub(crate) fn forward_train<const D: usize, R: Rng + ?Sized>(
        &self,
        branch: Tensor<D>,
        draws: &mut R,
    ) -> Tensor<D> {
        if self.probability == 0.0 {
            return branch;
        }
        let mut shape = [1; D];
        shape[0] = branch.dims()[0];
        let mask = factors(shape[0], self.probability, draws);
        let mask = Tensor::from_data(TensorData::new(mask, shape), &branch.device());
        branch * mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn dropout_zeroes_the_share_asked_for_and_scales_the_rest() {
        let ones = Tensor::<2>::ones([100, 200], &Device::flex());
        for (probability, kept) in [(0.5, 2.0), (0.2, 1.25)] {
            let mut draws = ChaCha8Rng::seed_from_u64(1);
            let got = values(Dropout::new(probability).forward_train(ones.clone(), &mut draws));
            assert!(got.iter().all(|value| *value == 0.0 || *value == kept));
            let zeroed = got.iter().filter(|value| **value == 0.0).count() as f64;
            let spread = (20_000.0 * probability * (1.0 - probability)).sqrt();
            assert!((zeroed - 20_000.0 * probability).abs() < 4.0 * spread);
        }
    }

    #[test]
    fn a_value_takes_one_word_and_the_same_words_give_the_same_mask() {
        let ones = Tensor::<1>::ones([64], &Device::flex());
        let mut draws = ChaCha8Rng::seed_from_u64(2);
        let mut words = ChaCha8Rng::seed_from_u64(2);
        let got = values(Dropout::new(0.25).forward_train(ones, &mut draws));
        let expected: Vec<f32> = (0..64)
            .map(|_| {
                if words.next_u32() < 1 << 30 {
                    0.0
                } else {
                    4.0 / 3.0
                }
            })
            .collect();
        assert_eq!(got, expected);
        assert_eq!(draws.next_u32(), words.next_u32());
    }

    #[test]
    fn stochastic_depth_leaves_out_whole_images() {
        let ones = Tensor::<4>::ones([400, 2, 3, 1], &Device::flex());
        let mut draws = ChaCha8Rng::seed_from_u64(3);
        let got = values(StochasticDepth::new(0.2).forward_train(ones, &mut draws));
        let mut left_out = 0_i32;
        for image in got.chunks(6) {
            assert!(image.iter().all(|value| *value == image[0]));
            assert!(image[0] == 0.0 || image[0] == 1.25);
            left_out += i32::from(image[0] == 0.0);
        }
        // 400 draws with probability 0.2: mean 80, standard deviation 8.
        assert!((left_out - 80).abs() < 32, "{left_out}");
    }

    #[test]
    fn what_has_no_chance_draws_nothing() {
        let ones = Tensor::<2>::ones([3, 4], &Device::flex());
        let mut draws = ChaCha8Rng::seed_from_u64(4);
        let kept = Dropout::new(0.0).forward_train(ones.clone(), &mut draws);
        let kept = StochasticDepth::new(0.0).forward_train(kept, &mut draws);
        assert_eq!(values(kept), values(ones));
        assert_eq!(draws.next_u32(), ChaCha8Rng::seed_from_u64(4).next_u32());
    }
}
