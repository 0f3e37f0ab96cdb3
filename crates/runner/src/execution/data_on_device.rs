//! Which of an experiment's data are on a device.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Tensor, TensorData};
use ddrank_augment::Augmentation;
use ddrank_data::DataError;
use ddrank_device::ComputeDevice;
use ddrank_labels::Teachers;

use crate::experiment::Experiment;
use crate::input::HostImages;
use crate::input::TrainingSet;
use crate::trial::device_images::DeviceImages;
use crate::trial::training::{Supervision, TrialData, TrialError};
use crate::trial::{Trial, TrialLabels};

/// Images that teachers label at once, to bound memory.
const LABELLING_BATCH: usize = 250;

/// The data sets of an experiment on a device: each is uploaded, and labelled by the teachers, once, by the first trial
/// that needs it.
pub(crate) struct DataOnDevice<'a> {
    experiment: &'a Experiment,
    device: &'a ComputeDevice,
    teachers: Option<Teachers>,
    test: Mutex<Option<DeviceImages>>,
    training: Slots<DeviceImages>,
    soft_labels: Slots<Tensor<2>>,
}

/// One value a training set, each made by the first that asks for it while the others wait. Sets that one round uses are
/// given up when later rounds need room.
struct Slots<T> {
    /// The longest unused first.
    slots: Mutex<Vec<(Slot, Shared<T>)>>,
    /// Most sets of single rounds to keep.
    most: usize,
}

/// A set, and the augmentation that decides how its pictures are brought to size.
type Slot = (TrainingSet, String);

/// A value that is made once.
type Shared<T> = Arc<Mutex<Option<T>>>;

impl<T: Clone> Slots<T> {
    fn new(most: usize) -> Self {
        Self {
            slots: Mutex::default(),
            most,
        }
    }

    /// The place of a value, which may be empty.
    fn slot(&self, slot: Slot) -> Shared<T> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slots.iter().position(|(known, _)| *known == slot);
        let entry = known.map_or_else(|| (slot, Shared::default()), |at| slots.remove(at));
        let shared = Arc::clone(&entry.1);
        slots.push(entry);
        let is_of_round = |(slot, _): &(Slot, Shared<T>)| slot.0.is_of_one_round();
        if slots.iter().filter(|slot| is_of_round(slot)).count() > self.most
            && let Some(oldest) = slots.iter().position(is_of_round)
        {
            slots.remove(oldest);
        }
        shared
    }

    fn get<E>(&self, slot: Slot, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let slot = self.slot(slot);
        let mut value = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = &*value {
            return Ok(value.clone());
        }
        let made = make()?;
        *value = Some(made.clone());
        Ok(made)
    }
}

impl<'a> DataOnDevice<'a> {
    /// For so many trials at once.
    pub(crate) fn new(experiment: &'a Experiment, device: &'a ComputeDevice, jobs: usize) -> Self {
        // Trials stand round by round, so that those running at once are of neighbouring rounds.
        let most = jobs + 1;
        Self {
            experiment,
            device,
            teachers: experiment
                .teachers()
                .map(|teachers| teachers.on(device.device())),
            test: Mutex::default(),
            training: Slots::new(most),
            soft_labels: Slots::new(most),
        }
    }

    /// Everything that a trial needs.
    pub(crate) fn of(&self, set: TrainingSet, trial: &Trial) -> Result<TrialData, TrialError> {
        Ok(TrialData {
            train: self.training(set, &trial.augmentation)?,
            supervision: self.supervision(set, &trial.labels)?,
            test: self.test()?,
        })
    }

    /// What labels the images of a set.
    fn supervision(
        &self,
        set: TrainingSet,
        labels: &TrialLabels,
    ) -> Result<Supervision, TrialError> {
        Ok(match labels {
            TrialLabels::Hard => Supervision::Hard,
            TrialLabels::Single { .. } => {
                let rows = self
                    .soft_labels
                    .get((set, String::new()), || self.label(set))?;
                Supervision::Stored(rows)
            }
            TrialLabels::Multiple { .. } => Supervision::Teachers(self.teachers()?.clone()),
        })
    }

    fn teachers(&self) -> Result<&Teachers, TrialError> {
        self.teachers.as_ref().ok_or(TrialError::NoTeachers)
    }

    fn test(&self) -> Result<DeviceImages, DataError> {
        let mut test = self.test.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(test) = &*test {
            return Ok(test.clone());
        }
        let made = self.upload(self.experiment.test_images()?);
        *test = Some(made.clone());
        Ok(made)
    }

    fn training(
        &self,
        set: TrainingSet,
        augmentation: &Augmentation,
    ) -> Result<DeviceImages, DataError> {
        // The same images may be needed in their own sizes and brought to one.
        self.training.get((set, augmentation.to_string()), || {
            Ok(self.upload(self.experiment.images(set, augmentation)?))
        })
    }

    fn upload(&self, images: HostImages) -> DeviceImages {
        DeviceImages::upload(images, self.experiment.input(), self.device.device())
    }

    /// The stored soft labels of a set: those of its file, or the teachers' answers to its images without augmentation.
    fn label(&self, set: TrainingSet) -> Result<Tensor<2>, TrialError> {
        let distilled = self.experiment.distilled(set.source());
        if let Some(rows) = distilled.and_then(|set| set.soft_labels.as_ref()) {
            let size = [rows.values.len() / rows.classes, rows.classes];
            let rows = TensorData::new(rows.values.clone(), size);
            return Ok(Tensor::from_data(rows, self.device.device()));
        }
        let teachers = self.teachers()?;
        let images = self.training(set, &Augmentation::None)?;
        let labels = images
            .in_order(LABELLING_BATCH)?
            .map(|batch| Ok(teachers.logits(batch?.images)))
            .collect::<Result<Vec<_>, DataError>>()?;
        Ok(Tensor::cat(labels, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddrank_metrics::Source;

    #[test]
    fn sets_of_old_rounds_are_given_up_and_others_are_kept() {
        let slots = Slots::new(2);
        let made = std::cell::Cell::new(0);
        let get = |set| {
            let make = || {
                made.set(made.get() + 1);
                Ok::<_, TrialError>(made.get())
            };
            slots.get((set, String::new()), make).unwrap()
        };
        let synthetic = TrainingSet::of(Source::Synthetic, 0);
        assert_eq!(get(synthetic), 1);
        assert_eq!(
            [0, 1].map(|round| get(TrainingSet::of(Source::Random, round))),
            [2, 3]
        );
        assert_eq!(get(TrainingSet::of(Source::Random, 0)), 2, "used again");
        assert_eq!(get(TrainingSet::of(Source::Noise, 0)), 4);
        // Round 1 was the longest unused of three.
        assert_eq!(get(TrainingSet::of(Source::Random, 0)), 2);
        assert_eq!(get(TrainingSet::of(Source::Random, 1)), 5);
        assert_eq!(get(synthetic), 1);
        assert_eq!(slots.slots.lock().unwrap().len(), 3);
    }
}
