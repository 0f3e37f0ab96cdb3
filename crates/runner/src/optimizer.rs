//! The optimizers of recipes.

use crate::recipe::Optimizer;
use burn::optim::{
    AdaptiveMomentumState, LearningRate, ModuleOptimizer, RecordState, StateSink, StateSource,
};
use burn::tensor::{Device, Tensor};
use ddrank_kernels::{AdamStep, SgdStep, adam_step, sgd_step};

/// The optimizer of a training, with PyTorch's formula; a step passes over every parameter once.
#[must_use]
pub fn optimizer(optimizer: Optimizer) -> ModuleOptimizer {
    match optimizer {
        Optimizer::Sgd {
            momentum,
            weight_decay,
        } => ModuleOptimizer::from(Sgd {
            momentum,
            weight_decay,
        }),
        Optimizer::Adam {
            betas,
            eps,
            weight_decay,
        } => ModuleOptimizer::from(Adam {
            betas,
            eps,
            weight_decay,
            decoupled: false,
        }),
        Optimizer::AdamW {
            betas,
            eps,
            weight_decay,
        } => ModuleOptimizer::from(Adam {
            betas,
            eps,
            weight_decay,
            decoupled: true,
        }),
    }
}

/// Stochastic gradient descent.
#[derive(Clone)]
struct Sgd {
    momentum: f64,
    weight_decay: f64,
}

/// What [`Sgd`] keeps of a parameter.
#[derive(Clone)]
struct SgdState<const D: usize> {
    velocity: Tensor<D>,
}

/// The name of [`SgdState::velocity`] in a record.
const VELOCITY: &str = "velocity";

// burn's derive works in burn's own crate only.
impl<const D: usize> RecordState for SgdState<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        out.push_tensor(prefix, VELOCITY, self.velocity.to_data());
    }

    fn state_unflatten(prefix: &str, from: &mut StateSource, device: &Device) -> Option<Self> {
        let velocity = from.take_tensor(prefix, VELOCITY)?;
        Some(Self {
            velocity: Tensor::from_data(velocity, device),
        })
    }
}

impl burn::optim::Optimizer for Sgd {
    type State<const D: usize> = SgdState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<SgdState<D>>,
    ) -> (Tensor<D>, Option<SgdState<D>>) {
        let velocity = match state {
            Some(state) => state.velocity,
            None => parameter.zeros_like(),
        };
        let step = SgdStep {
            rate,
            momentum: self.momentum,
            weight_decay: self.weight_decay,
        };
        let (parameter, velocity) = sgd_step(parameter, gradient, velocity, step);
        (parameter, Some(SgdState { velocity }))
    }

    fn to_device<const D: usize>(state: SgdState<D>, device: &Device) -> SgdState<D> {
        SgdState {
            velocity: state.velocity.to_device(device),
        }
    }
}

/// Adam and AdamW.
#[derive(Clone)]
struct Adam {
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    decoupled: bool,
}

impl burn::optim::Optimizer for Adam {
    type State<const D: usize> = AdaptiveMomentumState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdaptiveMomentumState<D>>,
    ) -> (Tensor<D>, Option<AdaptiveMomentumState<D>>) {
        let state = state.unwrap_or_else(|| {
            AdaptiveMomentumState::new(0, parameter.zeros_like(), parameter.zeros_like())
        });
        let time = state.time + 1;
        let step = AdamStep {
            rate,
            betas: self.betas,
            epsilon: self.eps,
            weight_decay: self.weight_decay,
            decoupled: self.decoupled,
            step: time,
        };
        let (parameter, first, second) =
            adam_step(parameter, gradient, state.moment_1, state.moment_2, step);
        (
            parameter,
            Some(AdaptiveMomentumState::new(time, first, second)),
        )
    }

    fn to_device<const D: usize>(
        state: AdaptiveMomentumState<D>,
        device: &Device,
    ) -> AdaptiveMomentumState<D> {
        state.to_device(device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::{Module, Param};
    use burn::optim::GradientsParams;
    use burn::tensor::TensorData;

    #[derive(Module, Debug)]
    struct One {
        weight: Param<Tensor<1>>,
    }

    const START: [f64; 3] = [1.5, -0.25, 0.75];
    const RATE: f64 = 0.05;

    fn gradient(step: usize) -> [f64; 3] {
        [0.5, -2.0, 0.125].map(|scale| scale * (1.0 - 0.75 * step as f64))
    }

    /// The parameters after five steps of a training's optimizer.
    fn trained(rule: Optimizer) -> Vec<f64> {
        let device = Device::flex();
        let floats = |values: [f64; 3]| TensorData::from(values.map(|value| value as f32));
        let mut module = One {
            weight: Param::from_data(floats(START), &device.clone().autodiff()),
        };
        let mut optimizer = optimizer(rule);
        for step in 0..5 {
            let mut gradients = GradientsParams::new();
            let gradient = Tensor::<1>::from_data(floats(gradient(step)), &device);
            gradients.register(module.weight.id, gradient);
            module = optimizer.step(RATE, module, gradients);
        }
        module.weight.val().into_data().iter::<f64>().collect()
    }

    /// The same by PyTorch's documented formulas, in double precision.
    fn formula(rule: Optimizer) -> Vec<f64> {
        let one = |index: usize| {
            let (mut weight, mut first, mut second) = (START[index], 0.0, 0.0);
            for step in 0..5 {
                let gradient = gradient(step)[index];
                match rule {
                    Optimizer::Sgd {
                        momentum,
                        weight_decay,
                    } => {
                        first = momentum * first + gradient + weight_decay * weight;
                        weight -= RATE * first;
                    }
                    Optimizer::Adam {
                        betas,
                        eps,
                        weight_decay,
                    }
                    | Optimizer::AdamW {
                        betas,
                        eps,
                        weight_decay,
                    } => {
                        let mut gradient = gradient;
                        if let Optimizer::AdamW { .. } = rule {
                            weight *= 1.0 - RATE * weight_decay;
                        } else {
                            gradient += weight_decay * weight;
                        }
                        first = betas[0] * first + (1.0 - betas[0]) * gradient;
                        second = betas[1] * second + (1.0 - betas[1]) * gradient * gradient;
                        let steps = step as i32 + 1;
                        let mean = first / (1.0 - betas[0].powi(steps));
                        let square = second / (1.0 - betas[1].powi(steps));
                        weight -= RATE * mean / (square.sqrt() + eps);
                    }
                }
            }
            weight
        };
        (0..START.len()).map(one).collect()
    }

    #[test]
    fn optimizers_follow_their_formulas() {
        let mut rules = Vec::new();
        for weight_decay in [0.0, 0.5] {
            for momentum in [0.0, 0.9] {
                rules.push(Optimizer::Sgd {
                    momentum,
                    weight_decay,
                });
            }
            for (betas, eps) in [([0.9, 0.999], 1e-8), ([0.5, 0.8], 1e-8), ([0.9, 0.99], 0.5)] {
                rules.push(Optimizer::Adam {
                    betas,
                    eps,
                    weight_decay,
                });
                rules.push(Optimizer::AdamW {
                    betas,
                    eps,
                    weight_decay,
                });
            }
        }
        for rule in rules {
            let (got, expected) = (trained(rule), formula(rule));
            for (got, expected) in got.iter().zip(&expected) {
                assert!(
                    (got - expected).abs() < 1e-5,
                    "{rule:?}: {got} instead of {expected}"
                );
            }
        }
    }
}
