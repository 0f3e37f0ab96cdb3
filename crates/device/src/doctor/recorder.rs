//! A case being run: its inputs by rule, and the results that are compared.

use burn::tensor::{Device, Tensor};
use ddrank_kernels::total;

use super::rule::{numbers, tensor};

/// Gives a case its inputs and takes its results.
pub(super) struct Recorder {
    case: &'static str,
    device: Device,
    leaves: Vec<Leaf>,
    found: Vec<(String, Vec<f32>)>,
    reduce: bool,
}

/// An input that a gradient is wanted for.
struct Leaf {
    name: &'static str,
    shape: Vec<usize>,
    /// Flat, so that all leaves have one type.
    tensor: Tensor<1>,
}

impl Recorder {
    pub(super) fn new(case: &'static str, device: &Device) -> Self {
        Self {
            case,
            device: device.clone(),
            leaves: Vec::new(),
            found: Vec::new(),
            reduce: false,
        }
    }

    /// The device without autodiff.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// Of tensors with four dimensions only means over the first and the last one are compared from now on: the file
    /// stays small.
    pub(super) fn compare_means(&mut self) {
        self.reduce = true;
    }

    /// An input that gradients reach: `add + scale * unit`.
    pub(super) fn leaf<const D: usize>(
        &mut self,
        name: &'static str,
        shape: [usize; D],
        scale: f64,
        add: f64,
    ) -> Tensor<D> {
        let length = shape.iter().product();
        let values = tensor(
            &self.path(name),
            [length],
            [scale, add],
            &self.device.clone().autodiff(),
        );
        let tensor: Tensor<1> = values.require_grad();
        self.leaves.push(Leaf {
            name,
            shape: shape.to_vec(),
            tensor: tensor.clone(),
        });
        tensor.reshape(shape)
    }

    /// An input without gradient, on the device with autodiff as the parameters of a network are.
    pub(super) fn constant<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
        scale: f64,
        add: f64,
    ) -> Tensor<D> {
        let device = self.device.clone().autodiff();
        tensor(&self.path(name), shape, [scale, add], &device)
    }

    /// An input without gradient, on the device without autodiff as images and labels are.
    pub(super) fn plain<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
        scale: f64,
    ) -> Tensor<D> {
        tensor(&self.path(name), shape, [scale, 0.0], &self.device)
    }

    /// The numbers of an input, on the host.
    pub(super) fn host(&self, name: &str, shape: &[usize], scale: f64, add: f64) -> Vec<f32> {
        numbers(&self.path(name), shape, scale, add)
            .iter::<f32>()
            .collect()
    }

    /// A result to compare.
    pub(super) fn keep<const D: usize>(&mut self, output: &str, tensor: Tensor<D>) {
        let shape = tensor.dims();
        let values = tensor.into_data().iter::<f32>().collect();
        let values = self.reduced(values, &shape);
        self.found.push((output.to_owned(), values));
    }

    /// Keeps `y`, and the gradients of `y` weighted by rule with respect to all leaves.
    pub(super) fn differentiate<const D: usize>(&mut self, y: Tensor<D>) {
        let length = y.dims().iter().product();
        let weighting = self.constant("weighting", [length], 1.0, 0.0);
        // The sum of `y` alone would give many operators constant gradients, and pass those in a wrong order.
        let gradients = total(y.clone().reshape([length]) * weighting).backward();
        self.keep("y", y);
        for leaf in &self.leaves {
            let values = match leaf.tensor.grad(&gradients) {
                Some(gradient) => gradient.into_data().iter::<f32>().collect(),
                // No gradient is a wrong one: it has no number where some are expected.
                None => Vec::new(),
            };
            let values = self.reduced(values, &leaf.shape);
            self.found.push((format!("d{}", leaf.name), values));
        }
    }

    /// All results.
    pub(super) fn finish(self) -> Vec<(String, Vec<f32>)> {
        self.found
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.case)
    }

    fn reduced(&self, values: Vec<f32>, shape: &[usize]) -> Vec<f32> {
        let &[first, second, third, fourth] = shape else {
            return values;
        };
        if !self.reduce {
            return values;
        }
        // In double precision: the error is to be the device's, not that of this sum.
        let mut sums = vec![0.0_f64; second * third];
        for (index, value) in values.iter().enumerate() {
            // Row-major: the second and third index, as one.
            sums[index / fourth % (second * third)] += f64::from(*value);
        }
        let count = (first * fourth) as f64;
        sums.into_iter().map(|sum| (sum / count) as f32).collect()
    }
}
