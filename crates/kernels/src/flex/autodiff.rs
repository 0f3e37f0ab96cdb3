//! Results with gradients.

use super::buffer::Buffer;
use super::conv::{self, general};
use super::forward::{convolve, convolve_general, normalise, sizes};
use super::norm::{self, Layer, Statistics};
use super::simd::Level;
use super::tensors::{images, kernels_apply, numbers, shape, small};
use crate::backend::{KernelBackend, recorded_depthwise};
use crate::composed;
use crate::tail::Tail;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Flex, TensorMetadata};
use burn::tensor::Shape;

/// The backward step of every normalisation.
#[derive(Debug)]
struct Normalisation;

/// What it needs of the forward pass. The normalised numbers and what the ReLU stopped are computed again from `x`, in
/// the pass that is needed anyway, so that no second tensor of this size waits for the backward pass.
#[derive(Clone, Debug)]
struct Saved {
    x: FlexTensor,
    weight: FlexTensor,
    bias: FlexTensor,
    mean: Vec<f32>,
    inverse: Vec<f32>,
    statistics: Kind,
    tail: Tail,
}

/// [`Statistics`] that own the given numbers, which are contiguous `f32`.
#[derive(Clone, Debug)]
enum Kind {
    Group {
        groups: usize,
    },
    Batch,
    /// Mean and variance.
    Fixed(Box<[FlexTensor; 2]>),
}

impl Kind {
    /// As the kernels take them.
    fn statistics(&self) -> Statistics<'_> {
        match self {
            Self::Group { groups } => Statistics::Group { groups: *groups },
            Self::Batch => Statistics::Batch,
            Self::Fixed(given) => Statistics::Fixed {
                mean: numbers(&given[0]),
                variance: numbers(&given[1]),
            },
        }
    }
}

impl Backward<Flex, 3> for Normalisation {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        // A gradient may come as another tensor's view (of a transposition, say); the kernels read plain slices.
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let saved = ops.state;
        let images = images(&saved.x);
        let mut dx = Buffer::new(images.len());
        let layer = Layer {
            images,
            weight: numbers(&saved.weight),
            bias: numbers(&saved.bias),
            statistics: saved.statistics.statistics(),
            tail: saved.tail,
        };
        let found = (&saved.mean[..], &saved.inverse[..]);
        let (x, dy) = (numbers(&saved.x), numbers(&dy));
        // `dx` also where nobody asks for it: the sums for weight and bias come out of the same pass.
        let parameters = norm::backward(Level::best(), layer, found, x, dy, dx.numbers());
        let [x, weight, bias] = ops.parents;
        let channels = Shape::new([images.channels]);
        if let Some(node) = x {
            grads.register::<Flex>(node.id, dx.into_tensor(shape(images)));
        }
        if let Some(node) = weight {
            grads.register::<Flex>(node.id, small(parameters.weight, channels.clone()));
        }
        if let Some(node) = bias {
            grads.register::<Flex>(node.id, small(parameters.bias, channels));
        }
    }
}

/// The backward step of the convolution.
#[derive(Debug)]
struct Convolution;

impl Backward<Flex, 3> for Convolution {
    // The weight as it is: its factors are four times as many numbers, and backward it needs others, turned and read
    // across.
    /// Input and weight.
    type State = (FlexTensor, FlexTensor);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (x, weight) = ops.state;
        let (images, out) = (images(&x), weight.shape()[0]);
        // Nobody asks for the gradient of the first layer's images: a third of its work.
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = x_node {
            let mut dx = Buffer::new(images.len());
            conv::input_gradient(
                Level::best(),
                images,
                out,
                numbers(&dy),
                numbers(&weight),
                dx.numbers(),
            );
            grads.register::<Flex>(node.id, dx.into_tensor(shape(images)));
        }
        if weight_node.is_none() && bias_node.is_none() {
            return;
        }
        // Both or none: the bias's comes out of the pass over `dy` that the weight's needs.
        let (dw, db) = conv::weight_gradient(Level::best(), images, out, numbers(&x), numbers(&dy));
        if let Some(node) = weight_node {
            grads.register::<Flex>(node.id, small(dw, weight.shape()));
        }
        if let Some(node) = bias_node {
            grads.register::<Flex>(node.id, small(db, Shape::new([out])));
        }
    }
}

/// The backward step of any other convolution.
#[derive(Debug)]
struct GeneralConvolution;

impl Backward<Flex, 3> for GeneralConvolution {
    /// Input, weight and sizes.
    type State = (FlexTensor, FlexTensor, general::Convolution);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (x, weight, sizes) = ops.state;
        let (level, dy) = (Level::best(), numbers(&dy));
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = x_node {
            let mut dx = Buffer::new(sizes.images.len());
            general::input_gradient(level, sizes, dy, numbers(&weight), dx.numbers());
            grads.register::<Flex>(node.id, dx.into_tensor(shape(sizes.images)));
        }
        if weight_node.is_none() && bias_node.is_none() {
            return;
        }
        let (dw, db) = general::weight_gradient(level, sizes, numbers(&x), dy);
        if let Some(node) = weight_node {
            grads.register::<Flex>(node.id, small(dw, weight.shape()));
        }
        if let Some(node) = bias_node {
            grads.register::<Flex>(node.id, small(db, Shape::new([sizes.out])));
        }
    }
}

/// A tensor on the autodiff backend.
type Tracked<C> = FloatTensor<Autodiff<Flex, C>>;

/// Normalisation recorded as one step; mean and variance for batch statistics.
fn record<C: CheckpointStrategy>(
    [x, weight, bias]: [Tracked<C>; 3],
    kind: Kind,
    epsilon: f64,
    tail: Tail,
) -> (Tracked<C>, Vec<f32>, Vec<f32>) {
    let [(x, x_node), (weight, weight_node), (bias, bias_node)] =
        [x, weight, bias].map(Tracked::<C>::into_parts);
    let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
    let (y, found) = normalise(&x, &weight, &bias, kind.statistics(), epsilon, tail);
    // `compute_bound`: where a checkpointing strategy recomputes cheap steps to save memory, this is none of them.
    let steps = Normalisation.prepare::<C>([x_node, weight_node, bias_node]);
    match steps.compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let saved = Saved {
                x,
                weight,
                bias,
                mean: found.mean.clone(),
                inverse: found.inverse,
                statistics: kind,
                tail,
            };
            (prep.finish(saved, y), found.mean, found.variance)
        }
        OpsKind::UnTracked(prep) => (prep.finish(y), found.mean, found.variance),
    }
}

impl<C: CheckpointStrategy> KernelBackend for Autodiff<Flex, C> {
    recorded_depthwise!(Flex, C);

    fn conv2d_3x3(x: Tracked<C>, weight: Tracked<C>, bias: Tracked<C>) -> Tracked<C> {
        if !kernels_apply(&[x.primitive(), weight.primitive(), bias.primitive()]) {
            return composed::conv2d::<Self>(x, weight, bias, 1, 1);
        }
        let [(x, x_node), (weight, weight_node), (bias, bias_node)] =
            [x, weight, bias].map(Tracked::<C>::into_parts);
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let y = convolve(&x, &weight, &bias);
        let step = Convolution.prepare::<C>([x_node, weight_node, bias_node]);
        match step.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn conv2d_general(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        stride: usize,
        padding: usize,
    ) -> Tracked<C> {
        if !kernels_apply(&[x.primitive(), weight.primitive(), bias.primitive()]) {
            return composed::conv2d::<Self>(x, weight, bias, stride, padding);
        }
        let [(x, x_node), (weight, weight_node), (bias, bias_node)] =
            [x, weight, bias].map(Tracked::<C>::into_parts);
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let sizes = sizes(&x, &weight, stride, padding);
        let y = convolve_general(&x, &weight, &bias, sizes);
        let step = GeneralConvolution.prepare::<C>([x_node, weight_node, bias_node]);
        match step.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight, sizes), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn group_norm_tail(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        groups: usize,
        epsilon: f64,
        tail: Tail,
    ) -> Tracked<C> {
        if !kernels_apply(&[x.primitive(), weight.primitive(), bias.primitive()]) {
            return composed::group_norm::<Self>(x, weight, bias, groups, epsilon, tail);
        }
        record::<C>([x, weight, bias], Kind::Group { groups }, epsilon, tail).0
    }

    fn batch_norm_train_tail(
        x: Tracked<C>,
        weight: Tracked<C>,
        bias: Tracked<C>,
        epsilon: f64,
        tail: Tail,
    ) -> (Tracked<C>, Tracked<C>, Tracked<C>) {
        if !kernels_apply(&[x.primitive(), weight.primitive(), bias.primitive()]) {
            return composed::batch_norm_train::<Self>(x, weight, bias, epsilon, tail);
        }
        // Mean and variance go to the running statistics, through which no gradient flows.
        let (y, mean, variance) = record::<C>([x, weight, bias], Kind::Batch, epsilon, tail);
        let channels = Shape::new([mean.len()]);
        let constant = |numbers| Self::from_inner(small(numbers, channels.clone()));
        (y, constant(mean), constant(variance))
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
        let plain = [&x, &weight, &bias, &mean, &variance].map(Tracked::<C>::primitive);
        if !kernels_apply(&plain) {
            return composed::batch_norm_eval::<Self>(
                x, weight, bias, mean, variance, epsilon, tail,
            );
        }
        // Given statistics come from a running average or a teacher: constants, whose nodes are dropped here.
        let given = [mean, variance].map(|tensor| tensor.into_primitive().to_contiguous());
        let given = Kind::Fixed(Box::new(given));
        record::<C>([x, weight, bias], given, epsilon, tail).0
    }
}
