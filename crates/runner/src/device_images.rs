//! Labelled images on a device, and which of an experiment's sets are there.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Int, Tensor, TensorData};
use ddrank_augment::Augmentation;
use ddrank_data::{
    Batches, DataError, Geometry, LabelledImages, Normalisation, Pictures, Pixels, Prefetch,
    RaggedBatch,
};
use ddrank_labels::Teachers;
use ddrank_models::InputShape;

use crate::device::ComputeDevice;
use crate::experiment::Experiment;
use crate::plan::TrainingSource;
use crate::real_data::HostImages;
use crate::training::TrialData;
use crate::trial::{Trial, TrialLabels};

/// Images that teachers label at once, to bound memory.
const LABELLING_BATCH: usize = 250;

/// Finished batches of a stream that may wait for the device.
const READ_AHEAD: usize = 3;

/// Labelled images as a trial needs them. Clones share the memory.
#[derive(Clone, Debug)]
pub struct DeviceImages {
    /// Where the pixels are.
    pub pixels: ImagePixels,
    /// `[count]`, class indices, on the device.
    pub labels: Tensor<1, Int>,
    /// Number of images.
    pub count: usize,
    /// Number of classes.
    pub classes: usize,
    /// Shape of one image as a network sees it.
    pub input: InputShape,
}

/// Where the pixels of a set are.
#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is large where GPU backends are compiled in; there are a few of these in a program"
)]
#[derive(Clone, Debug)]
pub enum ImagePixels {
    /// On the device, ready for a network: `[count, channels, height, width]`.
    Resident(Tensor<4>),
    /// On the host or in files, read batch by batch ahead of their use: sets that are too large, and pictures of several
    /// sizes.
    Streamed(PictureStream),
}

/// Pictures that are read batch by batch.
#[derive(Clone, Debug)]
pub struct PictureStream {
    /// The pictures.
    pub pictures: Arc<Pictures>,
    /// How their bytes are normalised.
    pub normalisation: Normalisation,
    /// How they are brought to one size; `None` leaves that to an augmentation.
    pub geometry: Option<Geometry>,
}

/// Some images of a set.
#[derive(Clone, Debug)]
pub struct ImageBatch {
    /// Normalised, `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// Height and width of each picture where they have several sizes; each is in the upper left corner.
    pub sizes: Option<Vec<[usize; 2]>>,
}

impl DeviceImages {
    /// Uploads labels, and the images that are ready.
    ///
    /// # Panics
    /// If pixels that are ready are bytes.
    pub(crate) fn upload(images: HostImages, input: InputShape, device: &Device) -> Self {
        let indices = |labels: &[u32]| {
            let labels: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
            indices(&labels, device)
        };
        match images {
            HostImages::Ready(images) => {
                let (shape, count, classes) = (images.shape(), images.len(), images.classes());
                let labels = indices(images.labels());
                let Pixels::Floats(values) = images.into_pixels() else {
                    panic!("images are prepared before they are uploaded")
                };
                let size = [count, shape.channels, shape.height, shape.width];
                let images = Tensor::from_data(TensorData::new(values, size), device);
                Self {
                    pixels: ImagePixels::Resident(images),
                    labels,
                    count,
                    classes,
                    input,
                }
            }
            HostImages::Streamed(stream) => Self {
                labels: indices(stream.pictures.labels()),
                count: stream.pictures.len(),
                classes: stream.pictures.classes(),
                pixels: ImagePixels::Streamed(stream),
                input,
            },
        }
    }

    /// The first `count` images, or all if there are fewer. Shares the memory.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.count);
        let pixels = match &self.pixels {
            ImagePixels::Resident(images) => ImagePixels::Resident(images.clone().slice(0..count)),
            ImagePixels::Streamed(stream) => ImagePixels::Streamed(PictureStream {
                pictures: Arc::new(Pictures::clone(&stream.pictures).first(count)),
                ..stream.clone()
            }),
        };
        Self {
            pixels,
            labels: self.labels.clone().slice(0..count),
            count,
            ..*self
        }
    }

    /// These batches of positions, in order.
    ///
    /// # Errors
    /// If threads cannot be started. A picture that cannot be decoded is an error in place of its batch.
    pub fn batches(&self, batches: Vec<Vec<usize>>) -> Result<ImageBatches<'_>, DataError> {
        let stream = match &self.pixels {
            ImagePixels::Resident(images) => {
                return Ok(ImageBatches::Resident(images, batches.into_iter()));
            }
            ImagePixels::Streamed(stream) => stream,
        };
        let prefetch = Prefetch {
            depth: READ_AHEAD,
            threads: rayon::current_num_threads(),
        };
        let (pictures, device) = (&stream.pictures, self.labels.device());
        Ok(match &stream.geometry {
            Some(geometry) => ImageBatches::Prepared(
                pictures.prepared_batches(batches, geometry.clone(), prefetch)?,
                &stream.normalisation,
                device,
            ),
            None => ImageBatches::Ragged(
                pictures.ragged_batches(batches, prefetch)?,
                &stream.normalisation,
                device,
            ),
        })
    }

    /// All images in order, so many at a time.
    ///
    /// # Errors
    /// As [`batches`](Self::batches).
    pub fn in_order(&self, batch: usize) -> Result<ImageBatches<'_>, DataError> {
        let all: Vec<usize> = (0..self.count).collect();
        self.batches(all.chunks(batch).map(<[usize]>::to_vec).collect())
    }
}

/// Batches of a set, made when they are asked for or a little ahead.
#[derive(Debug)]
pub enum ImageBatches<'a> {
    /// Picked on the device.
    Resident(&'a Tensor<4>, std::vec::IntoIter<Vec<usize>>),
    /// Brought to size by the host.
    Prepared(Batches<LabelledImages>, &'a Normalisation, Device),
    /// With their own sizes.
    Ragged(Batches<RaggedBatch>, &'a Normalisation, Device),
}

impl Iterator for ImageBatches<'_> {
    type Item = Result<ImageBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let whole = |images| {
            Ok(ImageBatch {
                images,
                sizes: None,
            })
        };
        match self {
            Self::Resident(images, batches) => {
                let positions = batches.next()?;
                let batch = match (positions.first(), positions.last()) {
                    (Some(&first), Some(&last))
                        if positions.iter().copied().eq(first..last + 1) =>
                    {
                        images.clone().slice(first..last + 1)
                    }
                    _ => images
                        .clone()
                        .select(0, indices(&positions, &images.device())),
                };
                Some(whole(batch))
            }
            Self::Prepared(batches, normalisation, device) => {
                let upload = |images: LabelledImages| {
                    let (shape, count) = (images.shape(), images.len());
                    let size = [count, shape.channels, shape.height, shape.width];
                    let Pixels::Floats(values) = images.normalised(normalisation)?.into_pixels()
                    else {
                        panic!("normalised images are floats")
                    };
                    whole(Tensor::from_data(TensorData::new(values, size), &*device))
                };
                Some(batches.next()?.and_then(upload))
            }
            Self::Ragged(batches, normalisation, device) => {
                let upload = |batch: RaggedBatch| {
                    let shape = batch.padded_shape();
                    let size = [batch.len(), shape.channels, shape.height, shape.width];
                    let values = batch.normalised(normalisation)?;
                    Ok(ImageBatch {
                        images: Tensor::from_data(TensorData::new(values, size), &*device),
                        sizes: Some(batch.sizes().to_vec()),
                    })
                };
                Some(batches.next()?.and_then(upload))
            }
        }
    }
}

/// Positions as a tensor.
pub(crate) fn indices(positions: &[usize], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i32> = positions.iter().map(|&position| position as i32).collect();
    Tensor::from_data(TensorData::new(indices, [positions.len()]), device)
}

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
type Slot = (TrainingSource, String);

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
        let is_of_round = |(slot, _): &(Slot, Shared<T>)| {
            matches!(slot.0, TrainingSource::Random(_) | TrainingSource::Noise(_))
        };
        if slots.iter().filter(|slot| is_of_round(slot)).count() > self.most
            && let Some(oldest) = slots.iter().position(is_of_round)
        {
            slots.remove(oldest);
        }
        shared
    }

    fn get(
        &self,
        source: Slot,
        make: impl FnOnce() -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        let slot = self.slot(source);
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
    pub(crate) fn of(&self, source: TrainingSource, trial: &Trial) -> Result<TrialData, DataError> {
        let is_soft = matches!(trial.labels, TrialLabels::Single { .. });
        Ok(TrialData {
            train: self.training(source, &trial.augmentation)?,
            soft_labels: match is_soft {
                true => Some(
                    self.soft_labels
                        .get((source, String::new()), || self.label(source))?,
                ),
                false => None,
            },
            teachers: self.teachers.clone(),
            test: self.test()?,
        })
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
        source: TrainingSource,
        augmentation: &Augmentation,
    ) -> Result<DeviceImages, DataError> {
        // The same images may be needed in their own sizes and brought to one.
        self.training.get((source, augmentation.to_string()), || {
            Ok(self.upload(self.experiment.images(source, augmentation)?))
        })
    }

    fn upload(&self, images: HostImages) -> DeviceImages {
        DeviceImages::upload(images, self.experiment.input(), self.device.device())
    }

    /// The stored soft labels of a set: those of its file, or the teachers' answers to its images without augmentation.
    fn label(&self, source: TrainingSource) -> Result<Tensor<2>, DataError> {
        let stored = match source {
            TrainingSource::Distilled(set) => self.experiment.distilled(set).soft_labels.as_ref(),
            _ => None,
        };
        match (stored, &self.teachers) {
            (Some(rows), _) => {
                let size = [rows.values.len() / rows.classes, rows.classes];
                let rows = TensorData::new(rows.values.clone(), size);
                Ok(Tensor::from_data(rows, self.device.device()))
            }
            (None, Some(teachers)) => {
                let images = self.training(source, &Augmentation::None)?;
                let labels = images
                    .in_order(LABELLING_BATCH)?
                    .map(|batch| Ok(teachers.logits(batch?.images)))
                    .collect::<Result<Vec<_>, DataError>>()?;
                Ok(Tensor::cat(labels, 0))
            }
            (None, None) => panic!("the configuration was checked: soft labels are stored or made"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::SetIndex;

    #[test]
    fn sets_of_old_rounds_are_given_up_and_others_are_kept() {
        let slots = Slots::new(2);
        let made = std::cell::Cell::new(0);
        let get = |source| {
            let make = || {
                made.set(made.get() + 1);
                Ok(made.get())
            };
            slots.get((source, String::new()), make).unwrap()
        };
        let synthetic = TrainingSource::Distilled(SetIndex::Synthetic);
        assert_eq!(get(synthetic), 1);
        assert_eq!(
            [0, 1].map(|round| get(TrainingSource::Random(round))),
            [2, 3]
        );
        assert_eq!(get(TrainingSource::Random(0)), 2, "used again");
        assert_eq!(get(TrainingSource::Noise(0)), 4);
        // Round 1 was the longest unused of three.
        assert_eq!(get(TrainingSource::Random(0)), 2);
        assert_eq!(get(TrainingSource::Random(1)), 5);
        assert_eq!(get(synthetic), 1);
        assert_eq!(slots.slots.lock().unwrap().len(), 3);
    }
}
