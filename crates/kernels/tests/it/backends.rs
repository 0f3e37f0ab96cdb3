//! The composed operators of another backend, and of other types, against the kernels.

use crate::support::{error, random};
use burn::tensor::{DType, Device, Tensor};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train, conv2d_3x3, group_norm};

/// Results and gradients of a small net of all operators, on `device` with numbers of type `dtype`.
fn run(device: &Device, dtype: DType) -> Vec<Vec<f32>> {
    let leaf = |length: usize, seed, add: f32| {
        (random([length], seed, &Device::flex()) * 0.3 + add).to_data()
    };
    let leaf = |length, seed, add| {
        Tensor::<1>::from_data(leaf(length, seed, add), device)
            .cast(dtype)
            .require_grad()
    };
    let x = leaf(2 * 3 * 11 * 12, 1, 0.2);
    let (first, second) = (leaf(16 * 3 * 9, 2, 0.0), leaf(20 * 16 * 9, 3, 0.0));
    let (weight, bias) = (leaf(16, 4, 1.0), leaf(16, 5, 0.0));
    let (weight2, bias2) = (leaf(20, 6, 1.0), leaf(20, 7, 0.0));
    let (mean, variance) = (leaf(20, 8, 0.0), leaf(20, 9, 1.5));

    let y = conv2d_3x3(
        x.clone().reshape([2, 3, 11, 12]),
        first.clone().reshape([16, 3, 3, 3]),
        Some(bias.clone()),
    );
    let y = group_norm(
        y,
        weight.clone(),
        bias.clone(),
        8,
        1e-5,
        Tail::ReluAveragePool,
    );
    let y = conv2d_3x3(y, second.clone().reshape([20, 16, 3, 3]), None);
    let trained = batch_norm_train(y, weight2.clone(), bias2.clone(), 1e-5, Tail::Nothing);
    let given = (mean.clone().detach(), variance.clone().detach());
    let parameters = (weight2.clone(), bias2.clone());
    let y = batch_norm_eval(trained.output, parameters, given, 1e-5, Tail::Relu);
    assert_eq!(y.dtype(), dtype);
    let length = y.dims().iter().product();
    let weighting = Tensor::<1>::from_data(random([length], 10, &Device::flex()).to_data(), device);
    let grads = (y.clone().reshape([length]) * weighting.cast(dtype))
        .sum()
        .backward();

    let flat = |tensor: Tensor<1>| {
        tensor
            .cast(DType::F32)
            .to_data()
            .try_to_vec::<f32>()
            .unwrap()
    };
    let mut all = vec![
        flat(y.reshape([length])),
        flat(trained.mean),
        flat(trained.variance),
    ];
    all.extend(
        [x, first, second, weight, bias, weight2, bias2]
            .map(|leaf| flat(leaf.grad(&grads).unwrap())),
    );
    all
}

fn assert_same(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    for (what, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = error(found, expected);
        assert!(error < 5e-4, "number {what}: error {error:.1e}");
    }
}

#[test]
fn double_precision_agrees_with_the_kernels() {
    let device = Device::flex().autodiff();
    assert_same(&run(&device, DType::F32), &run(&device, DType::F64));
}

#[cfg(feature = "ndarray")]
#[allow(
    deprecated,
    reason = "burn deprecates the backend; ddrank offers it as a second opinion"
)]
#[test]
fn ndarray_agrees_with_the_kernels() {
    let [flex, ndarray] =
        [Device::flex(), Device::ndarray()].map(|device| run(&device.autodiff(), DType::F32));
    assert_same(&ndarray, &flex);
}
