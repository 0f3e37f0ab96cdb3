//! Weights that both sides compute instead of storing them.

use burn::tensor::TensorData;

/// The tensor of a PyTorch name under the rule of the golden sets, `f32` of `shape`.
///
/// Element i comes from a 32-bit hash of i, the CRC-32 of the name and the seed; its range depends on the kind of tensor.
#[must_use]
pub fn ruled_tensor(name: &str, shape: &[usize], seed: u32) -> TensorData {
    let count: usize = shape.iter().product();
    let salt = crc32fast::hash(name.as_bytes()) ^ seed.wrapping_mul(0x85EB_CA6B);
    let fan_in = count as f64 / shape.first().copied().unwrap_or(1) as f64;
    let last = name.rsplit('.').next().unwrap_or_default();
    let values: Vec<f32> = (0..count as u32)
        .map(|index| {
            let unit = f64::from(mixed(index.wrapping_mul(0x9E37_79B1) ^ salt)) / 4_294_967_296.0;
            let value = match last {
                "running_mean" => 0.2 * unit - 0.1,
                "running_var" => 0.5 + unit,
                "num_batches_tracked" => 0.0,
                _ if shape.len() >= 2 => (6.0 / fan_in).sqrt() * (2.0 * unit - 1.0),
                "weight" => 0.75 + 0.5 * unit,
                _ => 0.2 * unit - 0.1,
            };
            value as f32
        })
        .collect();
    TensorData::new(values, shape.to_vec())
}

pub(super) const fn mixed(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x7FEB_352D);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x846C_A68B);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_values_of_known_tensors() {
        // The probe of the shared golden set, rule_seed 1.
        let probes: [(&str, &[usize], [f32; 2]); 4] = [
            (
                "features.0.weight",
                &[128, 3, 3, 3],
                [0.027_753_877, -0.465_721_76],
            ),
            ("features.0.bias", &[128], [-0.065_015_964, -0.034_557_81]),
            ("bn1.weight", &[64], [0.930_119_4, 0.807_422_1]),
            ("bn1.running_var", &[64], [1.360_227_7, 1.048_366_7]),
        ];
        for (name, shape, expected) in probes {
            let values: Vec<f32> = ruled_tensor(name, shape, 1).try_to_vec().unwrap();
            for (got, expected) in values.iter().zip(expected) {
                assert!(
                    (got - expected).abs() < 1e-7,
                    "{name}: {got} instead of {expected}"
                );
            }
        }
    }
}
