//! Networks that make soft labels.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_models::{
    CheckpointError, InputShape, Misfit, ModelError, ModelName, ModelSpec, Network,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use thiserror::Error;

/// One teacher or an ensemble, in evaluation mode and without a graph.
///
/// Their answer is the arithmetic mean of their logits (not of their probabilities), with equal weights. Clones share
/// the memory of the weights.
///
/// ```
/// use std::num::NonZeroUsize;
/// use burn::tensor::{Device, Tensor};
/// use ddrank_labels::{Targets, Teachers};
/// use ddrank_models::{InputShape, ModelSpec};
/// # use std::collections::BTreeMap;
/// # use burn::tensor::TensorData;
/// # use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
///
/// let device = Device::flex();
/// let input = InputShape { channels: 3, height: 8, width: 8 };
/// let spec = ModelSpec { width: 4.into(), ..ModelSpec::new("ConvNet-1".parse()?) };
/// # let network = spec.build(input, 5, &mut ChaCha8Rng::seed_from_u64(0), &device)?;
/// # let weights: BTreeMap<String, TensorData> = network.state_dict().into_iter().collect();
/// let teachers = Teachers::load([(&spec, &weights)], input, 5, &device)?;
///
/// let batch = NonZeroUsize::new(64).ok_or("a batch of nothing")?;
/// let soft = teachers.label(Tensor::zeros([2, 3, 8, 8], &device), batch);
/// let targets = Targets::from_logits(soft, &[0, 4])?;
/// assert_eq!(targets.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Teachers {
    first: Network,
    others: Vec<Network>,
}

/// Teachers that cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TeacherError {
    /// The ensemble is empty.
    #[error("there is no teacher; expected at least one")]
    None,
    /// One of them has a problem.
    #[error("teacher {} ({model})", .index + 1)]
    Teacher {
        /// Its place in the list, from 0; the message counts from 1.
        index: usize,
        /// Its model.
        model: ModelName,
        /// What is wrong.
        #[source]
        problem: Box<TeacherProblem>,
    },
}

/// Why a teacher cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TeacherProblem {
    /// The network cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The weights do not fit it.
    #[error(transparent)]
    Weights(#[from] CheckpointError),
    /// No place of the file holds them.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// A weight is infinite or not a number, and so would be every label.
    #[error("the weights `{0}` hold numbers that are not finite")]
    NotFinite(String),
}

impl Teachers {
    /// An ensemble of these networks, each of which has to give logits of the same classes.
    ///
    /// Networks on an autodiff device are taken off it.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn new(networks: impl IntoIterator<Item = Network>) -> Result<Self, TeacherError> {
        let mut networks = networks.into_iter().map(|network| network.valid());
        let first = networks.next().ok_or(TeacherError::None)?;
        Ok(Self {
            first,
            others: networks.collect(),
        })
    }

    /// An ensemble from models and their weights, tensors by PyTorch's names, on `device`.
    ///
    /// # Errors
    ///
    /// When there is no teacher; when a model cannot be built for that input and number of classes, when weights do not
    /// fit (with all missing and unexpected keys and other shapes) or are not finite.
    pub fn load<'a>(
        teachers: impl IntoIterator<Item = (&'a ModelSpec, &'a BTreeMap<String, TensorData>)>,
        input: InputShape,
        classes: usize,
        device: &Device,
    ) -> Result<Self, TeacherError> {
        let teachers = teachers.into_iter().enumerate();
        let networks = teachers.map(|(index, (spec, weights))| {
            load(spec, weights, input, classes, device).map_err(|problem| TeacherError::Teacher {
                index,
                model: spec.name,
                problem: Box::new(problem),
            })
        });
        Self::new(networks.collect::<Result<Vec<_>, _>>()?)
    }

    /// The number of teachers, at least 1.
    #[must_use]
    pub fn count(&self) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(self.others.len())
    }

    /// The networks, in their order.
    pub fn networks(&self) -> impl Iterator<Item = &Network> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The same teachers on another device; on their own one they share the memory of the weights.
    #[must_use]
    pub fn on(&self, device: &Device) -> Self {
        let moved = |network: &Network| network.clone().to_device(device);
        Self {
            first: moved(&self.first),
            others: self.others.iter().map(moved).collect(),
        }
    }

    /// The mean logits `[batch, classes]` of one batch of images `[batch, channels, height, width]`, in one pass.
    ///
    /// Images of an autodiff device are taken off it: no graph is made, and no gradient flows.
    ///
    /// # Panics
    ///
    /// When the images do not have the shape or device of the networks, and when the teachers disagree about the
    /// number of classes.
    #[must_use]
    pub fn logits(&self, images: Tensor<4>) -> Tensor<2> {
        let images = images.inner();
        let mut total = self.first.forward_eval(images.clone());
        for teacher in &self.others {
            let logits = teacher.forward_eval(images.clone());
            assert_eq!(
                total.dims(),
                logits.dims(),
                "logits of the first teacher (left) and another one (right) differ in shape"
            );
            total = total + logits;
        }
        if self.others.is_empty() {
            return total;
        }
        total / self.count().get() as f64
    }

    /// As [`logits`](Self::logits), for any number of images, `batch` at a time to bound the memory.
    ///
    /// Images do not influence each other, so the batch has no influence on the result beyond rounding.
    ///
    /// # Panics
    ///
    /// As [`logits`](Self::logits), and when there is no image.
    #[must_use]
    pub fn label(&self, images: Tensor<4>, batch: NonZeroUsize) -> Tensor<2> {
        let images = images.inner();
        let count = images.dims()[0];
        assert!(count > 0, "there is no image to label");
        let labels = (0..count).step_by(batch.get()).map(|start| {
            let end = start.saturating_add(batch.get()).min(count);
            self.logits(images.clone().slice(start..end))
        });
        Tensor::cat(labels.collect(), 0)
    }
}

fn load(
    spec: &ModelSpec,
    weights: &BTreeMap<String, TensorData>,
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<Network, TeacherProblem> {
    // Whatever is drawn here, the load replaces all of it or fails.
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let network = spec.build(input, classes, &mut generator, &device.clone().inner())?;
    with_weights(network, weights)
}

/// The network with these weights, tensors by PyTorch's names.
///
/// # Errors
///
/// When they do not fit it, or are not finite.
pub fn with_weights(
    network: Network,
    weights: &BTreeMap<String, TensorData>,
) -> Result<Network, TeacherProblem> {
    let network = network.load_state_dict(weights)?;
    let broken = weights
        .iter()
        .find(|(_, data)| data.iter::<f32>().any(|value| !value.is_finite()));
    match broken {
        Some((name, _)) => Err(TeacherProblem::NotFinite(name.clone())),
        None => Ok(network),
    }
}
