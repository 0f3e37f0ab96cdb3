//! Labelled images on a device, and which of an experiment's sets are there.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use burn::tensor::{Device, Int, Tensor, TensorData};
use ddrank_data::{LabelledImages, Pixels};
use ddrank_labels::Teachers;
use ddrank_models::InputShape;

use crate::device::ComputeDevice;
use crate::experiment::Experiment;
use crate::plan::TrainingSource;
use crate::training::TrialData;
use crate::trial::{Trial, TrialLabels};

/// Images that teachers label at once, to bound memory.
const LABELLING_BATCH: NonZeroUsize = NonZeroUsize::new(250).unwrap();

/// Labelled images on a device, as long as a trial needs them. Clones share the memory.
#[derive(Clone, Debug)]
pub struct DeviceImages {
    /// `[count, channels, height, width]`.
    pub images: Tensor<4>,
    /// `[count]`, class indices.
    pub labels: Tensor<1, Int>,
    /// Number of images.
    pub count: usize,
    /// Number of classes.
    pub classes: usize,
    /// Shape of one image.
    pub input: InputShape,
}

impl DeviceImages {
    /// Uploads prepared images.
    ///
    /// # Panics
    /// If the pixels are still bytes: prepare them first.
    pub fn upload(images: LabelledImages, device: &Device) -> Self {
        let (shape, count, classes) = (images.shape(), images.len(), images.classes());
        let labels: Vec<i32> = images.labels().iter().map(|&label| label as i32).collect();
        let Pixels::Floats(values) = images.into_pixels() else {
            panic!("images are prepared before they are uploaded")
        };
        let size = [count, shape.channels, shape.height, shape.width];
        Self {
            images: Tensor::from_data(TensorData::new(values, size), device),
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
            count,
            classes,
            input: InputShape {
                channels: shape.channels,
                height: shape.height,
                width: shape.width,
            },
        }
    }

    /// The first `count` images, or all if there are fewer. Shares the memory.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.count);
        Self {
            images: self.images.clone().slice(0..count),
            labels: self.labels.clone().slice(0..count),
            count,
            ..*self
        }
    }
}

/// The data sets of an experiment on a device: each is uploaded, and labelled by the teachers, once, by the first trial
/// that needs it.
pub(crate) struct DataOnDevice<'a> {
    experiment: &'a Experiment,
    device: &'a ComputeDevice,
    teachers: Option<Teachers>,
    test: OnceLock<DeviceImages>,
    training: Slots<DeviceImages>,
    soft_labels: Slots<Tensor<2>>,
}

/// One value a training set, each made by the first that asks for it while the others wait.
struct Slots<T>(Mutex<BTreeMap<TrainingSource, Arc<OnceLock<T>>>>);

impl<T: Clone> Slots<T> {
    fn get(&self, source: TrainingSource, make: impl FnOnce() -> T) -> T {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(source).or_default())
        };
        slot.get_or_init(make).clone()
    }
}

impl<'a> DataOnDevice<'a> {
    pub(crate) fn new(experiment: &'a Experiment, device: &'a ComputeDevice) -> Self {
        Self {
            experiment,
            device,
            teachers: experiment
                .teachers()
                .map(|teachers| teachers.on(device.device())),
            test: OnceLock::new(),
            training: Slots(Mutex::default()),
            soft_labels: Slots(Mutex::default()),
        }
    }

    /// Everything that a trial needs.
    pub(crate) fn of(&self, source: TrainingSource, trial: &Trial) -> TrialData {
        let train = self.training(source);
        let soft_labels = matches!(trial.labels, TrialLabels::Single { .. })
            .then(|| self.soft_labels.get(source, || self.label(source, &train)));
        TrialData {
            train,
            soft_labels,
            teachers: self.teachers.clone(),
            test: self.test(),
        }
    }

    fn test(&self) -> DeviceImages {
        self.test
            .get_or_init(|| DeviceImages::upload(self.experiment.test_set(), self.device.device()))
            .clone()
    }

    fn training(&self, source: TrainingSource) -> DeviceImages {
        self.training.get(source, || {
            let images = match source {
                TrainingSource::Real => self.experiment.real_training_set(),
                TrainingSource::Distilled(set) => self.experiment.distilled(set).images.clone(),
                TrainingSource::Random(round) => self.experiment.random_set(round),
                TrainingSource::Noise(round) => self.experiment.noise_set(round),
            };
            DeviceImages::upload(images, self.device.device())
        })
    }

    /// The stored soft labels of a set: those of its file, or the teachers' answers to its images as they are.
    fn label(&self, source: TrainingSource, images: &DeviceImages) -> Tensor<2> {
        let stored = match source {
            TrainingSource::Distilled(set) => self.experiment.distilled(set).soft_labels.as_ref(),
            _ => None,
        };
        match (stored, &self.teachers) {
            (Some(rows), _) => {
                let size = [images.count, rows.classes];
                Tensor::from_data(
                    TensorData::new(rows.values.clone(), size),
                    self.device.device(),
                )
            }
            (None, Some(teachers)) => teachers.label(images.images.clone(), LABELLING_BATCH),
            (None, None) => panic!("the configuration was checked: soft labels are stored or made"),
        }
    }
}
