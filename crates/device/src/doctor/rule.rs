//! Numbers that the program and the maker of the reference values both compute.

use burn::tensor::{Device, Tensor, TensorData};

/// `count` multiples of 2^-23 in [-1, 1), from a hash of the name and the index.
pub(super) fn unit(name: &str, count: usize) -> impl Iterator<Item = f64> {
    // FNV-1a, so that every input of every case has numbers of its own.
    let salt = name.bytes().fold(0x811C_9DC5_u32, |salt, byte| {
        (salt ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (0..count as u32).map(move |index| {
        let hash = mixed(index.wrapping_mul(0x9E37_79B1) ^ salt);
        // 24 bits: exact in float32, so both sides start from the same numbers and only arithmetic is compared.
        f64::from(hash >> 8) / f64::from(1 << 23) - 1.0
    })
}

/// lowbias32, a mixer without visible patterns in 32-bit arithmetic, which NumPy has too.
const fn mixed(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x7FEB_352D);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x846C_A68B);
    hash ^ (hash >> 16)
}

/// `add + scale * unit`, rounded to `f32`.
pub(super) fn numbers(name: &str, shape: &[usize], scale: f64, add: f64) -> TensorData {
    let count = shape.iter().product();
    let values: Vec<f32> = unit(name, count)
        // Rounded once, at the end, as on the other side.
        .map(|unit| (add + scale * unit) as f32)
        .collect();
    TensorData::new(values, shape.to_vec())
}

/// The same on a device.
pub(super) fn tensor<const D: usize>(
    name: &str,
    shape: [usize; D],
    [scale, add]: [f64; 2],
    device: &Device,
) -> Tensor<D> {
    Tensor::from_data(numbers(name, &shape, scale, add), device)
}
