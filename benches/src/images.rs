//! Made-up pictures: what they show does not change the time.

use burn::tensor::{Device, Tensor, TensorData};

/// Classes of the made-up pictures.
pub const CLASSES: usize = 10;

/// Images `[count, 3, side, side]` by a rule, about standard normal in spread.
pub fn images(count: usize, side: usize, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = (0..count * 3 * side * side)
        .map(|index| ((index * 7919 % 2003) as f32 - 1001.0) / 600.0)
        .collect();
    Tensor::from_data(TensorData::new(values, [count, 3, side, side]), device)
}
