//! Times what an evaluation spends its time on. `benches/peer/compare` runs it in turn with the peer.
//!
//! `ddrank-bench [--threads N] [--repetitions N] [NAME...]` prints `NAME seconds` for each case: the median of the
//! repetitions after one that warms up.
#![forbid(unsafe_code)]

use std::time::Instant;

use burn::module::Module;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_labels::{Criterion, Targets};
use ddrank_models::{InputShape, ModelSpec, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CLASSES: usize = 10;
const INPUT: InputShape = InputShape {
    channels: 3,
    height: 32,
    width: 32,
};

/// What is timed: its name, the model, and a training batch or a number of test images.
const CASES: [(&str, &str, Work); 6] = [
    ("convnet-3-in-b100-step", "ConvNet-3", Work::Step(100)),
    ("convnet-3-in-b256-step", "ConvNet-3", Work::Step(256)),
    ("convnet-3-bn-b100-step", "ConvNet-3-BN", Work::Step(100)),
    ("convnet-3-bn-b256-step", "ConvNet-3-BN", Work::Step(256)),
    ("convnet-3-in-test-1000", "ConvNet-3", Work::Test(1000)),
    ("convnet-3-bn-test-1000", "ConvNet-3-BN", Work::Test(1000)),
];

#[derive(Clone, Copy)]
enum Work {
    /// Forward, loss, backward and update of a batch.
    Step(usize),
    /// Forward of so many images, 250 at a time.
    Test(usize),
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn main() -> Result<(), Failure> {
    let (mut threads, mut repetitions, mut names) = (2, 5, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            arguments
                .next()
                .ok_or(format!("{argument} needs a number"))
                .map(|text| text.parse())
        };
        match argument.as_str() {
            "--threads" => threads = number()??,
            "--repetitions" => repetitions = number()??,
            name if CASES.iter().any(|(known, ..)| *known == name) => names.push(argument),
            _ => {
                return Err(format!(
                    "{argument} is no case; the cases are {}",
                    CASES.map(|(name, ..)| name).join(", ")
                )
                .into());
            }
        }
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    for (name, model, work) in CASES {
        if names.is_empty() || names.iter().any(|chosen| chosen == name) {
            let seconds = pool.install(|| time(model, work, repetitions))?;
            println!("{name} {seconds:.4}");
        }
    }
    Ok(())
}

fn time(model: &str, work: Work, repetitions: usize) -> Result<f64, Failure> {
    let device = Device::flex();
    let (Work::Step(count) | Work::Test(count)) = work;
    let values: Vec<f32> = (0..count * 3072)
        .map(|index| ((index * 7919 % 2003) as f32 - 1001.0) / 600.0)
        .collect();
    let images = Tensor::<4>::from_data(TensorData::new(values, [count, 3, 32, 32]), &device);
    let labels: Vec<usize> = (0..count).map(|index| index % CLASSES).collect();
    let targets = Targets::from_classes(&labels, CLASSES, &device)?;
    let spec = ModelSpec::new(model.parse()?);
    let mut draws = ChaCha8Rng::seed_from_u64(1);
    let mut network = spec.build(
        INPUT,
        CLASSES,
        &mut ChaCha8Rng::seed_from_u64(0),
        &device.autodiff(),
    )?;
    let mut optimizer = SgdConfig::new()
        .with_momentum(Some(
            MomentumConfig::new().with_momentum(0.9).with_dampening(0.0),
        ))
        .init();
    let mut seconds = Vec::new();
    for _ in 0..=repetitions {
        let started = Instant::now();
        match work {
            Work::Step(_) => {
                let loss = Criterion::CrossEntropy
                    .loss(network.forward_train(images.clone(), &mut draws), &targets);
                let gradients = GradientsParams::from_grads(loss.backward(), &network);
                network = optimizer.step(0.01, network, gradients);
            }
            Work::Test(_) => test(&network.valid(), &images),
        }
        seconds.push(started.elapsed().as_secs_f64());
    }
    let timed = &mut seconds[1..];
    timed.sort_by(f64::total_cmp);
    Ok(timed[timed.len() / 2])
}

fn test(network: &Network, images: &Tensor<4>) {
    for start in (0..images.dims()[0]).step_by(250) {
        let logits = network.forward_eval(images.clone().narrow(0, start, 250));
        std::hint::black_box(logits.argmax(1).into_data());
    }
}
