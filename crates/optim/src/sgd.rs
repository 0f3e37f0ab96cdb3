//! Stochastic gradient descent.

use std::fmt;

use burn::optim::{LearningRate, ModuleOptimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};
use ddrank_kernels::{SgdStep, sgd_step};
use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

const MOMENTUM: Key<f64> = Key::new(
    "momentum",
    || 0.9,
    "heavy-ball momentum; 0 is plain gradient descent",
)
.where_("0 up to below 1", |momentum| (0.0..1.0).contains(momentum));

const WEIGHT_DECAY: Key<f64> = Key::new("weight_decay", || 5e-4, "added to the gradient")
    .where_("0 or a positive number", is_decay);

/// Whether a weight decay is allowed.
pub(crate) fn is_decay(weight_decay: &f64) -> bool {
    weight_decay.is_finite() && *weight_decay >= 0.0
}

/// Stochastic gradient descent with heavy-ball momentum, no dampening, no Nesterov momentum, coupled weight decay:
/// `torch.optim.SGD`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sgd {
    /// Momentum in `[0, 1)`; 0 is plain gradient descent.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
}

impl Sgd {
    pub(crate) const MEANING: &'static str = "stochastic gradient descent, no dampening, no Nesterov momentum; the \
         defaults are the reference's for hard labels";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&MOMENTUM, &WEIGHT_DECAY];

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            momentum: table.take(&MOMENTUM)?,
            weight_decay: table.take(&WEIGHT_DECAY)?,
        })
    }

    pub(crate) fn build(self) -> ModuleOptimizer {
        ModuleOptimizer::from(self)
    }
}

impl fmt::Display for Sgd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            momentum,
            weight_decay,
        } = self;
        write!(
            formatter,
            "SGD, momentum {momentum}, weight decay {weight_decay}"
        )
    }
}

/// What [`Sgd`] keeps of a parameter.
#[derive(Clone)]
pub struct SgdState<const D: usize> {
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
        // PyTorch's first velocity is the gradient itself, which is what a velocity of zeros gives without dampening.
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
