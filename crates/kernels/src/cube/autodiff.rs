//! The operators as an extension of the backend, with and without gradients.

use super::elementwise;
use super::normalisation::{Saved, Statistics, backward, forward, kernels_apply};
use crate::backend::{KernelBackend, recorded_depthwise};
use crate::composed;
use crate::optimizer_step::{AdamStep, SgdStep};
use crate::tail::Tail;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Cube};
use burn_cubecl::tensor::CubeTensor;

impl KernelBackend for Cube {
    fn group_norm_tail(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        groups: usize,
        epsilon: f64,
        tail: Tail,
    ) -> CubeTensor {
        if !kernels_apply(&x, &[&weight, &bias], tail) {
            return composed::group_norm::<Self>(x, weight, bias, groups, epsilon, tail);
        }
        forward(x, weight, bias, Statistics::Group { groups }, epsilon, tail).0
    }

    fn batch_norm_train_tail(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        epsilon: f64,
        tail: Tail,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        if !kernels_apply(&x, &[&weight, &bias], tail) {
            return composed::batch_norm_train::<Self>(x, weight, bias, epsilon, tail);
        }
        let (y, [mean, variance], _) = forward(x, weight, bias, Statistics::Batch, epsilon, tail);
        (y, mean, variance)
    }

    fn batch_norm_eval_tail(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        mean: CubeTensor,
        variance: CubeTensor,
        epsilon: f64,
        tail: Tail,
    ) -> CubeTensor {
        if !kernels_apply(&x, &[&weight, &bias, &mean, &variance], tail) {
            return composed::batch_norm_eval::<Self>(
                x, weight, bias, mean, variance, epsilon, tail,
            );
        }
        let given = Statistics::Fixed(Box::new([mean, variance]));
        forward(x, weight, bias, given, epsilon, tail).0
    }

    fn blend(first: CubeTensor, second: CubeTensor, shares: [f64; 2]) -> CubeTensor {
        if !elementwise::apply(&[&first, &second]) {
            return composed::blend::<Self>(first, second, shares);
        }
        elementwise::blend(first, second, shares)
    }

    fn sgd_step(
        parameter: CubeTensor,
        gradient: CubeTensor,
        velocity: CubeTensor,
        step: SgdStep,
    ) -> (CubeTensor, CubeTensor) {
        if !elementwise::apply(&[&parameter, &gradient, &velocity]) {
            return composed::sgd_step::<Self>(parameter, gradient, velocity, step);
        }
        elementwise::sgd([parameter, gradient, velocity], step)
    }

    fn adam_step(
        parameter: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        step: AdamStep,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        if !elementwise::apply(&[&parameter, &gradient, &first, &second]) {
            return composed::adam_step::<Self>(parameter, gradient, first, second, step);
        }
        elementwise::adam([parameter, gradient, first, second], step)
    }
}

/// The backward step of every normalisation.
#[derive(Debug)]
struct Normalisation;

impl Backward<Cube, 3> for Normalisation {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<Cube>(&ops.node);
        let gradients = backward(ops.state, dy);
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<Cube>(node.id, gradient);
            }
        }
    }
}

/// A tensor on the autodiff backend.
type Tracked<C> = FloatTensor<Autodiff<Cube, C>>;

/// Normalisation recorded as one step, with mean and variance.
fn record<C: CheckpointStrategy>(
    [x, weight, bias]: [Tracked<C>; 3],
    statistics: Statistics,
    epsilon: f64,
    tail: Tail,
) -> (Tracked<C>, [CubeTensor; 2]) {
    let [(x, x_node), (weight, weight_node), (bias, bias_node)] =
        [x, weight, bias].map(Tracked::<C>::into_parts);
    let (y, found, saved) = forward(x, weight, bias, statistics, epsilon, tail);
    let step = Normalisation.prepare::<C>([x_node, weight_node, bias_node]);
    let y = match step.compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish(saved, y),
        OpsKind::UnTracked(prep) => prep.finish(y),
    };
    (y, found)
}

impl<C: CheckpointStrategy> KernelBackend for Autodiff<Cube, C> {
    recorded_depthwise!(Cube, C);

    // `blend` of the crate detaches its tensors: there is nothing to record. The optimizers' steps have no entry here,
    // for they are given tensors without gradients.
    fn blend(first: Tracked<C>, second: Tracked<C>, shares: [f64; 2]) -> Tracked<C> {
        let [first, second] = [first, second].map(Tracked::<C>::into_primitive);
        Self::from_inner(Cube::blend(first, second, shares))
    }

    fn group_norm_tail(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        groups: usize,
        epsilon: f64,
        tail: Tail,
    ) -> Tracked<C> {
        if !kernels_apply(x.primitive(), &[weight.primitive(), bias.primitive()], tail) {
            return composed::group_norm::<Self>(x, weight, bias, groups, epsilon, tail);
        }
        record::<C>(
            [x, weight, bias],
            Statistics::Group { groups },
            epsilon,
            tail,
        )
        .0
    }

    fn batch_norm_train_tail(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        epsilon: f64,
        tail: Tail,
    ) -> (Tracked<C>, Tracked<C>, Tracked<C>) {
        if !kernels_apply(x.primitive(), &[weight.primitive(), bias.primitive()], tail) {
            return composed::batch_norm_train::<Self>(x, weight, bias, epsilon, tail);
        }
        let (y, [mean, variance]) =
            record::<C>([x, weight, bias], Statistics::Batch, epsilon, tail);
        (y, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn batch_norm_eval_tail(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        mean: Tracked<C>,
        variance: Tracked<C>,
        epsilon: f64,
        tail: Tail,
    ) -> Tracked<C> {
        let parameters = [&weight, &bias, &mean, &variance].map(Tracked::<C>::primitive);
        if !kernels_apply(x.primitive(), &parameters, tail) {
            return composed::batch_norm_eval::<Self>(
                x, weight, bias, mean, variance, epsilon, tail,
            );
        }
        let given = [mean, variance].map(Tracked::<C>::into_primitive);
        let given = Statistics::Fixed(Box::new(given));
        record::<C>([x, weight, bias], given, epsilon, tail).0
    }
}
