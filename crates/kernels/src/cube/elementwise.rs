//! Steps of optimizers and weighted sums, in one kernel each.

use crate::optimizer_step::{AdamStep, SgdStep};
use burn::backend::TensorMetadata;
use burn::tensor::DType;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::{LinearView, LinearViewMut};
use cubecl::{CubeCount, CubeDim, calculate_cube_count_elemwise};

#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct SgdNumbers {
    rate: f32,
    momentum: f32,
    decay: f32,
}

#[cube(launch)]
fn sgd_kernel(
    parameter: LinearView<'_, f32>,
    gradient: LinearView<'_, f32>,
    velocity: LinearView<'_, f32>,
    mut next_parameter: LinearViewMut<'_, f32>,
    mut next_velocity: LinearViewMut<'_, f32>,
    numbers: &SgdNumbers,
) {
    // The last cube has threads beyond the last number.
    if !next_parameter.is_in_bounds(ABSOLUTE_POS) {
        terminate!();
    }
    let old = parameter.read(ABSOLUTE_POS);
    let moved = velocity.read(ABSOLUTE_POS) * numbers.momentum
        + (gradient.read(ABSOLUTE_POS) + old * numbers.decay);
    next_velocity.write(ABSOLUTE_POS, moved);
    next_parameter.write(ABSOLUTE_POS, old - moved * numbers.rate);
}

#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct AdamNumbers {
    rate: f32,
    decay: f32,
    keep: f32,
    root: f32,
    epsilon: f32,
    beta_1: f32,
    rest_1: f32,
    beta_2: f32,
    rest_2: f32,
}

#[cube(launch)]
fn adam_kernel(
    parameter: LinearView<'_, f32>,
    gradient: LinearView<'_, f32>,
    first: LinearView<'_, f32>,
    second: LinearView<'_, f32>,
    mut next_parameter: LinearViewMut<'_, f32>,
    mut next_first: LinearViewMut<'_, f32>,
    mut next_second: LinearViewMut<'_, f32>,
    numbers: &AdamNumbers,
) {
    if !next_parameter.is_in_bounds(ABSOLUTE_POS) {
        terminate!();
    }
    let old = parameter.read(ABSOLUTE_POS);
    let gradient = gradient.read(ABSOLUTE_POS) + old * numbers.decay;
    let mean = first.read(ABSOLUTE_POS) * numbers.beta_1 + gradient * numbers.rest_1;
    let square = second.read(ABSOLUTE_POS) * numbers.beta_2 + gradient * gradient * numbers.rest_2;
    next_first.write(ABSOLUTE_POS, mean);
    next_second.write(ABSOLUTE_POS, square);
    let change = mean / (f32::sqrt(square) * numbers.root + numbers.epsilon) * numbers.rate;
    next_parameter.write(ABSOLUTE_POS, old * numbers.keep - change);
}

#[cube(launch)]
fn blend_kernel(
    first: LinearView<'_, f32>,
    second: LinearView<'_, f32>,
    mut result: LinearViewMut<'_, f32>,
    share_1: f32,
    share_2: f32,
) {
    if !result.is_in_bounds(ABSOLUTE_POS) {
        terminate!();
    }
    let sum = first.read(ABSOLUTE_POS) * share_1 + second.read(ABSOLUTE_POS) * share_2;
    result.write(ABSOLUTE_POS, sum);
}

/// Whether the kernels can work on these.
pub(super) fn apply(tensors: &[&CubeTensor]) -> bool {
    tensors
        .iter()
        .all(|tensor| tensor.dtype == DType::F32 && tensor.shape().num_elements() > 0)
}

/// A thread for every number, and results like `tensor`. Results are contiguous, whatever the layout of a gradient that
/// comes out of a transposition: the other tensors are read through views in the order of the result.
fn prepare<const N: usize>(tensor: &CubeTensor) -> (CubeCount, CubeDim, [CubeTensor; N]) {
    let numbers = tensor.shape().num_elements();
    let dim = CubeDim::new(&tensor.client, numbers);
    let count = calculate_cube_count_elemwise(&tensor.client, numbers, dim);
    let results = [(); N].map(|()| {
        empty_device_contiguous_dtype(
            tensor.client.clone(),
            tensor.device.clone(),
            tensor.shape(),
            DType::F32,
        )
    });
    (count, dim, results)
}

/// See [`blend`](crate::blend); [`apply`] has been asked.
pub(super) fn blend(first: CubeTensor, second: CubeTensor, shares: [f64; 2]) -> CubeTensor {
    let client = first.client.clone();
    let (count, dim, [result]) = prepare(&first);
    let [first, second] = [first, second].map(|tensor| tensor.into_linear_view_like(&result));
    blend_kernel::launch(
        &client,
        count,
        dim,
        first,
        second,
        result.clone().into_linear_view(),
        shares[0] as f32,
        shares[1] as f32,
    );
    result
}

/// See [`sgd_step`](crate::sgd_step); [`apply`] has been asked.
pub(super) fn sgd(tensors: [CubeTensor; 3], step: SgdStep) -> (CubeTensor, CubeTensor) {
    let client = tensors[0].client.clone();
    let (count, dim, [next, next_velocity]) = prepare(&tensors[0]);
    let [parameter, gradient, velocity] = tensors.map(|tensor| tensor.into_linear_view_like(&next));
    sgd_kernel::launch(
        &client,
        count,
        dim,
        parameter,
        gradient,
        velocity,
        next.clone().into_linear_view(),
        next_velocity.clone().into_linear_view(),
        SgdNumbersLaunch::new(
            step.rate as f32,
            step.momentum as f32,
            step.weight_decay as f32,
        ),
    );
    (next, next_velocity)
}

/// See [`adam_step`](crate::adam_step); [`apply`] has been asked.
pub(super) fn adam(
    tensors: [CubeTensor; 4],
    step: AdamStep,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let client = tensors[0].client.clone();
    let (count, dim, [next, next_first, next_second]) = prepare(&tensors[0]);
    let [parameter, gradient, first, second] =
        tensors.map(|tensor| tensor.into_linear_view_like(&next));
    let factors = step.factors();
    let [beta_1, beta_2] = step.betas;
    adam_kernel::launch(
        &client,
        count,
        dim,
        parameter,
        gradient,
        first,
        second,
        next.clone().into_linear_view(),
        next_first.clone().into_linear_view(),
        next_second.clone().into_linear_view(),
        AdamNumbersLaunch::new(
            factors.rate as f32,
            factors.decay as f32,
            factors.keep as f32,
            factors.root as f32,
            step.epsilon as f32,
            // Differences in double precision: see the kernel of the CPU.
            beta_1 as f32,
            (1.0 - beta_1) as f32,
            beta_2 as f32,
            (1.0 - beta_2) as f32,
        ),
    );
    (next, next_first, next_second)
}
