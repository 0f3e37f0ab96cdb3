//! The convolution against burn's own, and its gradients.

use crate::support::{assert_near, in_pool, numbers, random, tracked};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use ddrank_kernels::{conv2d as general, conv2d_3x3};

/// Batch, channels, height, width, out.
const SHAPES: &[[usize; 5]] = &[
    [3, 3, 32, 32, 128],
    [2, 128, 16, 16, 128],
    [5, 128, 8, 8, 128],
    [1, 1, 1, 1, 1],
    [2, 3, 1, 1, 5],
    [1, 16, 1, 1, 16],
    [4, 20, 2, 2, 33],
    [3, 17, 5, 7, 31],
    [2, 32, 4, 4, 16],
    [1, 24, 13, 30, 40],
    [2, 13, 35, 33, 18],
    [2, 2, 7, 9, 3],
    [3, 11, 6, 40, 20],
    [70, 16, 3, 3, 16],
    [2, 16, 1, 37, 17],
    [2, 16, 37, 1, 17],
    [9, 300, 4, 4, 20],
    [1, 12, 66, 70, 14],
    [3, 16, 64, 4, 16],
];

struct Inputs {
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
}

fn inputs([n, c, h, w, k]: [usize; 5], device: &Device) -> Inputs {
    Inputs {
        x: tracked(random([n, c, h, w], 1, device) + 0.3),
        weight: tracked(random([k, c, 3, 3], 2, device) * (9.0 * c as f32).sqrt().recip()),
        bias: tracked(random([k], 3, device)),
    }
}

type Conv = fn(Tensor<4>, Tensor<4>, Option<Tensor<1>>) -> Tensor<4>;

fn burns(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    conv2d(x, weight, bias, ConvOptions::new([1, 1], [1, 1], [1, 1], 1))
}

/// Result and the gradients with respect to input, weight and bias under a random weighting of the result.
fn run(shape: [usize; 5], conv: Conv) -> ([Tensor<4>; 3], Tensor<1>) {
    let device = Device::flex().autodiff();
    let i = inputs(shape, &device);
    let y = conv(i.x.clone(), i.weight.clone(), Some(i.bias.clone()));
    let weighting = random(y.dims(), 4, &device);
    let grads = (y.clone() * weighting).sum().backward();
    let large = [
        y.inner(),
        i.x.grad(&grads).unwrap(),
        i.weight.grad(&grads).unwrap(),
    ];
    (large, i.bias.grad(&grads).unwrap())
}

#[test]
fn agrees_with_burns_own() {
    for &shape in SHAPES {
        let (found, bias) = run(shape, conv2d_3x3);
        let (expected, expected_bias) = run(shape, burns);
        for (name, (found, expected)) in ["result", "input gradient", "weight gradient"]
            .iter()
            .zip(found.iter().zip(&expected))
        {
            assert_near(&format!("{shape:?}: {name}"), found, expected, 3e-5);
        }
        assert_near(
            &format!("{shape:?}: bias gradient"),
            &bias,
            &expected_bias,
            3e-5,
        );
    }
}

#[test]
fn without_bias_nothing_is_added() {
    let device = Device::flex();
    for shape in [[2, 3, 8, 8, 4], [2, 16, 8, 8, 16]] {
        let i = inputs(shape, &device);
        let found = conv2d_3x3(i.x.clone(), i.weight.clone(), None);
        assert_near("result", &found, &burns(i.x, i.weight, None), 3e-5);
    }
}

#[test]
fn untracked_inputs_get_no_gradient() {
    let device = Device::flex().autodiff();
    let x = random([2, 16, 8, 8], 1, &device);
    let weight = random([16, 16, 3, 3], 2, &device).require_grad();
    let grads = conv2d_3x3(x.clone(), weight.clone(), None).sum().backward();
    assert!(x.grad(&grads).is_none());
    assert!(weight.grad(&grads).is_some());
}

#[test]
fn only_the_input_can_be_tracked() {
    let device = Device::flex().autodiff();
    let x = random([2, 16, 8, 8], 1, &device).require_grad();
    let weight = random([16, 16, 3, 3], 2, &device);
    let grads = conv2d_3x3(x.clone(), weight.clone(), None).sum().backward();
    let expected = burns(x.clone(), weight, None).sum().backward();
    assert_near(
        "input gradient",
        &x.grad(&grads).unwrap(),
        &x.grad(&expected).unwrap(),
        3e-5,
    );
}

#[test]
fn strided_inputs_are_read_in_their_own_order() {
    let device = Device::flex();
    let x = random([8, 16, 9, 3], 1, &device).permute([3, 1, 0, 2]);
    let weight = random([3, 3, 16, 18], 2, &device).permute([3, 2, 1, 0]);
    let [x_copy, weight_copy] = [&x, &weight].map(|t| Tensor::<4>::from_data(t.to_data(), &device));
    let found = numbers(&conv2d_3x3(x, weight, None));
    assert_eq!(found, numbers(&conv2d_3x3(x_copy, weight_copy, None)));
}

#[test]
fn every_number_of_threads_gives_the_same_bits() {
    for shape in [
        [40, 3, 32, 32, 32],
        [37, 32, 16, 16, 48],
        [70, 32, 8, 8, 32],
        [3, 16, 50, 50, 16],
    ] {
        let run = |threads| {
            in_pool(threads, || {
                let (large, bias) = run(shape, conv2d_3x3);
                let mut all: Vec<f32> = large.iter().flat_map(numbers).collect();
                all.extend(numbers(&bias));
                all.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            })
        };
        let one = run(1);
        for threads in [1, 2, 3, 5] {
            assert!(one == run(threads), "{shape:?}: {threads} threads differ");
        }
    }
}

#[test]
fn other_types_are_computed_by_burn() {
    use burn::tensor::DType;
    let device = Device::flex();
    let i = inputs([2, 16, 8, 8, 16], &device);
    let [x, weight] = [i.x.cast(DType::F64), i.weight.cast(DType::F64)];
    let y = conv2d_3x3(x.clone(), weight.clone(), None);
    assert_eq!(y.dtype(), DType::F64);
    let found: Vec<f64> = y.to_data().try_to_vec().unwrap();
    let expected: Vec<f64> = burns(x, weight, None).to_data().try_to_vec().unwrap();
    assert_eq!(found, expected);
}

#[test]
#[should_panic(expected = "an input of 4 channels needs a weight [out, 4, 3, 3], not [8, 3, 3, 3]")]
fn a_weight_that_does_not_fit_is_named() {
    let device = Device::flex();
    let _ = conv2d_3x3(
        random([1, 4, 5, 5], 1, &device),
        random([8, 3, 3, 3], 2, &device),
        None,
    );
}

/// The derivative along a random direction, once from the gradient and once from two results nearby.
#[test]
fn gradients_agree_with_finite_differences() {
    let device = Device::flex().autodiff();
    for shape in [[2, 3, 7, 6, 5], [2, 16, 9, 8, 20]] {
        let at = inputs(shape, &device);
        let y = conv2d_3x3(at.x.clone(), at.weight.clone(), Some(at.bias.clone()));
        let weighting = random(y.dims(), 9, &device);
        let grads = (y * weighting.clone()).sum().backward();
        let [n, c, h, w, k] = shape;
        let (dx, dw, db) = (
            random([n, c, h, w], 20, &device),
            random([k, c, 3, 3], 21, &device),
            random([k], 22, &device),
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
            let x = at.x.clone().detach() + dx.clone() * step;
            let weight = at.weight.clone().detach() + dw.clone() * step;
            let bias = at.bias.clone().detach() + db.clone() * step;
            dot(
                &numbers(&conv2d_3x3(x, weight, Some(bias))),
                &numbers(&weighting),
            )
        };
        // The loss is quadratic in the step, so the central difference has rounding errors only.
        let found = (moved(0.5) - moved(-0.5)) / 1.0;
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(
            error < 1e-4,
            "{shape:?}: {found} by differences, {expected} by the gradient"
        );
    }
}

/// Batch, channels, height, width, out, kernel, stride, padding.
const GENERAL: &[[usize; 8]] = &[
    [5, 64, 16, 16, 128, 3, 2, 1],
    [64, 20, 8, 8, 40, 3, 2, 1],
    [5, 64, 16, 16, 40, 1, 2, 0],
    [3, 17, 5, 7, 31, 1, 1, 0],
    [2, 3, 45, 33, 20, 7, 2, 3],
    [2, 3, 64, 64, 16, 16, 16, 0],
    [3, 6, 14, 14, 16, 5, 1, 0],
    [2, 16, 9, 11, 5, 3, 1, 0],
    [1, 1, 1, 1, 1, 1, 1, 0],
    [1, 2, 1, 1, 3, 3, 1, 1],
    [2, 2, 2, 3, 3, 3, 5, 2],
    [4, 40, 4, 4, 33, 3, 3, 2],
    [3, 2, 6, 5, 2, 2, 1, 3],
    [1, 30, 13, 30, 40, 11, 4, 2],
];

#[test]
fn any_kernel_stride_and_padding_agrees_with_burns_own() {
    for &[n, c, h, w, k, kernel, stride, padding] in GENERAL {
        let device = Device::flex().autodiff();
        let run = |is_ours: bool| {
            let x = tracked(random([n, c, h, w], 1, &device) + 0.3);
            let scale = ((kernel * kernel * c) as f32).sqrt().recip();
            let weight = tracked(random([k, c, kernel, kernel], 2, &device) * scale);
            let bias = tracked(random([k], 3, &device));
            let (a, b) = (x.clone(), weight.clone());
            let y = if is_ours {
                general(a, b, Some(bias.clone()), stride, padding)
            } else {
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                conv2d(a, b, Some(bias.clone()), options)
            };
            let weighting = random(y.dims(), 4, &device);
            let grads = (y.clone() * weighting).sum().backward();
            let bias = bias.grad(&grads).unwrap().reshape([1, 1, 1, k]);
            [
                y.inner(),
                x.grad(&grads).unwrap(),
                weight.grad(&grads).unwrap(),
                bias,
            ]
        };
        let (ours, burns) = (run(true), run(false));
        let names = [
            "result",
            "input gradient",
            "weight gradient",
            "bias gradient",
        ];
        for (name, (ours, burns)) in names.iter().zip(ours.iter().zip(&burns)) {
            assert_eq!(ours.dims(), burns.dims());
            let case = format!("{n} x {c} x {h} x {w} to {k}, {kernel}/{stride}/{padding}: {name}");
            assert_near(&case, ours, burns, 1e-5);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let run = || {
        let device = Device::flex().autodiff();
        let x = tracked(random([21, 20, 9, 9], 1, &device));
        let weight = tracked(random([35, 20, 3, 3], 2, &device));
        let y = general(x.clone(), weight.clone(), None, 2, 1);
        let grads = (y.clone() * random(y.dims(), 4, &device)).sum().backward();
        [
            y.inner(),
            x.grad(&grads).unwrap(),
            weight.grad(&grads).unwrap(),
        ]
        .map(|tensor| numbers(&tensor))
    };
    assert_eq!(in_pool(1, run), in_pool(3, run));
}

#[test]
#[should_panic(expected = "a kernel of 5 with stride 1 and padding 0 does not fit 4 x 9 pixels")]
fn a_kernel_larger_than_the_image_is_refused() {
    let device = Device::flex();
    let _ = general(
        random([1, 1, 4, 9], 1, &device),
        random([1, 1, 5, 5], 2, &device),
        None,
        1,
        0,
    );
}
