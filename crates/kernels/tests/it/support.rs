//! Random tensors and comparison, for the tests of this folder.
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Numbers about normal, of standard deviation 1.
pub(crate) fn random<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let numbers: Vec<f32> = (0..shape.iter().product())
        .map(|_| (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0)
        .collect();
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

/// Tracked, where the tensor can be.
pub(crate) fn tracked<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    if tensor.device().is_autodiff() {
        tensor.require_grad()
    } else {
        tensor
    }
}

pub(crate) fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

/// The largest difference over the root mean square of what is expected.
pub(crate) fn error(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().all(|x| x.is_finite()));
    let square: f64 = expected.iter().map(|&x| f64::from(x).powi(2)).sum();
    let scale = (square / expected.len().max(1) as f64).sqrt().max(1e-3);
    let worst = found
        .iter()
        .zip(expected)
        .map(|(&a, &b)| f64::from((a - b).abs()))
        .fold(0.0, f64::max);
    worst / scale
}

#[track_caller]
pub(crate) fn assert_near<const D: usize>(
    what: &str,
    found: &Tensor<D>,
    expected: &Tensor<D>,
    tolerance: f64,
) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let error = error(&numbers(found), &numbers(expected));
    assert!(
        error < tolerance,
        "{what}: error {error:.2e} over {tolerance:.0e}"
    );
}

/// Runs `work` in a pool of its own.
pub(crate) fn in_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}
