//! Times ConvNet-3 training steps and inference, composed of burn's operators and with this crate's.
//!
//! `cargo run --release -p ddrank-kernels --example step -- [THREADS [REPETITIONS [FILTER]]]`: one line for each case,
//! `NAME seconds` of the fastest repetition. The cases of a repetition take turns, so that a busy machine slows all
//! of them.

use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig, momentum::MomentumConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, conv2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};
use ddrank_kernels::{Tail, batch_norm_eval, batch_norm_train, conv2d_3x3, group_norm};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WIDTH: usize = 128;
const EPSILON: f64 = 1e-5;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Norm {
    Instance,
    Batch,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Path {
    Composed,
    Fused,
}

#[derive(Module, Debug)]
struct Block {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
    scale: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
}

#[derive(Module, Debug)]
struct ConvNet {
    blocks: Vec<Block>,
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

fn random<const D: usize>(shape: [usize; D], bound: f32, device: &Device) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(shape.iter().sum::<usize>() as u64);
    let numbers: Vec<f32> = (0..shape.iter().product())
        .map(|_| (rng.random::<f32>() * 2.0 - 1.0) * bound)
        .collect();
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

impl ConvNet {
    fn new(device: &Device) -> Self {
        let blocks = [3, WIDTH, WIDTH].map(|channels| {
            let bound = ((channels * 9) as f32).sqrt().recip();
            Block {
                weight: Param::from_tensor(random([WIDTH, channels, 3, 3], bound, device)),
                bias: Param::from_tensor(random([WIDTH], bound, device)),
                scale: Param::from_tensor(Tensor::ones([WIDTH], device)),
                shift: Param::from_tensor(Tensor::zeros([WIDTH], device)),
            }
        });
        Self {
            blocks: blocks.into(),
            weight: Param::from_tensor(random([WIDTH * 16, 10], 0.02, device)),
            bias: Param::from_tensor(random([10], 0.02, device)),
        }
    }

    fn forward(&self, mut x: Tensor<4>, norm: Norm, path: Path, train: bool) -> Tensor<2> {
        for block in &self.blocks {
            let (weight, bias) = (block.weight.val(), block.bias.val());
            let (scale, shift) = (block.scale.val(), block.shift.val());
            let given = || {
                (
                    Tensor::zeros([WIDTH], &x.device()),
                    Tensor::ones([WIDTH], &x.device()),
                )
            };
            let tail = Tail::ReluAveragePool;
            x = match (path, norm, train) {
                (Path::Fused, Norm::Instance, _) => group_norm(
                    conv2d_3x3(x, weight, Some(bias)),
                    scale,
                    shift,
                    WIDTH,
                    EPSILON,
                    tail,
                ),
                (Path::Fused, Norm::Batch, true) => {
                    batch_norm_train(
                        conv2d_3x3(x, weight, Some(bias)),
                        scale,
                        shift,
                        EPSILON,
                        tail,
                    )
                    .output
                }
                (Path::Fused, Norm::Batch, false) => {
                    let given = given();
                    batch_norm_eval(
                        conv2d_3x3(x, weight, Some(bias)),
                        (scale, shift),
                        given,
                        EPSILON,
                        tail,
                    )
                }
                (Path::Composed, ..) => {
                    let given = given();
                    let y = conv2d(
                        x,
                        weight,
                        Some(bias),
                        ConvOptions::new([1, 1], [1, 1], [1, 1], 1),
                    );
                    let shape = y.dims();
                    let [n, c, h, w] = shape;
                    let y = match (norm, train) {
                        (Norm::Instance, _) => {
                            let y = y.reshape([n, c, h * w]);
                            let (variance, mean) = y.clone().var_mean_bias(2);
                            ((y - mean) / (variance + EPSILON).sqrt()).reshape(shape)
                                * scale.reshape([1, c, 1, 1])
                                + shift.reshape([1, c, 1, 1])
                        }
                        (Norm::Batch, true) => {
                            burn::tensor::module::batch_norm_train(y, scale, shift, EPSILON).output
                        }
                        (Norm::Batch, false) => burn::tensor::module::batch_norm(
                            y, scale, shift, given.0, given.1, EPSILON,
                        ),
                    };
                    avg_pool2d(relu(y), AvgPoolOptions::new([2, 2]).with_stride([2, 2]))
                }
            };
        }
        x.flatten::<2>(1, 3).matmul(self.weight.val()) + self.bias.val().unsqueeze()
    }
}

/// A case: its name and one repetition of it.
type Case = (String, Box<dyn FnMut()>);

fn training(norm: Norm, path: Path, batch: usize) -> Case {
    let device = Device::flex().autodiff();
    let mut model = Some(ConvNet::new(&device));
    let mut optimiser = SgdConfig::new()
        .with_momentum(Some(
            MomentumConfig::new().with_momentum(0.9).with_dampening(0.0),
        ))
        .init();
    let loss = CrossEntropyLossConfig::new().init(&device);
    let x = random([batch, 3, 32, 32], 1.7, &device);
    let labels: Vec<i32> = (0..batch).map(|i| (i % 10) as i32).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &device);
    let step = move || {
        let Some(net) = model.take() else { return };
        let logits = net.forward(x.clone(), norm, path, true);
        let gradients = loss.forward(logits, labels.clone()).backward();
        let gradients = GradientsParams::from_grads(gradients, &net);
        model = Some(optimiser.step(0.01, net, gradients));
    };
    (format!("{path:?}-{norm:?}-b{batch}-step"), Box::new(step))
}

fn inference(norm: Norm, path: Path) -> Case {
    let device = Device::flex();
    let model = ConvNet::new(&device);
    let x = random([1000, 3, 32, 32], 1.7, &device);
    let run = move || {
        for from in (0..1000).step_by(250) {
            let logits = model.forward(x.clone().narrow(0, from, 250), norm, path, false);
            std::hint::black_box(logits.into_data());
        }
    };
    (format!("{path:?}-{norm:?}-test-1000"), Box::new(run))
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let threads = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let repetitions = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let filter = arguments.next().unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let all = [Norm::Instance, Norm::Batch].into_iter().flat_map(|norm| {
        [Path::Composed, Path::Fused]
            .into_iter()
            .flat_map(move |path| {
                let name = |what: &str| format!("{path:?}-{norm:?}-{what}");
                [
                    (name("b100-step"), (norm, path, Some(100))),
                    (name("b256-step"), (norm, path, Some(256))),
                    (name("test-1000"), (norm, path, None)),
                ]
            })
    });
    let chosen: Vec<_> = all.filter(|(name, _)| name.contains(&filter)).collect();
    // Everything runs inside the pool, on one of its threads.
    let times = pool.install(move || {
        let mut cases: Vec<Case> = chosen
            .into_iter()
            .map(|(_, (norm, path, batch))| match batch {
                Some(batch) => training(norm, path, batch),
                None => inference(norm, path),
            })
            .collect();
        let mut best = vec![f64::INFINITY; cases.len()];
        for _ in 0..=repetitions {
            for ((_, run), best) in cases.iter_mut().zip(&mut best) {
                let start = Instant::now();
                run();
                *best = best.min(start.elapsed().as_secs_f64());
            }
        }
        let names = cases.into_iter().map(|(name, _)| name);
        names.zip(best).collect::<Vec<_>>()
    });
    for (name, seconds) in times {
        println!("{name} {seconds:.4}");
    }
    Ok(())
}
