//! What Adam and AdamW share: running means of the gradient and of its square (Kingma and Ba, arXiv 1412.6980).

use burn::optim::{AdaptiveMomentumState, LearningRate, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use ddrank_kernels::{AdamStep, adam_step};
use ddrank_keys::Key;

/// The smallest `eps` that single floats can carry through a step.
const SMALLEST_EPS: f64 = 1e-30;

pub(crate) const BETAS: Key<[f64; 2]> = Key::new(
    "betas",
    || [0.9, 0.999],
    "decay of the running means of the gradient and of its square",
)
.where_("two numbers of 0 up to below 1", |betas| {
    // Steps are made in single floats, where a beta that rounds to 1 would divide 0 by 0.
    betas.iter().all(|&beta| beta >= 0.0 && (beta as f32) < 1.0)
});

pub(crate) const EPS: Key<f64> = Key::new("eps", || 1e-8, "added to the root of the mean square")
    .where_("1e-30 to 1", |eps| (SMALLEST_EPS..=1.0).contains(eps));

/// Bias-corrected, no AMSGrad.
#[derive(Clone)]
pub(crate) struct Adaptive {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) weight_decay: f64,
    /// Whether weight decay acts on the parameters (AdamW) instead of on the gradient (Adam).
    pub(crate) decoupled: bool,
}

impl Adaptive {
    pub(crate) fn build(self) -> ModuleOptimizer {
        ModuleOptimizer::from(self)
    }
}

impl burn::optim::Optimizer for Adaptive {
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
