//! Distils the built-in demo dataset by distribution matching, and so makes `assets/demo-distilled.safetensors`.
//!
//! Each iteration draws a fresh random ConvNet and moves the synthetic images so that, class by class, the mean of
//! their features comes closer to the mean of the features of a real batch (Zhao and Bilen, "Dataset Condensation with
//! Distribution Matching", 2023). Labels are hard and never change. The same seed gives the same bytes.
//!
//! ```text
//! cargo run --release --example distill -- --out assets/demo-distilled.safetensors
//! ```
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    reason = "an example tells what it does on standard error"
)]

use std::path::PathBuf;

use anyhow::Context;
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use clap::Parser;
use ddrank_augment::{Augmentation, Dsa, DsaMode, DsaParameters};
use ddrank_data::{
    DatasetName, DatasetSource, LabelledImages, Pixels, load_dataset, random_selection,
};
use ddrank_files::{FileTensor, write_safetensors};
use ddrank_models::{InputShape, ModelName, ModelSpec, Network};
use ddrank_runner::trial::randomness::{Purpose, Randomness};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Distil the demo dataset by distribution matching")]
struct Arguments {
    /// Images per class of the distilled set
    #[arg(long, default_value_t = 10)]
    ipc: usize,
    /// Random networks to match on
    #[arg(long, default_value_t = 1000)]
    iterations: u32,
    /// Real images per class and iteration
    #[arg(long, default_value_t = 48)]
    real_batch: usize,
    /// Channels of the random networks
    #[arg(long, default_value_t = 64)]
    width: usize,
    /// Step size on the pixels
    #[arg(long, default_value_t = 1.0)]
    learning_rate: f64,
    /// Momentum on the pixels
    #[arg(long, default_value_t = 0.5)]
    momentum: f64,
    /// Names every random draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The tensor file to write: `images` (f16, normalised) and `labels`
    #[arg(long)]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let device = Device::flex();
    let dataset = load_dataset(&DatasetSource {
        name: DatasetName::Demo,
        root: None,
        transform: None,
        size: None,
        train_limit: None,
        test_limit: None,
        normalisation: None,
    })?;
    let real = dataset.train.normalised(&dataset.normalisation)?;
    let mut distillation = Distillation::start(&arguments, &real, &device)?;
    for iteration in 0..arguments.iterations {
        let loss = distillation.step(iteration)?;
        if (iteration + 1) % 20 == 0 {
            eprintln!(
                "iteration {} of {}: distance {loss:.4}",
                iteration + 1,
                arguments.iterations
            );
        }
    }
    distillation
        .save()
        .with_context(|| format!("cannot write {}", arguments.out.display()))
}

struct Distillation<'a> {
    arguments: &'a Arguments,
    spec: ModelSpec,
    input: InputShape,
    classes: usize,
    labels: Vec<u32>,
    real: Tensor<4>,
    images: Tensor<4>,
    velocity: Tensor<4>,
    augmentation: Augmentation,
    device: Device,
}

impl<'a> Distillation<'a> {
    /// Starts from a random selection of real images.
    fn start(
        arguments: &'a Arguments,
        real: &LabelledImages,
        device: &Device,
    ) -> anyhow::Result<Self> {
        let shape = real.shape();
        let Pixels::Floats(values) = real.pixels() else {
            anyhow::bail!("the real images are not normalised")
        };
        let size = [real.len(), shape.channels, shape.height, shape.width];
        let real_images = Tensor::from_data(TensorData::new(values.clone(), size), device);
        let mut stream = Randomness::new(arguments.seed, 0).stream(Purpose::Selection);
        let start = random_selection(real.labels(), real.classes(), arguments.ipc, &mut stream)?;
        let images: Tensor<4> = real_images.clone().select(0, indices(&start, device));
        let siamese = Dsa::new(DsaParameters::default(), DsaMode::Single, true)?;
        Ok(Self {
            arguments,
            spec: ModelSpec {
                width: arguments.width.into(),
                ..ModelSpec::new("ConvNet-3".parse::<ModelName>()?)
            },
            input: InputShape {
                channels: shape.channels,
                height: shape.height,
                width: shape.width,
            },
            classes: real.classes(),
            labels: real.labels().to_vec(),
            velocity: images.zeros_like(),
            real: real_images,
            images,
            augmentation: Augmentation::Dsa(siamese),
            device: device.clone(),
        })
    }

    /// One random network: moves the images and gives the distance before the move.
    fn step(&mut self, iteration: u32) -> anyhow::Result<f32> {
        let randomness = Randomness::new(self.arguments.seed, iteration + 1);
        let mut initialisation = randomness.stream(Purpose::Initialisation);
        let network: Network = self
            .spec
            .build(self.input, self.classes, &mut initialisation, &self.device)?
            .no_grad();
        let mut selection = randomness.stream(Purpose::Selection);
        let chosen = random_selection(
            &self.labels,
            self.classes,
            self.arguments.real_batch,
            &mut selection,
        )?;
        let real = self.real.clone().select(0, indices(&chosen, &self.device));

        // Real and synthetic images go through the same augmentation draw.
        let images = self.images.clone().autodiff().require_grad();
        let both = Tensor::cat(vec![Tensor::from_inner(real), images.clone()], 0);
        let both = self
            .augmentation
            .augment(both, &mut randomness.stream(Purpose::Augmentation));
        let total = both.dims()[0];
        let real = both.clone().slice(0..chosen.len()).inner();
        let synthetic = both.slice(chosen.len()..total);

        let target = self.class_means(network.embed(real), self.arguments.real_batch);
        let means = self.class_means(network.embed(synthetic), self.arguments.ipc);
        let distance = (means - Tensor::from_inner(target)).powi_scalar(2).sum();
        let loss = distance.clone().inner().into_scalar::<f32>();
        let mut gradients = distance.backward();
        let gradient = images
            .grad_remove(&mut gradients)
            .context("no gradient reached the images")?;
        self.velocity = self.velocity.clone() * self.arguments.momentum + gradient;
        self.images = self.images.clone() - self.velocity.clone() * self.arguments.learning_rate;
        Ok(loss)
    }

    /// Features `[classes * count, width]`, class-major, to means `[classes, width]`.
    fn class_means(&self, features: Tensor<2>, count: usize) -> Tensor<2> {
        let width = features.dims()[1];
        features
            .reshape([self.classes, count, width])
            .mean_dim(1)
            .reshape([self.classes, width])
    }

    fn save(self) -> anyhow::Result<()> {
        let shape = self.images.dims().to_vec();
        let values: Vec<f32> = self.images.into_data().iter::<f32>().collect();
        let halves: Vec<half::f16> = values.into_iter().map(half::f16::from_f32).collect();
        let labels: Vec<i64> = (0..self.classes as i64)
            .flat_map(|class| vec![class; self.arguments.ipc])
            .collect();
        let images = FileTensor::from_f16("images", shape, &halves)?;
        let labels = FileTensor::from_i64("labels", vec![labels.len()], &labels)?;
        write_safetensors(&self.arguments.out, &[images, labels])?;
        Ok(())
    }
}

fn indices(indices: &[usize], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
    Tensor::from_data(TensorData::new(values, [indices.len()]), device)
}
