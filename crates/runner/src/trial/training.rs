//! The training loop. There is one, for every arm of every metric on every device.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor};
use ddrank_augment::{AugmentationError, Mixing};
use ddrank_data::DataError;
use ddrank_labels::{Targets, Teachers};
use ddrank_models::{ModelError, Network};

use crate::trial::description::Trial;
use crate::trial::device_images::{DeviceImages, ImageBatch, indices};
use crate::trial::evaluation::accuracy;
use crate::trial::outcome::{CurvePoint, Outcome};
use crate::trial::randomness::{Purpose, Randomness, permutation};
use ddrank_configuration::{Selection, is_tested};

/// What a trial trains on and is tested on.
#[derive(Clone, Debug)]
pub struct TrialData {
    /// The training images.
    pub train: DeviceImages,
    /// What labels them.
    pub supervision: Supervision,
    /// The test images.
    pub test: DeviceImages,
}

/// What labels the images of a trial.
#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is large where GPU backends are compiled in; there is one of these in a trial"
)]
#[derive(Clone, Debug)]
pub enum Supervision {
    /// Their classes.
    Hard,
    /// Stored soft labels, `[images, classes]`: logits, the same in every epoch and under every augmentation.
    Stored(Tensor<2>),
    /// Teachers, who answer to every augmented batch.
    Teachers(Teachers),
}

/// Why a trial has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
    /// The agent model cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its images.
    #[error(transparent)]
    Data(#[from] DataError),
    /// An augmentation met a picture that it cannot take.
    #[error(transparent)]
    Augmentation(#[from] AugmentationError),
    /// Its labels are made by teachers, and the experiment has none.
    #[error("this trial needs teachers, and the experiment has none")]
    NoTeachers,
    /// A library panicked; the message is the panic's.
    #[error("the trial panicked: {0}")]
    Panicked(String),
}

/// What a trial tells while it runs.
pub trait TrialObserver {
    /// An epoch (1-based) of a trial is finished; `images` were trained on in it.
    fn epoch_finished(&self, epoch: u32, images: usize);
}

/// Runs one trial: trains a fresh agent model and tests it along the way.
///
/// Per epoch: a fresh permutation, batches in that order, the last partial one kept; the learning rate is the schedule's
/// of that epoch; the model is tested every `test_interval` epochs and after the last one. Nothing is read from the
/// device inside an epoch. A loss that is not a number ends the trial as diverged.
///
/// # Errors
/// If the model cannot be built, or `stop` was raised.
pub fn run_trial(
    trial: &Trial,
    data: &TrialData,
    device: &Device,
    observer: &dyn TrialObserver,
    stop: &AtomicBool,
) -> Result<Outcome, TrialError> {
    run_trial_with(trial, data, device, observer, stop, |_, _| {})
}

/// As [`run_trial`], and shows the network after each test.
pub(crate) fn run_trial_with(
    trial: &Trial,
    data: &TrialData,
    device: &Device,
    observer: &dyn TrialObserver,
    stop: &AtomicBool,
    tested: impl FnMut(CurvePoint, &Network),
) -> Result<Outcome, TrialError> {
    let mut run = TrialRun::start(trial, data, device)?;
    run.until(trial.epochs, observer, stop, tested)?;
    Ok(run.outcome())
}

/// A trial that can pause between epochs.
pub(crate) struct TrialRun<'a> {
    training: Training<'a>,
    /// Epochs finished.
    done: u32,
    outcome: Outcome,
}

impl<'a> TrialRun<'a> {
    pub(crate) fn start(
        trial: &'a Trial,
        data: &'a TrialData,
        device: &Device,
    ) -> Result<Self, TrialError> {
        let started = Instant::now();
        let training = Training::start(trial, data, device)?;
        let outcome = Outcome {
            key: trial.key(),
            curve: Vec::new(),
            diverged: None,
            given_up: None,
            device: String::new(),
            seconds: started.elapsed().as_secs_f64(),
            from_cache: false,
        };
        Ok(Self {
            training,
            done: 0,
            outcome,
        })
    }

    /// Trains and tests until so many epochs are finished, or the training diverges.
    pub(crate) fn until(
        &mut self,
        epochs: u32,
        observer: &(impl TrialObserver + ?Sized),
        stop: &AtomicBool,
        mut tested: impl FnMut(CurvePoint, &Network),
    ) -> Result<(), TrialError> {
        let started = Instant::now();
        let (trial, data) = (self.training.trial, self.training.data);
        while self.done < epochs && self.outcome.diverged.is_none() {
            let loss = self.training.epoch(self.done, stop)?;
            self.done += 1;
            if !loss.is_finite() {
                self.outcome.diverged = Some(self.done);
                break;
            }
            if is_tested(self.done, trial.epochs, trial.test_interval) {
                let point = CurvePoint {
                    epoch: self.done,
                    accuracy: accuracy(&self.training.network, &data.test)?,
                    loss,
                };
                tested(point, &self.training.network);
                self.outcome.curve.push(point);
            }
            observer.epoch_finished(self.done, data.train.count);
        }
        self.outcome.seconds += started.elapsed().as_secs_f64();
        Ok(())
    }

    /// The accuracy that would count now, a fraction; -1 if there is none.
    pub(crate) fn reached(&self, selection: Selection) -> f64 {
        let point = self.outcome.eligible(selection);
        point.map_or(-1.0, |point| point.accuracy.fraction())
    }

    /// Notes that it is not trained any further. One that diverged has ended by itself.
    pub(crate) fn give_up(&mut self) {
        if self.outcome.diverged.is_none() {
            self.outcome.given_up = Some(self.done);
        }
    }

    pub(crate) fn outcome(self) -> Outcome {
        self.outcome
    }
}

/// A training in progress.
pub(crate) struct Training<'a> {
    trial: &'a Trial,
    data: &'a TrialData,
    randomness: Randomness,
    optimizer: ModuleOptimizer,
    pub(crate) network: Network,
}

impl<'a> Training<'a> {
    pub(crate) fn start(
        trial: &'a Trial,
        data: &'a TrialData,
        device: &Device,
    ) -> Result<Self, TrialError> {
        let randomness = Randomness::new(trial.seed, trial.round);
        let mut initialisation = randomness.stream(Purpose::Initialisation);
        let network = trial.model.build(
            data.train.input,
            data.train.classes,
            &mut initialisation,
            &device.clone().autodiff(),
        )?;
        Ok(Self {
            trial,
            data,
            randomness,
            optimizer: trial.optimizer.build(),
            network,
        })
    }

    /// Trains one epoch (0-based) and gives its mean loss.
    fn epoch(&mut self, epoch: u32, stop: &AtomicBool) -> Result<f32, TrialError> {
        let order = permutation(
            self.data.train.count,
            &mut self.randomness.epoch(Purpose::Shuffle, epoch),
        );
        let batches: Vec<Vec<usize>> = order
            .chunks(self.trial.batch_size)
            .map(<[usize]>::to_vec)
            .collect();
        let images = self.data.train.batches(batches.clone())?;
        let mut total: Option<Tensor<1>> = None;
        for (index, (images, batch)) in images.zip(batches).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Err(TrialError::Stopped);
            }
            let loss = self.step(epoch, index, images?, &batch)? * batch.len() as f32;
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        Ok(total.map_or(0.0, |total| total.into_scalar::<f32>()) / self.data.train.count as f32)
    }

    /// One step on these images, those at `positions` of the training set; gives the mean loss, detached from the graph.
    pub(crate) fn step(
        &mut self,
        epoch: u32,
        index: usize,
        batch: ImageBatch,
        positions: &[usize],
    ) -> Result<Tensor<1>, TrialError> {
        let chosen = indices(positions, &self.data.train.labels.device());
        let mut draws = self.randomness.batch(Purpose::Augmentation, epoch, index);
        let augmentation = &self.trial.augmentation;
        let (images, mixing) = match batch.sizes {
            None => augmentation.augment_with_mixing(batch.images, &mut draws),
            Some(sizes) => {
                augmentation.augment_ragged_with_mixing(batch.images, &sizes, &mut draws)?
            }
        };
        let targets = self.targets(&images, chosen);

        let mut draws = self.randomness.batch(Purpose::Dropout, epoch, index);
        let logits = self.network.forward_train(images, &mut draws);
        let criterion = self.trial.labels.criterion();
        let loss = match mixing.filter(|_| self.trial.mix_labels) {
            None => criterion.loss(logits, &targets),
            Some(Mixing { partners, weight }) => {
                let partners = targets.select(indices(&partners, &targets.classes().device()));
                criterion.loss(logits.clone(), &targets) * weight
                    + criterion.loss(logits, &partners) * (1.0 - weight)
            }
        };
        let value = loss.clone().inner();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let rate = self.trial.learning_rate * self.trial.schedule.factor(epoch, self.trial.epochs);
        self.network = self.optimizer.step(rate, self.network.clone(), gradients);
        Ok(value)
    }
}

impl Training<'_> {
    /// What the network should answer for these augmented images, those at `indices` of the training set.
    fn targets(&self, images: &Tensor<4>, indices: Tensor<1, Int>) -> Targets {
        let classes = self.data.train.labels.clone().select(0, indices.clone());
        let logits = match &self.data.supervision {
            Supervision::Hard => return Targets::Classes(classes),
            Supervision::Stored(rows) => rows.clone().select(0, indices),
            Supervision::Teachers(teachers) => teachers.logits(images.clone()),
        };
        Targets::Soft { logits, classes }
    }
}
