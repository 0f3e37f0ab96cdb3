//! Convolution of every channel by itself.
//!
//! burn's convolution does this well, but for one thing: the gradient of a grouped weight takes a convolution a group,
//! hundreds in a layer. Here it takes one: with images and channels exchanged, the gradient of channel c is a
//! convolution of the input's c-th group of images with the result's gradient as its kernel.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::ConvOptions;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata};
use burn::tensor::{Shape, Slice};

/// The convolution of `x` `[batch, channels, height, width]` with `weight` `[channels, 1, kernel, kernel]`.
pub(crate) fn forward<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    stride: usize,
    padding: usize,
) -> FloatTensor<B> {
    let options = options(weight.shape()[0], stride, padding);
    B::conv2d(x, weight, None, options)
}

fn options(channels: usize, stride: usize, padding: usize) -> ConvOptions<2> {
    ConvOptions::new([stride, stride], [padding, padding], [1, 1], channels)
}

/// The convolution recorded as one step.
pub(crate) fn record<B: Backend, C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<B, C>>,
    weight: FloatTensor<Autodiff<B, C>>,
    stride: usize,
    padding: usize,
) -> FloatTensor<Autodiff<B, C>> {
    let [(x, x_node), (weight, weight_node)] =
        [x, weight].map(FloatTensor::<Autodiff<B, C>>::into_parts);
    let y = forward::<B>(x.clone(), weight.clone(), stride, padding);
    let step = Depthwise.prepare::<C>([x_node, weight_node]);
    match step.compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish((x, weight, stride, padding), y),
        OpsKind::UnTracked(prep) => prep.finish(y),
    }
}

/// The backward step.
#[derive(Debug)]
struct Depthwise;

impl<B: Backend> Backward<B, 2> for Depthwise {
    /// Input, weight, stride, padding.
    type State = (FloatTensor<B>, FloatTensor<B>, usize, usize);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let (x, weight, stride, padding) = ops.state;
        let shape = weight.shape();
        let [x_node, weight_node] = ops.parents;
        if let Some(node) = x_node {
            let options = options(shape[0], stride, padding);
            let dx = B::conv2d_x_backward(x.clone(), weight, dy.clone(), options);
            grads.register::<B>(node.id, dx);
        }
        if let Some(node) = weight_node {
            grads.register::<B>(node.id, weight_gradient::<B>(x, dy, shape, stride, padding));
        }
    }
}

fn weight_gradient<B: Backend>(
    x: FloatTensor<B>,
    dy: FloatTensor<B>,
    shape: Shape,
    stride: usize,
    padding: usize,
) -> FloatTensor<B> {
    let (channels, kernel) = (shape[0], shape[2]);
    let ([batch, _, height, width], [_, _, rows, columns]) = (x.shape().dims(), dy.shape().dims());
    let images = B::float_reshape(
        B::float_swap_dims(x, 0, 1),
        Shape::new([1, channels * batch, height, width]),
    );
    let kernels = B::float_reshape(
        B::float_swap_dims(dy, 0, 1),
        Shape::new([channels, batch, rows, columns]),
    );
    // dw[c][i][j] = sum over n, r, q of x[n][c][stride r + i - padding][stride q + j - padding] dy[n][c][r][q]: the
    // images are what is summed over, so they take the place of the channels; i and j step by one, and r and q, places
    // in the kernel now, are `stride` pixels apart: the stride becomes a dilation.
    let options = ConvOptions::new([1, 1], [padding, padding], [stride, stride], channels);
    let products = B::conv2d(images, kernels, None, options);
    // Rows and columns that no stride reaches are left over.
    let kept = [
        Slice::from(0..1),
        Slice::from(0..channels),
        Slice::from(0..kernel),
        Slice::from(0..kernel),
    ];
    B::float_reshape(B::float_slice(products, &kept), shape)
}
