//! Networks and images for the other modules.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_models::{InputShape, ModelError, ModelSpec, Network, Width};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub(crate) fn spec(name: &str, width: usize) -> ModelSpec {
    ModelSpec {
        width: Width::new(width),
        ..ModelSpec::new(name.parse().unwrap())
    }
}

/// Colour images of equal sides.
pub(crate) fn pixels(side: usize) -> InputShape {
    InputShape {
        channels: 3,
        height: side,
        width: side,
    }
}

pub(crate) fn build(
    spec: &ModelSpec,
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<Network, ModelError> {
    spec.build(input, classes, &mut ChaCha8Rng::seed_from_u64(1), device)
}

/// The model of that name without options, for ten classes.
pub(crate) fn plain(name: &str, side: usize) -> Result<Network, ModelError> {
    let spec = ModelSpec::new(name.parse().unwrap());
    build(&spec, pixels(side), 10, &Device::flex())
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// A generator for passes in training mode.
pub(crate) fn draws() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

/// Pictures without a generator: a fixed, uneven pattern.
pub(crate) fn images(shape: [usize; 4], device: &Device) -> Tensor<4> {
    let count = shape.iter().product::<usize>();
    let pattern: Vec<f32> = (0..count).map(|index| (index as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(pattern, shape), device)
}
