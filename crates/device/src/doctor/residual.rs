//! A residual network small enough to be trained in a check: a stem, one block of stride 2 with a 1 x 1 shortcut, the
//! mean of each channel, a linear layer.

use burn::module::{Module, Param, ParamId};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train};

use super::operators::convolution;
use super::recorder::Recorder;

// PyTorch's defaults.
const EPSILON: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// A convolution without bias, and batch normalisation.
#[derive(Module, Debug)]
struct Unit {
    weight: Param<Tensor<4>>,
    scale: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
    stride: usize,
    padding: usize,
}

/// The network.
#[derive(Module, Debug)]
pub(super) struct Residual {
    stem: Unit,
    first: Unit,
    second: Unit,
    shortcut: Unit,
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// Running means and variances of the four normalisations, in the network's order.
pub(super) struct Statistics([(Tensor<1>, Tensor<1>); 4]);

impl Statistics {
    pub(super) fn new(device: &Device) -> Self {
        // With autodiff, where the network's own tensors live.
        let device = device.clone().autodiff();
        Self([8, 12, 12, 12].map(|channels| {
            let fill = |value: f32| Tensor::full([channels], value, &device);
            (fill(0.0), fill(1.0))
        }))
    }
}

fn parameter<const D: usize>(tensor: Tensor<D>) -> Param<Tensor<D>> {
    Param::initialized(ParamId::new(), tensor.require_grad())
}

impl Unit {
    fn new(
        recorder: &Recorder,
        name: &str,
        [outputs, inputs, kernel]: [usize; 3],
        stride: usize,
    ) -> Self {
        let scale = (3.0 / (inputs * kernel * kernel) as f64).sqrt();
        let shape = [outputs, inputs, kernel, kernel];
        let vector = |part: &str, scale, add| {
            parameter(recorder.constant(&format!("{name}.{part}"), [outputs], scale, add))
        };
        Self {
            weight: parameter(recorder.constant(name, shape, scale, 0.0)),
            scale: vector("scale", 0.25, 1.0),
            shift: vector("shift", 0.1, 0.0),
            stride,
            padding: kernel / 2,
        }
    }

    fn convolve(&self, x: Tensor<4>) -> Tensor<4> {
        convolution(x, self.weight.val(), None, self.stride, self.padding)
    }

    fn forward_train(
        &self,
        x: Tensor<4>,
        tail: Tail,
        (mean, variance): &mut (Tensor<1>, Tensor<1>),
    ) -> Tensor<4> {
        let x = self.convolve(x);
        let [batch, _, height, width] = x.dims();
        let count = (batch * height * width) as f64;
        let trained = batch_norm_train(x, self.scale.val(), self.shift.val(), EPSILON, tail);
        let record = |running: &mut Tensor<1>, of_batch: Tensor<1>| {
            // Detached, or fifty steps would hang together in one graph.
            *running = running.clone() * (1.0 - MOMENTUM) + of_batch.detach() * MOMENTUM;
        };
        record(mean, trained.mean);
        // PyTorch normalises with the biased variance and records the unbiased one.
        record(variance, trained.variance * (count / (count - 1.0)));
        trained.output
    }

    fn forward_eval(
        &self,
        x: Tensor<4>,
        tail: Tail,
        statistics: &(Tensor<1>, Tensor<1>),
    ) -> Tensor<4> {
        let x = self.convolve(x);
        let affine = (self.scale.val(), self.shift.val());
        batch_norm_eval(x, affine, statistics.clone(), EPSILON, tail)
    }
}

impl Residual {
    /// With weights by rule, ready to be trained.
    pub(super) fn new(recorder: &Recorder) -> Self {
        let weight = recorder.constant("linear.weight", [5, 12], (1.0 / 12.0_f64).sqrt(), 0.0);
        Self {
            stem: Unit::new(recorder, "stem", [8, 3, 3], 1),
            first: Unit::new(recorder, "first", [12, 8, 3], 2),
            second: Unit::new(recorder, "second", [12, 12, 3], 1),
            shortcut: Unit::new(recorder, "shortcut", [12, 8, 1], 2),
            weight: parameter(weight),
            bias: parameter(recorder.constant("linear.bias", [5], 0.1, 0.0)),
        }
    }

    /// Logits with the statistics of the batch, which are recorded.
    pub(super) fn forward_train(
        &self,
        images: Tensor<4>,
        statistics: &mut Statistics,
    ) -> Tensor<2> {
        let [stem, first, second, shortcut] = &mut statistics.0;
        let x = self.stem.forward_train(images, Tail::Relu, stem);
        let y = self.first.forward_train(x.clone(), Tail::Relu, first);
        let y = self.second.forward_train(y, Tail::Nothing, second);
        let x = self.shortcut.forward_train(x, Tail::Nothing, shortcut);
        self.answer(relu(y + x))
    }

    /// Logits with the recorded statistics.
    pub(super) fn forward_eval(&self, images: Tensor<4>, statistics: &Statistics) -> Tensor<2> {
        let [stem, first, second, shortcut] = &statistics.0;
        let x = self.stem.forward_eval(images, Tail::Relu, stem);
        let y = self.first.forward_eval(x.clone(), Tail::Relu, first);
        let y = self.second.forward_eval(y, Tail::Nothing, second);
        let x = self.shortcut.forward_eval(x, Tail::Nothing, shortcut);
        self.answer(relu(y + x))
    }

    fn answer(&self, x: Tensor<4>) -> Tensor<2> {
        let features: Tensor<2> = x.mean_dim(3).mean_dim(2).flatten(1, 3);
        features.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze()
    }
}
