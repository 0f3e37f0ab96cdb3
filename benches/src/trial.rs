//! One whole trial of DATM on CIFAR-10 with 10 images per class: ConvNet-3, DSA, stored soft labels, 100 epochs, tested
//! on 10,000 images every 20. Its data are made up; the time does not depend on them.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use burn::tensor::{Int, Tensor, TensorData};
use ddrank_augment::{Augmentation, Dsa};
use ddrank_data::{Fingerprint, Geometry};
use ddrank_labels::{Criterion, Softening};
use ddrank_models::{InputShape, ModelSpec};
use ddrank_optim::{Optimizer, Schedule, Sgd, Step};
use ddrank_runner::input::Preparation;
use ddrank_runner::trial::device_images::{DeviceImages, ImagePixels};
use ddrank_runner::trial::training::{Supervision, TrialData, TrialObserver, run_trial};
use ddrank_runner::trial::{SoftLabels, TrainingData, Trial, TrialLabels};

use crate::failure::Failure;
use crate::images::{CLASSES, images};
use crate::place::Place;

struct Silent;

impl TrialObserver for Silent {
    fn epoch_finished(&self, _epoch: u32, _images: usize) {}
}

/// Learning rates of the grid, rounds, epochs and epochs between two tests of [`score`].
const SCORE: (usize, u32, u32, u32) = (5, 5, 300, 10);

/// Seconds of one trial, the first training of the process.
pub fn one(place: &Place) -> Result<f64, Failure> {
    let (trial, data) = described(place)?;
    let started = Instant::now();
    train(&trial, &data, place)?;
    Ok(started.elapsed().as_secs_f64())
}

/// Seconds of the trials of a hard-label LRS without its full-data arm: distilled and random images, a grid of learning
/// rates, five rounds, one trial after the other, after a short one that makes kernels ready.
pub fn score(place: &Place) -> Result<f64, Failure> {
    let (mut trial, data) = described(place)?;
    let (rates, rounds, epochs, test_interval) = SCORE;
    trial.labels = TrialLabels::Hard;
    trial.test_interval = test_interval;
    let mut run = |epochs: u32, round: u32| {
        (trial.epochs, trial.round) = (epochs, round);
        train(&trial, &data, place)
    };
    run(test_interval, 0)?;
    let started = Instant::now();
    for round in 0..2 * rounds {
        for _ in 0..rates {
            run(epochs, round)?;
        }
    }
    Ok(started.elapsed().as_secs_f64())
}

fn train(trial: &Trial, data: &TrialData, place: &Place) -> Result<(), Failure> {
    let never = AtomicBool::new(false);
    run_trial(trial, data, &place.device, &Silent, &never)?;
    Ok(())
}

/// The trial and its data.
fn described(place: &Place) -> Result<(Trial, TrialData), Failure> {
    let device = place.device.clone();
    let set = |count: usize| {
        let labels: Vec<i32> = (0..count).map(|index| (index % CLASSES) as i32).collect();
        DeviceImages {
            pixels: ImagePixels::Resident(images(count, 32, &device)),
            labels: Tensor::<1, Int>::from_data(TensorData::new(labels, [count]), &device),
            count,
            classes: CLASSES,
            input: InputShape {
                channels: 3,
                height: 32,
                width: 32,
            },
        }
    };
    let rows: Vec<f32> = (0..100 * CLASSES).map(|index| (index % 7) as f32).collect();
    let data = TrialData {
        train: set(100),
        supervision: Supervision::Stored(Tensor::from_data(
            TensorData::new(rows, [100, CLASSES]),
            &device,
        )),
        test: set(10_000),
    };
    let nothing = Fingerprint::of_indices(&[]);
    let trial = Trial {
        format: Trial::FORMAT,
        training_data: TrainingData::Synthetic { synthetic: nothing },
        test_data: nothing,
        preparation: Preparation::Normalise {
            mean: vec![0.0; 3],
            std: vec![1.0; 3],
        },
        geometry: Geometry::new(Vec::new(), [32, 32])?,
        labels: TrialLabels::Single {
            criterion: Criterion::SoftCrossEntropy(Softening::new(1.2, false)?),
            labels: SoftLabels::File {
                rows: String::new(),
            },
        },
        mix_labels: false,
        model: ModelSpec::new("ConvNet-3".parse()?),
        epochs: 100,
        batch_size: 256,
        optimizer: Optimizer::Sgd(Sgd {
            momentum: 0.9,
            weight_decay: 5e-4,
        }),
        schedule: Schedule::Step(Step {
            step_size: 50,
            gamma: 0.1,
        }),
        learning_rate: 0.01,
        augmentation: Augmentation::Dsa(Dsa::default()),
        test_interval: 20,
        seed: 0,
        round: 0,
        race: None,
    };
    Ok((trial, data))
}
