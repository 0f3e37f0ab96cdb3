//! Trains one model on a real dataset: a teacher, or a full-data model. The same training loop as any trial's.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use burn::tensor::TensorData;
use ddrank_data::ImageShape;
use ddrank_models::{ModelError, Network};

use crate::input::{Preparation, RealData, RealDataError};
use crate::needed_memory::{NeededMemory, check_training};
use crate::trial::device_images::DeviceImages;
use crate::trial::randomness::{Purpose, Randomness};
use crate::trial::training::{Supervision, TrialData, TrialError, TrialObserver, run_trial_with};
use crate::trial::{CurvePoint, Outcome, TrainingData, Trial, TrialLabels};
use ddrank_configuration::Selection;
use ddrank_configuration::TeachingConfiguration;
use ddrank_device::ComputeDevice;

/// Why a model was not trained.
#[derive(Debug, thiserror::Error)]
pub enum TeachingError {
    /// The dataset.
    #[error(transparent)]
    Real(Box<RealDataError>),
    /// The model cannot be built for these images.
    #[error("key `agent`: {0}")]
    Agent(#[from] ModelError),
    /// More memory is needed than there is.
    #[error(transparent)]
    Memory(NeededMemory),
    /// The training.
    #[error(transparent)]
    Trial(Box<TrialError>),
    /// No learning rate led anywhere.
    #[error(
        "training diverged at every learning rate ({0}); give smaller `training.learning_rates`"
    )]
    Diverged(String),
}

impl From<RealDataError> for TeachingError {
    fn from(error: RealDataError) -> Self {
        Self::Real(Box::new(error))
    }
}

impl From<TrialError> for TeachingError {
    fn from(error: TrialError) -> Self {
        Self::Trial(Box::new(error))
    }
}

/// A model to be trained, with its data.
#[derive(Debug)]
pub struct Teaching {
    configuration: TeachingConfiguration,
    real: RealData,
    parameters: usize,
    warnings: Vec<String>,
}

/// A trained model.
#[derive(Debug)]
pub struct TaughtModel {
    /// Its weights by PyTorch's names.
    pub weights: Vec<(String, TensorData)>,
    /// The point of the curve that they belong to.
    pub point: CurvePoint,
    /// The learning rate of that training.
    pub learning_rate: f64,
    /// The outcome of that training.
    pub outcome: Outcome,
}

impl Teaching {
    /// Loads and checks the data, and that the model can be built for it on `device`.
    ///
    /// # Errors
    /// If data is missing, malformed or does not fit.
    pub fn open(
        configuration: TeachingConfiguration,
        whitening_cache: &Path,
        device: &ComputeDevice,
    ) -> Result<Self, TeachingError> {
        let mut warnings = Vec::new();
        let real = RealData::open(&configuration.dataset, whitening_cache, &mut warnings)?;
        real.check_augmentation(&configuration.recipe.augmentation, "augmentation")?;
        let mut weights = Randomness::new(configuration.seed, 0).stream(Purpose::Initialisation);
        let problem = check_training(
            &configuration.model,
            real.input(),
            real.train.classes(),
            configuration.recipe.batch_size.min(real.train.len()),
            &mut weights,
            device.device(),
        )?;
        if let Some(problem) = problem {
            return Err(TeachingError::Memory(problem));
        }
        let model = configuration.model.build(
            real.input(),
            real.train.classes(),
            &mut weights,
            device.device(),
        )?;
        Ok(Self {
            configuration,
            parameters: model.parameter_count(),
            real,
            warnings,
        })
    }

    /// The checked configuration.
    pub fn configuration(&self) -> &TeachingConfiguration {
        &self.configuration
    }

    /// What a user should know about the data.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Number of parameters of the model.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Number of real training and test images, after any limit.
    pub fn sizes(&self) -> (usize, usize) {
        (self.real.train.len(), self.real.test.len())
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.real.train.classes()
    }

    /// Names of the classes, by label.
    pub fn class_names(&self) -> &[String] {
        &self.real.class_names
    }

    /// How real pixels are prepared.
    pub fn preparation(&self) -> &Preparation {
        &self.real.preparation
    }

    /// Shape of one image.
    pub fn shape(&self) -> ImageShape {
        self.real.shape()
    }

    /// Trains with each learning rate and keeps the weights of the selected point of the best training.
    ///
    /// # Errors
    /// If `stop` is raised, or training diverges at every learning rate.
    pub fn run(
        &self,
        device: &ComputeDevice,
        observer: &dyn TrialObserver,
        stop: &AtomicBool,
    ) -> Result<TaughtModel, TeachingError> {
        let upload = |images| DeviceImages::upload(images, self.real.input(), device.device());
        let augmentation = &self.configuration.recipe.augmentation;
        let train = self.real.training_set(augmentation);
        let data = TrialData {
            train: upload(train.map_err(TrialError::from)?),
            supervision: Supervision::Hard,
            test: upload(self.real.test_set().map_err(TrialError::from)?),
        };
        let rates = &self.configuration.recipe.learning_rates;
        let mut best: Option<TaughtModel> = None;
        for &rate in rates {
            let taught = self.train(rate, &data, device, observer, stop)?;
            let better = |taught: &TaughtModel| {
                best.as_ref().is_none_or(|best| {
                    taught.point.accuracy.fraction() > best.point.accuracy.fraction()
                })
            };
            if let Some(taught) = taught.filter(better) {
                best = Some(taught);
            }
        }
        best.ok_or_else(|| {
            let rates: Vec<String> = rates.iter().map(f64::to_string).collect();
            TeachingError::Diverged(rates.join(", "))
        })
    }

    /// One training; `None` if it diverged.
    fn train(
        &self,
        rate: f64,
        data: &TrialData,
        device: &ComputeDevice,
        observer: &dyn TrialObserver,
        stop: &AtomicBool,
    ) -> Result<Option<TaughtModel>, TeachingError> {
        let trial = self.trial(rate);
        let selection = self.configuration.recipe.selection;
        let mut kept: Option<(CurvePoint, Network)> = None;
        let keep = |point: CurvePoint, network: &Network| {
            let better = kept.as_ref().is_none_or(|(best, _)| {
                selection == Selection::Last || point.accuracy.fraction() > best.accuracy.fraction()
            });
            if better {
                kept = Some((point, network.clone()));
            }
        };
        let mut outcome = run_trial_with(&trial, data, device.device(), observer, stop, keep)?;
        device.name().clone_into(&mut outcome.device);
        let kept = kept.filter(|_| outcome.diverged.is_none());
        Ok(kept.map(|(point, network)| TaughtModel {
            weights: network.state_dict(),
            point,
            learning_rate: rate,
            outcome,
        }))
    }

    fn trial(&self, learning_rate: f64) -> Trial {
        let TeachingConfiguration {
            seed,
            model,
            recipe,
            ..
        } = &self.configuration;
        Trial {
            format: Trial::format_of(model, &TrialLabels::Hard, self.real.input()),
            training_data: TrainingData::Real {
                real: self.real.fingerprints.train,
            },
            test_data: self.real.fingerprints.test,
            preparation: self.real.preparation.clone(),
            geometry: self.real.geometry.clone(),
            labels: TrialLabels::Hard,
            mix_labels: recipe.augmentation.mixes() > 0,
            model: model.clone(),
            epochs: recipe.epochs,
            batch_size: recipe.batch_size,
            optimizer: recipe.optimizer,
            schedule: recipe.schedule,
            learning_rate,
            augmentation: recipe.augmentation.clone(),
            test_interval: recipe.test_interval,
            seed: *seed,
            round: 0,
            race: None,
        }
    }
}
