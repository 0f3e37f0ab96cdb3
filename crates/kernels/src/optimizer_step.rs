//! What one step of an optimizer does.

/// A step of stochastic gradient descent as in PyTorch, without dampening or Nesterov's momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdStep {
    /// Learning rate.
    pub rate: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
}

/// A step of Adam or AdamW as in PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub rate: f64,
    /// Decay of the two averages.
    pub betas: [f64; 2],
    /// Added to the root.
    pub epsilon: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Whether the weight decays by itself (AdamW) or as part of the gradient (Adam).
    pub decoupled: bool,
    /// Steps so far, this one included: 1 at first.
    pub step: usize,
}

/// [`AdamStep`] as the numbers that every element needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamFactors {
    /// Weight decay of the gradient.
    pub(crate) decay: f64,
    /// What remains of the weight.
    pub(crate) keep: f64,
    /// Rate over the first average's correction.
    pub(crate) rate: f64,
    /// One over the root of the second average's correction.
    pub(crate) root: f64,
}

impl AdamStep {
    /// In double precision: with a beta near one the corrections of early steps are differences of nearly equal
    /// numbers.
    pub(crate) fn factors(&self) -> AdamFactors {
        let [first, second] = self.betas.map(|beta| 1.0 - beta.powf(self.step as f64));
        let decoupled = if self.decoupled {
            self.weight_decay
        } else {
            0.0
        };
        // `root` applies before epsilon is added, as in algorithm 1 of Kingma and Ba (2015) and in PyTorch, and not as
        // in the shorter form of their section 2, where epsilon is added to the uncorrected root.
        AdamFactors {
            decay: self.weight_decay - decoupled,
            keep: 1.0 - self.rate * decoupled,
            rate: self.rate / first,
            root: 1.0 / second.sqrt(),
        }
    }
}
