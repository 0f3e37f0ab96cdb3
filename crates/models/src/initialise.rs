//! Initial weights, drawn on the host.

use std::cell::Cell;

use burn::module::{Param, ParamId};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::Rng;

use crate::options::Width;

/// Draws initial weights from one generator, in the order in which layers ask for them.
///
/// Every network asks in state-dict order (weight before bias, first layer first), so a seed gives the same weights on
/// every device and platform. A uniform number takes one 64-bit word of the generator: its upper 53 bits divided by
/// 2^53 give `u` in [0, 1), and the weight is `(2u - 1) * bound`, computed in double precision and rounded to `f32`.
///
/// The parameters are set from data at once. They are never lazy, so clones do not share a later draw.
pub(crate) struct Initialiser<'a, R: Rng + ?Sized> {
    generator: &'a mut R,
    device: &'a Device,
    /// How many numbers have been asked for, where they are counted instead of made.
    counted: Option<Cell<u64>>,
}

impl<'a, R: Rng + ?Sized> Initialiser<'a, R> {
    /// An initialiser that draws from `generator` and puts the parameters on `device`.
    pub(crate) fn new(generator: &'a mut R, device: &'a Device) -> Self {
        Self {
            generator,
            device,
            counted: None,
        }
    }

    /// An initialiser that counts the numbers that a network asks for: every parameter is a few zeros, nothing is drawn.
    pub(crate) fn counting(generator: &'a mut R, device: &'a Device) -> Self {
        Self {
            counted: Some(Cell::new(0)),
            ..Self::new(generator, device)
        }
    }

    /// How many numbers were asked for.
    pub(crate) fn count(&self) -> u64 {
        self.counted.as_ref().map_or(0, Cell::get)
    }

    /// What stands for a parameter that is only counted.
    fn stand_in<const D: usize>(&self, shape: [usize; D]) -> Option<Tensor<D>> {
        let counted = self.counted.as_ref()?;
        let numbers = shape
            .iter()
            .try_fold(1, |product: u64, &side| product.checked_mul(side as u64));
        counted.set(counted.get().saturating_add(numbers.unwrap_or(u64::MAX)));
        // Layers ask a convolution for its outputs, which are its first side.
        let mut small = [1; D];
        if let (Some(first), Some(side)) = (small.first_mut(), shape.first()) {
            *first = (*side).min(Width::LARGEST.channels());
        }
        Some(Tensor::zeros(small, self.device))
    }

    /// A parameter uniform in ±`1 / sqrt(fan_in)`: PyTorch's default for the weight and the bias of convolutions and
    /// linear layers.
    ///
    /// `fan_in` is the number of inputs of one output (input channels × kernel height × kernel width).
    pub(crate) fn fan_in_uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        fan_in: usize,
    ) -> Param<Tensor<D>> {
        // PyTorch writes it as Kaiming's uniform rule (arXiv 1502.01852) with a = √5: √(6 / ((1 + a²) fan_in)).
        self.uniform(shape, 1.0 / (fan_in as f64).sqrt())
    }

    /// A parameter uniform in ±`bound`.
    pub(crate) fn uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        bound: f64,
    ) -> Param<Tensor<D>> {
        if let Some(stand_in) = self.stand_in(shape) {
            return Param::initialized(ParamId::new(), stand_in);
        }
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| self.symmetric(bound))
            .collect();
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// A parameter with normal values of mean 0 and the given standard deviation: torchvision's rule for convolutions.
    ///
    /// Each pair of numbers takes two words of the generator `v` and `w` in [0, 1), made as for uniform numbers, and is
    /// `r cos(2πw)`, `r sin(2πw)` with `r = sqrt(-2 ln(1 - v))` (Box and Muller), times the deviation.
    pub(crate) fn normal<const D: usize>(
        &mut self,
        shape: [usize; D],
        deviation: f64,
    ) -> Param<Tensor<D>> {
        if let Some(stand_in) = self.stand_in(shape) {
            return Param::initialized(ParamId::new(), stand_in);
        }
        let count: usize = shape.iter().product();
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            // 1 - v is never 0, hence the logarithm is finite.
            let radius = deviation * (-2.0 * (1.0 - self.unit()).ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * self.unit()).sin_cos();
            values.push((radius * cosine) as f32);
            values.push((radius * sine) as f32);
        }
        // An odd count leaves one number over; it is thrown away and not kept, so that every parameter starts at a word
        // that its shape alone decides.
        values.truncate(count);
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// A parameter filled with `value`. Nothing is drawn.
    pub(crate) fn constant<const D: usize>(
        &self,
        shape: [usize; D],
        value: f32,
    ) -> Param<Tensor<D>> {
        match self.stand_in(shape) {
            Some(stand_in) => Param::initialized(ParamId::new(), stand_in),
            None => Param::from_data(filled(shape, value), self.device),
        }
    }

    /// A buffer filled with `value`: saved with the network, never trained. Nothing is drawn.
    pub(crate) fn buffer<const D: usize>(&self, shape: [usize; D], value: f32) -> Param<Tensor<D>> {
        let tensor = match self.stand_in(shape) {
            Some(stand_in) => stand_in,
            None => Tensor::from_data(filled(shape, value), self.device),
        };
        Param::initialized(ParamId::new(), tensor)
    }

    /// A table of whole numbers: saved with the network, never trained. Nothing is drawn.
    pub(crate) fn table(&self, values: Vec<i32>) -> Param<Tensor<1, Int>> {
        let count = values.len();
        let tensor = Tensor::from_data(TensorData::new(values, [count]), self.device);
        Param::initialized(ParamId::new(), tensor)
    }

    /// A counter that starts at zero: saved with the network, never trained. Nothing is drawn.
    pub(crate) fn counter(&self) -> Param<Tensor<1, Int>> {
        let tensor = Tensor::from_data(TensorData::new(vec![0_i32], [1]), self.device);
        Param::initialized(ParamId::new(), tensor)
    }

    fn symmetric(&mut self, bound: f64) -> f32 {
        ((2.0 * self.unit() - 1.0) * bound) as f32
    }

    /// Uniform in [0, 1).
    fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        // 53 bits are what a double holds exactly.
        (self.generator.next_u64() >> 11) as f64 * STEP
    }
}

fn filled<const D: usize>(shape: [usize; D], value: f32) -> TensorData {
    TensorData::new(vec![value; shape.iter().product()], shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn weights_follow_the_documented_rule() {
        let device = Device::flex();
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let weights = Initialiser::new(&mut generator, &device).fan_in_uniform([2, 3], 9);
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let expected: Vec<f32> = (0..6)
            .map(|_| {
                let unit = (generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
                ((2.0 * unit - 1.0) / 3.0) as f32
            })
            .collect();
        assert_eq!(
            weights.val().into_data().try_to_vec::<f32>().unwrap(),
            expected
        );
    }

    #[test]
    fn weights_fill_the_range_evenly() {
        let device = Device::flex();
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let weights = Initialiser::new(&mut generator, &device).fan_in_uniform([20_000], 16);
        let values = weights.val().into_data().try_to_vec::<f32>().unwrap();
        assert!(values.iter().all(|value| value.abs() <= 0.25));
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let square = values.iter().map(|value| value * value).sum::<f32>() / 20_000.0;
        // Uniform in ±1/4: variance 1/48; four standard errors of each estimate.
        assert!(mean.abs() < 4.1e-3, "mean {mean}");
        assert!((square - 1.0 / 48.0).abs() < 5.3e-4, "mean square {square}");
    }

    #[test]
    fn normal_weights_have_the_deviation_asked_for() {
        let device = Device::flex();
        let mut generator = ChaCha8Rng::seed_from_u64(6);
        let weights = Initialiser::new(&mut generator, &device).normal([20_001], 0.5);
        let values = weights.val().into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(values.len(), 20_001);
        let moment = |power| values.iter().map(|value| value.powi(power)).sum::<f32>() / 20_001.0;
        // Variance 1/4, fourth moment 3/16; four standard errors of each estimate.
        assert!(moment(1).abs() < 1.5e-2, "mean {}", moment(1));
        assert!((moment(2) - 0.25).abs() < 1.0e-2, "{}", moment(2));
        assert!((moment(4) - 0.1875).abs() < 1.8e-2, "{}", moment(4));
        let neighbours: f32 = values.windows(2).map(|pair| pair[0] * pair[1]).sum();
        assert!((neighbours / 20_000.0).abs() < 7.1e-3, "{neighbours}");
    }

    #[test]
    fn a_stride_of_the_generator_is_one_word_a_weight() {
        let device = Device::flex();
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        let mut initialiser = Initialiser::new(&mut generator, &device);
        initialiser.fan_in_uniform([5], 1);
        initialiser.constant([100], 1.0);
        initialiser.buffer([100], 0.0);
        initialiser.counter();
        let mut reference = ChaCha8Rng::seed_from_u64(7);
        for _ in 0..5 {
            reference.next_u64();
        }
        assert_eq!(generator.next_u64(), reference.next_u64());
    }
}
