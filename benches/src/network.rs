//! Training steps and tests of agent models.

use std::time::Instant;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use ddrank_labels::{Criterion, Targets};
use ddrank_models::{InputShape, ModelSpec, Network};
use ddrank_optim::{Optimizer, Sgd};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::failure::Failure;
use crate::images::{CLASSES, images};
use crate::place::Place;

const INPUT: InputShape = InputShape {
    channels: 3,
    height: 32,
    width: 32,
};

/// What is timed of a network.
#[derive(Clone, Copy)]
pub enum Work {
    /// Forward, loss, backward and update of a batch.
    Step(usize),
    /// Forward of so many images, 250 at a time.
    Test(usize),
}

/// Seconds a step of each repetition, the first one included.
pub fn time(
    model: &str,
    work: Work,
    repetitions: usize,
    place: &Place,
) -> Result<Vec<f64>, Failure> {
    let device = place.device.clone();
    let (Work::Step(count) | Work::Test(count)) = work;
    let images = images(count, 32, &device);
    let labels: Vec<usize> = (0..count).map(|index| index % CLASSES).collect();
    let targets = Targets::from_classes(&labels, CLASSES, &device)?;
    let spec = ModelSpec::new(model.parse()?);
    let mut draws = ChaCha8Rng::seed_from_u64(1);
    let mut network = spec.build(
        INPUT,
        CLASSES,
        &mut ChaCha8Rng::seed_from_u64(0),
        &device.clone().autodiff(),
    )?;
    let mut optimizer = Optimizer::Sgd(Sgd {
        momentum: 0.9,
        weight_decay: 0.0,
    })
    .build();
    let mut seconds = Vec::new();
    for _ in 0..=repetitions {
        let started = Instant::now();
        for _ in 0..place.steps {
            match work {
                Work::Step(_) => {
                    let logits = network.forward_train(images.clone(), &mut draws);
                    let loss = Criterion::CrossEntropy.loss(logits, &targets);
                    let gradients = GradientsParams::from_grads(loss.backward(), &network);
                    network = optimizer.step(0.01, network, gradients);
                }
                Work::Test(_) => test(&network.valid(), &images),
            }
        }
        device.sync()?;
        seconds.push(started.elapsed().as_secs_f64() / place.steps as f64);
    }
    Ok(seconds)
}

fn test(network: &Network, images: &Tensor<4>) {
    for start in (0..images.dims()[0]).step_by(250) {
        let logits = network.forward_eval(images.clone().narrow(0, start, 250));
        std::hint::black_box(logits.argmax(1).into_data());
    }
}
