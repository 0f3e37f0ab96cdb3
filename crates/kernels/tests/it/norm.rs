//! Normalisations against the chain of burn's operators.

use crate::support::{assert_near, in_pool, numbers, random, tracked};
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{Device, Tensor, activation::relu};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train, group_norm};

const TAILS: [Tail; 4] = [
    Tail::Nothing,
    Tail::Relu,
    Tail::AveragePool,
    Tail::ReluAveragePool,
];
const EPSILON: f64 = 1e-5;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Group(usize),
    Batch,
    Fixed,
}

struct Inputs {
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
}

fn inputs(shape: [usize; 4], device: &Device) -> Inputs {
    let c = [shape[1]];
    Inputs {
        x: tracked(random(shape, 1, device) * 2.0 + 1.5),
        weight: tracked(random(c, 2, device) * 0.3 + 1.0),
        bias: tracked(random(c, 3, device) * 0.3),
        mean: random(c, 4, device) * 0.3 + 1.0,
        variance: random(c, 5, device).powf_scalar(2.0) + 0.5,
    }
}

fn fused(i: &Inputs, kind: Kind, tail: Tail) -> (Tensor<4>, Option<(Tensor<1>, Tensor<1>)>) {
    let (x, w, b) = (i.x.clone(), i.weight.clone(), i.bias.clone());
    match kind {
        Kind::Group(groups) => (group_norm(x, w, b, groups, EPSILON, tail), None),
        Kind::Batch => {
            let out = batch_norm_train(x, w, b, EPSILON, tail);
            (out.output, Some((out.mean, out.variance)))
        }
        Kind::Fixed => {
            let given = (i.mean.clone(), i.variance.clone());
            (batch_norm_eval(x, (w, b), given, EPSILON, tail), None)
        }
    }
}

fn composed(i: &Inputs, kind: Kind, tail: Tail) -> (Tensor<4>, Option<(Tensor<1>, Tensor<1>)>) {
    let x = i.x.clone();
    let shape = x.dims();
    let [n, c, h, w] = shape;
    let mut found = None;
    let normalised = match kind {
        Kind::Group(groups) => {
            let x = x.reshape([n, groups, c / groups * h * w]);
            let x = x.clone() - x.mean_dim(2);
            let variance = x.clone().powf_scalar(2.0).mean_dim(2);
            (x / (variance + EPSILON).sqrt()).reshape(shape)
        }
        Kind::Batch => {
            let x = x.swap_dims(0, 1).reshape([c, n * h * w]);
            let mean = x.clone().mean_dim(1);
            let x = x - mean.clone();
            let variance = x.clone().powf_scalar(2.0).mean_dim(1);
            found = Some((mean.reshape([c]), variance.clone().reshape([c])));
            (x / (variance + EPSILON).sqrt())
                .reshape([c, n, h, w])
                .swap_dims(0, 1)
        }
        Kind::Fixed => {
            let [mean, variance] = [&i.mean, &i.variance].map(|t| t.clone().reshape([1, c, 1, 1]));
            (x - mean) / (variance + EPSILON).sqrt()
        }
    };
    let y =
        normalised * i.weight.clone().reshape([1, c, 1, 1]) + i.bias.clone().reshape([1, c, 1, 1]);
    let y = if tail.rectifies() { relu(y) } else { y };
    let y = if tail.pools() {
        avg_pool2d(y, AvgPoolOptions::new([2, 2]).with_stride([2, 2]))
    } else {
        y
    };
    (y, found)
}

/// Result and the three gradients under a random weighting of the result.
fn run(
    device: &Device,
    shape: [usize; 4],
    kind: Kind,
    tail: Tail,
    f: impl Fn(&Inputs, Kind, Tail) -> (Tensor<4>, Option<(Tensor<1>, Tensor<1>)>),
) -> ([Tensor<4>; 2], Vec<Tensor<1>>) {
    let device = device.clone().autodiff();
    let inputs = inputs(shape, &device);
    let (y, found) = f(&inputs, kind, tail);
    let weighting = random(y.dims(), 9, &device);
    let grads = (y.clone() * weighting).sum().backward();
    let mut small = vec![
        inputs.weight.grad(&grads).unwrap(),
        inputs.bias.grad(&grads).unwrap(),
    ];
    if let Some((mean, variance)) = found {
        small.extend([mean.inner(), variance.inner()]);
    }
    ([y.inner(), inputs.x.grad(&grads).unwrap()], small)
}

fn kinds(channels: usize) -> Vec<Kind> {
    let mut kinds = vec![
        Kind::Group(channels),
        Kind::Group(1),
        Kind::Batch,
        Kind::Fixed,
    ];
    if channels.is_multiple_of(2) {
        kinds.push(Kind::Group(channels / 2));
    }
    kinds
}

/// The kernels of `device` against burn's operators on the CPU.
fn compare(device: &Device, shape: [usize; 4]) {
    for kind in kinds(shape[1]) {
        for tail in TAILS {
            let ([y, dx], small) = run(device, shape, kind, tail, fused);
            let ([expected_y, expected_dx], expected_small) =
                run(&Device::flex(), shape, kind, tail, composed);
            let what = format!("{shape:?} {kind:?} {tail:?}");
            assert_near(&format!("{what}: result"), &y, &expected_y, 2e-5);
            assert_near(&format!("{what}: input gradient"), &dx, &expected_dx, 2e-4);
            assert_eq!(small.len(), expected_small.len());
            for (i, (found, expected)) in small.iter().zip(&expected_small).enumerate() {
                assert_near(
                    &format!("{what}: parameter gradient or statistic {i}"),
                    found,
                    expected,
                    2e-4,
                );
            }
        }
    }
}

#[test]
fn agree_with_the_composed_operators() {
    let shapes = [
        [2, 4, 32, 32],
        [3, 6, 16, 16],
        [2, 5, 8, 8],
        [3, 4, 4, 4],
        [1, 3, 7, 9],
        [2, 2, 33, 35],
        [2, 3, 64, 70],
        [2, 2, 16, 18],
        [2, 4, 17, 16],
        [3, 4, 9, 8],
        [2, 2, 2, 3],
    ];
    for shape in shapes {
        compare(&Device::flex(), shape);
    }
}

/// Channels that do not fill a workgroup, images in one part and in several, groups over two workgroups, odd rows and
/// columns that pooling drops.
#[cfg(feature = "wgpu")]
#[test]
fn kernels_of_gpus_agree_with_the_composed_operators() {
    let device = Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    let shapes = [
        [2, 4, 32, 32],
        [1, 64, 23, 26],
        [3, 40, 9, 8],
        [70, 33, 4, 4],
        [2, 6, 2, 3],
    ];
    for shape in shapes {
        compare(&device, shape);
    }
}

/// No atomics: sums are added in the same order every time.
#[cfg(feature = "wgpu")]
#[test]
fn kernels_of_gpus_repeat_to_the_bit() {
    let device = Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    for kind in [Kind::Group(24), Kind::Group(4), Kind::Batch, Kind::Fixed] {
        let once = || {
            let (big, small) = run(&device, [5, 24, 32, 32], kind, Tail::ReluAveragePool, fused);
            let mut all: Vec<_> = big.iter().flat_map(numbers).collect();
            all.extend(small.iter().flat_map(numbers));
            all.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        assert!(once() == once(), "{kind:?}");
    }
}

#[test]
fn planes_of_one_pixel_give_the_bias() {
    let device = Device::flex();
    let x = random([3, 4, 1, 1], 1, &device) * 100.0;
    let bias = random([4], 2, &device);
    let y = group_norm(
        x,
        Tensor::ones([4], &device),
        bias.clone(),
        4,
        EPSILON,
        Tail::Nothing,
    );
    let expected = bias.reshape([1, 4, 1, 1]).expand([3, 4, 1, 1]);
    assert_eq!(numbers(&y), numbers(&expected));
}

#[test]
fn pooling_a_single_pixel_leaves_nothing() {
    let device = Device::flex();
    let x = random([3, 4, 1, 5], 1, &device);
    let [weight, bias] = [Tensor::ones([4], &device), Tensor::zeros([4], &device)];
    let y = group_norm(x, weight, bias, 4, EPSILON, Tail::AveragePool);
    assert_eq!(y.dims(), [3, 4, 0, 2]);
}

#[test]
fn strided_input_is_read_in_its_own_order() {
    let device = Device::flex();
    let x = random([16, 6, 16, 2], 1, &device).permute([3, 1, 0, 2]);
    let copy = Tensor::from_data(x.to_data(), &device);
    let [weight, bias] = [random([6], 2, &device), random([6], 3, &device)];
    let f = |x| {
        group_norm(
            x,
            weight.clone(),
            bias.clone(),
            3,
            EPSILON,
            Tail::ReluAveragePool,
        )
    };
    assert_eq!(numbers(&f(x)), numbers(&f(copy)));
}

#[test]
fn every_number_of_threads_gives_the_same_bits() {
    for kind in [Kind::Group(24), Kind::Group(4), Kind::Batch, Kind::Fixed] {
        let run = |threads| {
            in_pool(threads, || {
                let (big, small) = run(
                    &Device::flex(),
                    [20, 24, 32, 32],
                    kind,
                    Tail::ReluAveragePool,
                    fused,
                );
                let mut all: Vec<_> = big.iter().flat_map(numbers).collect();
                all.extend(small.iter().flat_map(numbers));
                all.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            })
        };
        let one = run(1);
        for threads in [1, 2, 3, 5] {
            assert!(one == run(threads), "{kind:?}: {threads} threads differ");
        }
    }
}

#[test]
fn plain_tensors_give_the_bits_of_tracked_ones() {
    let recorded = inputs([4, 8, 16, 16], &Device::flex().autodiff());
    let plain = inputs([4, 8, 16, 16], &Device::flex());
    for kind in [Kind::Group(8), Kind::Batch, Kind::Fixed] {
        let [a, b] = [&recorded, &plain].map(|inputs| numbers(&fused(inputs, kind, Tail::Relu).0));
        assert_eq!(a, b);
    }
}

#[test]
#[should_panic(expected = "6 channels cannot be divided into 4 groups")]
fn impossible_groups_are_named() {
    let device = Device::flex();
    let one = Tensor::ones([6], &device);
    let _ = group_norm(
        random([1, 6, 2, 2], 1, &device),
        one.clone(),
        one,
        4,
        EPSILON,
        Tail::Relu,
    );
}

#[test]
#[should_panic(expected = "bias must have one number for each of the 6 channels, not 5")]
fn parameters_of_another_size_are_named() {
    let device = Device::flex();
    let x = random([1, 6, 2, 2], 1, &device);
    let _ = batch_norm_train(
        x,
        Tensor::ones([6], &device),
        Tensor::ones([5], &device),
        EPSILON,
        Tail::Relu,
    );
}

/// The derivative along a random direction, once from the gradient and once from two results nearby.
#[test]
fn gradients_agree_with_finite_differences() {
    let device = Device::flex().autodiff();
    let shape = [3, 4, 6, 10];
    // Without ReLU the loss is smooth: the step can be large enough for single precision.
    for (kind, tail) in [
        (Kind::Group(4), Tail::AveragePool),
        (Kind::Group(2), Tail::Nothing),
        (Kind::Batch, Tail::AveragePool),
        (Kind::Fixed, Tail::AveragePool),
    ] {
        let at = inputs(shape, &device);
        let weighting = numbers(&random([3 * 4 * 6 * 10], 9, &device));
        let loss = |inputs: &Inputs| -> f64 {
            let y = numbers(&fused(inputs, kind, tail).0);
            y.iter()
                .zip(&weighting)
                .map(|(&y, &w)| f64::from(y) * f64::from(w))
                .sum()
        };
        let y = fused(&at, kind, tail).0;
        let dims = y.dims();
        let length = dims.iter().product::<usize>();
        let weights = Tensor::<1>::from_floats(&weighting[..length], &device).reshape(dims);
        let grads = (y * weights).sum().backward();
        let (dx, dw, db) = (
            random(shape, 20, &device),
            random([4], 21, &device),
            random([4], 22, &device),
        );
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(&a, &b)| f64::from(a) * f64::from(b))
                .sum()
        };
        let expected = dot(&numbers(&at.x.grad(&grads).unwrap()), &numbers(&dx))
            + dot(&numbers(&at.weight.grad(&grads).unwrap()), &numbers(&dw))
            + dot(&numbers(&at.bias.grad(&grads).unwrap()), &numbers(&db));
        let moved = |step: f32| {
            loss(&Inputs {
                x: at.x.clone().detach() + dx.clone() * step,
                weight: at.weight.clone().detach() + dw.clone() * step,
                bias: at.bias.clone().detach() + db.clone() * step,
                mean: at.mean.clone(),
                variance: at.variance.clone(),
            })
        };
        let found = (moved(1e-2) - moved(-1e-2)) / 2e-2;
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(
            error < 2e-3,
            "{kind:?} {tail:?}: {found} by differences, {expected} by the gradient"
        );
    }
}
