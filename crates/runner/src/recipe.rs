//! How an agent model is trained: the recipe of one arm, checked and ready to run.

use ddrank_augment::Augmentation;
use serde::Serialize;

/// A training recipe. Everything but the learning rate, of which it holds the candidates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// Passes over the training set, at least 1.
    pub epochs: u32,
    /// Images a step, at least 1; the last batch of an epoch may be smaller and is kept.
    pub batch_size: usize,
    /// The update rule.
    pub optimizer: Optimizer,
    /// How the learning rate changes from epoch to epoch.
    pub schedule: Schedule,
    /// The learning rates to try: the best one counts.
    pub learning_rates: Vec<f64>,
    /// How the best of them is found.
    pub search: Search,
    /// Test after every so many epochs, and after the last one.
    pub test_interval: u32,
    /// Which point of the accuracy curve is the accuracy of the trial.
    pub selection: Selection,
    /// What is done to each training batch.
    pub augmentation: Augmentation,
}

/// How the best learning rate of a grid is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Every one is trained to the end: the reference's protocol.
    #[default]
    Grid,
    /// The worse half is given up early, again and again; see [`crate::race`].
    Halving,
}

/// The update rule, exactly as PyTorch computes it; weight decay acts on all parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Optimizer {
    /// Stochastic gradient descent with heavy-ball momentum, no dampening, coupled weight decay.
    Sgd {
        /// Momentum in `[0, 1)`; 0 is plain gradient descent.
        momentum: f64,
        /// Weight decay, added to the gradient.
        weight_decay: f64,
    },
    /// Adam, bias-corrected, no AMSGrad, coupled weight decay.
    Adam {
        /// Decay of the running means of the gradient and of its square, each in `[0, 1)`.
        betas: [f64; 2],
        /// Added to the root of the mean square.
        eps: f64,
        /// Weight decay, added to the gradient.
        weight_decay: f64,
    },
    /// Adam with decoupled weight decay: each step first multiplies the parameters by `1 - rate * weight_decay`.
    #[serde(rename = "adamw")]
    AdamW {
        /// Decay of the running means of the gradient and of its square, each in `[0, 1)`.
        betas: [f64; 2],
        /// Added to the root of the mean square.
        eps: f64,
        /// Weight decay, apart from the gradient.
        weight_decay: f64,
    },
}

/// The factor on the base learning rate, by epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Schedule {
    /// The rate never changes.
    Constant,
    /// Times `gamma` after every `step_size` epochs.
    Step {
        /// Epochs between two changes.
        step_size: u32,
        /// The factor of each change.
        gamma: f64,
    },
    /// Half a cosine from the base rate to zero.
    CosineAnnealing,
    /// A quarter of a cosine, from the base rate to half of it: the reference's own `cosine`.
    Cosine,
}

impl Schedule {
    /// The factor on the base rate in a 0-based epoch of a training of `epochs` epochs.
    ///
    /// The rate changes once an epoch, after its updates (PyTorch's `StepLR`, `CosineAnnealingLR`; the reference's
    /// `cosine` is 0 beyond its horizon).
    pub fn factor(&self, epoch: u32, epochs: u32) -> f64 {
        let progress = f64::from(epoch) / f64::from(epochs);
        match *self {
            Self::Constant => 1.0,
            Self::Step { step_size, gamma } => gamma.powi((epoch / step_size) as i32),
            Self::CosineAnnealing => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            Self::Cosine if epoch <= epochs => {
                0.5 * (1.0 + (std::f64::consts::FRAC_PI_2 * progress).cos())
            }
            Self::Cosine => 0.0,
        }
    }
}

/// Which point of a trial's accuracy curve counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// The highest test accuracy of the curve: the reference's protocol, optimistic by design.
    #[default]
    Best,
    /// The accuracy after the last epoch.
    Last,
}

/// Whether the model is tested when `done` of `epochs` epochs are finished.
pub fn is_tested(done: u32, epochs: u32, test_interval: u32) -> bool {
    done.is_multiple_of(test_interval) || done == epochs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_follow_their_closed_forms() {
        let step = Schedule::Step {
            step_size: 500,
            gamma: 0.1,
        };
        assert_eq!(
            [0, 499, 500, 999].map(|e| step.factor(e, 1000)),
            [1.0, 1.0, 0.1, 0.1]
        );
        // semantics.md, section 5, T = 100.
        let close = |got: f64, expected: f64| {
            assert!((got - expected).abs() < 5e-7, "{got} for {expected}");
        };
        for (epoch, expected) in [
            (0, 1.0),
            (25, 0.961_940),
            (50, 0.853_553),
            (75, 0.691_342),
            (99, 0.507_854),
        ] {
            close(Schedule::Cosine.factor(epoch, 100), expected);
        }
        for (epoch, expected) in [(0, 1.0), (50, 0.5), (99, 0.000_247)] {
            close(Schedule::CosineAnnealing.factor(epoch, 100), expected);
        }
        close(Schedule::Cosine.factor(100, 100), 0.5);
        close(Schedule::Cosine.factor(101, 100), 0.0);
        close(Schedule::Constant.factor(70, 100), 1.0);
    }

    /// Trial keys hash this form: a change of it makes finished trials run again.
    #[test]
    fn optimizers_keep_their_written_form() {
        let (betas, eps, weight_decay) = ([0.9, 0.999], 1e-8, 0.01);
        for (optimizer, expected) in [
            (
                Optimizer::Sgd {
                    momentum: 0.9,
                    weight_decay: 5e-4,
                },
                r#"{"name":"sgd","momentum":0.9,"weight_decay":0.0005}"#,
            ),
            (
                Optimizer::Adam {
                    betas,
                    eps,
                    weight_decay,
                },
                r#"{"name":"adam","betas":[0.9,0.999],"eps":1e-8,"weight_decay":0.01}"#,
            ),
            (
                Optimizer::AdamW {
                    betas,
                    eps,
                    weight_decay,
                },
                r#"{"name":"adamw","betas":[0.9,0.999],"eps":1e-8,"weight_decay":0.01}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&optimizer).unwrap(), expected);
        }
    }

    #[test]
    fn the_last_epoch_is_always_tested() {
        let tested = |epochs, interval| {
            (1..=epochs)
                .filter(|&e| is_tested(e, epochs, interval))
                .collect::<Vec<_>>()
        };
        assert_eq!(tested(25, 10), [10, 20, 25]);
        assert_eq!(tested(3, 10), [3]);
        assert_eq!(tested(20, 10), [10, 20]);
    }
}
