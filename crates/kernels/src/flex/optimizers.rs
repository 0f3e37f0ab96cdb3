//! Steps of optimizers in one pass.

use super::buffer::Buffer;
use super::tensors::numbers;
use crate::optimizer_step::{AdamStep, SgdStep};
use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

/// Numbers of a task: 128 KiB of each tensor. Elements do not meet, so any division gives the same bits.
const TASK: usize = 1 << 15;

/// See [`sgd_step`](crate::sgd_step); `f32` all.
pub(super) fn sgd(tensors: [FlexTensor; 3], step: SgdStep) -> (FlexTensor, FlexTensor) {
    let tensors = tensors.map(|tensor| tensor.to_contiguous());
    let shape = tensors[0].shape();
    let [parameter, gradient, velocity] = [&tensors[0], &tensors[1], &tensors[2]].map(numbers);
    let mut next = [(); 2].map(|()| Buffer::new(parameter.len()));
    let [rate, momentum, decay] =
        [step.rate, step.momentum, step.weight_decay].map(|number| number as f32);
    let [next_parameter, next_velocity] = &mut next;
    (
        next_parameter.numbers().par_chunks_mut(TASK),
        next_velocity.numbers().par_chunks_mut(TASK),
        parameter.par_chunks(TASK),
        gradient.par_chunks(TASK),
        velocity.par_chunks(TASK),
    )
        .into_par_iter()
        .for_each(|(next, next_velocity, parameter, gradient, velocity)| {
            let old = parameter.iter().zip(gradient).zip(velocity);
            let new = next.iter_mut().zip(next_velocity);
            for (((parameter, gradient), velocity), (next, next_velocity)) in old.zip(new) {
                let moved = velocity * momentum + (gradient + parameter * decay);
                *next_velocity = moved;
                *next = parameter - moved * rate;
            }
        });
    let [parameter, velocity] = next.map(|buffer| buffer.into_tensor(shape.clone()));
    (parameter, velocity)
}

/// See [`adam_step`](crate::adam_step); `f32` all.
pub(super) fn adam(
    tensors: [FlexTensor; 4],
    step: AdamStep,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let tensors = tensors.map(|tensor| tensor.to_contiguous());
    let shape = tensors[0].shape();
    let [parameter, gradient, first, second] =
        [&tensors[0], &tensors[1], &tensors[2], &tensors[3]].map(numbers);
    let mut next = [(); 3].map(|()| Buffer::new(parameter.len()));
    let factors = step.factors();
    let [decay, keep, rate, root] =
        [factors.decay, factors.keep, factors.rate, factors.root].map(|number| number as f32);
    let [beta_1, beta_2] = step.betas.map(|beta| beta as f32);
    // The difference in double precision, as in PyTorch: in single precision `1 - 0.999` is off by 1e-5 of itself.
    let [rest_1, rest_2] = step.betas.map(|beta| (1.0 - beta) as f32);
    let epsilon = step.epsilon as f32;
    let [next_parameter, next_first, next_second] = &mut next;
    (
        next_parameter.numbers().par_chunks_mut(TASK),
        next_first.numbers().par_chunks_mut(TASK),
        next_second.numbers().par_chunks_mut(TASK),
        parameter.par_chunks(TASK),
        gradient.par_chunks(TASK),
        first.par_chunks(TASK),
        second.par_chunks(TASK),
    )
        .into_par_iter()
        .for_each(
            |(next, next_first, next_second, parameter, gradient, first, second)| {
                let old = parameter.iter().zip(gradient).zip(first).zip(second);
                let new = next.iter_mut().zip(next_first).zip(next_second);
                for ((((parameter, gradient), first), second), ((next, next_first), next_second)) in
                    old.zip(new)
                {
                    let gradient = gradient + parameter * decay;
                    let mean = first * beta_1 + gradient * rest_1;
                    let square = second * beta_2 + gradient * gradient * rest_2;
                    *next_first = mean;
                    *next_second = square;
                    *next = parameter * keep - mean / (square.sqrt() * root + epsilon) * rate;
                }
            },
        );
    let [parameter, first, second] = next.map(|buffer| buffer.into_tensor(shape.clone()));
    (parameter, first, second)
}
