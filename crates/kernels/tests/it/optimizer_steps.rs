//! Steps of optimizers against the same of burn's operators in double precision.

use crate::support::{assert_near, random};
use burn::tensor::{DType, Device, Tensor};
use ddrank_kernels::{AdamStep, SgdStep, adam_step, blend, sgd_step};

/// Parameter and averages after three steps of every kind, and a weighted sum; the gradients lie in memory column by
/// column.
fn run(device: &Device, dtype: DType, shape: [usize; 2]) -> Vec<Tensor<2>> {
    let tensor = |shape, seed| {
        let numbers = random(shape, seed, &Device::flex()).to_data();
        Tensor::<2>::from_data(numbers, device).cast(dtype)
    };
    let gradient = |seed| tensor([shape[1], shape[0]], seed).transpose();
    let start = || tensor(shape, 1);
    let zeros = || start().zeros_like();

    let (mut parameter, mut velocity) = (start(), zeros());
    for seed in 2..5 {
        let step = SgdStep {
            rate: 0.1,
            momentum: 0.9,
            weight_decay: 0.05,
        };
        (parameter, velocity) = sgd_step(parameter, gradient(seed), velocity, step);
    }
    let blended = blend(velocity.clone(), gradient(9), [0.9, 0.3]);
    let mut all = vec![parameter, velocity, blended];
    for decoupled in [false, true] {
        let (mut parameter, mut first, mut second) = (start(), zeros(), zeros());
        for index in 1..4 {
            let step = AdamStep {
                rate: 0.1,
                betas: [0.8, 0.95],
                epsilon: 1e-3,
                weight_decay: 0.05,
                decoupled,
                step: index,
            };
            let gradient = gradient(index as u64 + 1);
            (parameter, first, second) = adam_step(parameter, gradient, first, second, step);
        }
        all.extend([parameter, first, second]);
    }
    all
}

fn compare(device: &Device, shape: [usize; 2]) {
    let expected = run(&Device::flex(), DType::F64, shape);
    for (index, (found, expected)) in run(device, DType::F32, shape)
        .iter()
        .zip(expected)
        .enumerate()
    {
        let expected = Tensor::from_data(expected.cast(DType::F32).to_data(), &Device::flex());
        assert_near(
            &format!("{shape:?}: number {index}"),
            found,
            &expected,
            5e-6,
        );
    }
}

#[test]
fn one_pass_is_what_several_are() {
    // More than a task of the CPU's kernel, and less.
    for shape in [[210, 320], [7, 5], [1, 1]] {
        compare(&Device::flex(), shape);
    }
}

#[cfg(feature = "ndarray")]
#[allow(
    deprecated,
    reason = "burn deprecates the backend; ddrank offers it as a second opinion"
)]
#[test]
fn ndarray_takes_the_same_steps() {
    compare(&Device::ndarray(), [21, 32]);
}

#[cfg(feature = "wgpu")]
#[test]
fn gpus_take_the_same_steps() {
    let device = Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    for shape in [[210, 320], [7, 5], [1, 1]] {
        compare(&device, shape);
    }
}

#[test]
#[should_panic(expected = "sgd_step: a parameter [2, 3] does not go with [3, 2]")]
fn shapes_must_agree() {
    let device = Device::flex();
    let step = SgdStep {
        rate: 0.1,
        momentum: 0.0,
        weight_decay: 0.0,
    };
    let (a, b) = (random([2, 3], 1, &device), random([3, 2], 2, &device));
    let _ = sgd_step(a.clone(), b, a, step);
}
