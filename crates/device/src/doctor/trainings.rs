//! Fifty steps of small networks.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor, TensorData};
use ddrank_labels::{Criterion, Targets};
use ddrank_models::{InputShape, ModelSpec, Network};
use ddrank_optim::{Adam, AdamW, Optimizer, Sgd};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::case::{Case, case};
use super::recorder::Recorder;
use super::residual::{Residual, Statistics};

/// As in `doctor.py`.
pub(super) const CASES: &[Case] = &[
    case("ConvNet-3, SGD", |recorder| {
        convnet(recorder, SGD, SGD_RATE)
    }),
    case("ConvNet-3, Adam", |recorder| {
        let rule = Optimizer::Adam(Adam {
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 5e-4,
        });
        convnet(recorder, rule, ADAPTIVE_RATE);
    }),
    case("ConvNet-3, AdamW", |recorder| {
        let rule = Optimizer::AdamW(AdamW {
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.01,
        });
        convnet(recorder, rule, ADAPTIVE_RATE);
    }),
    case("residual network, SGD", residual),
];

/// The learning rates of `doctor.py`.
const SGD_RATE: f64 = 0.01;
const ADAPTIVE_RATE: f64 = 0.001;
const STEPS: usize = 50;
const IMAGES: usize = 16;
const BATCH: usize = 8;
const CLASSES: usize = 5;
const SIDE: usize = 12;
const SGD: Optimizer = Optimizer::Sgd(Sgd {
    momentum: 0.9,
    weight_decay: 5e-4,
});

/// Trains by the rule at this rate and keeps the losses.
fn train<M: Module>(
    recorder: &mut Recorder,
    (rule, rate): (Optimizer, f64),
    mut module: M,
    mut forward: impl FnMut(&mut M, Tensor<4>) -> Tensor<2>,
) -> M {
    let device = recorder.device().clone();
    let images: Tensor<4> = recorder.plain("images", [IMAGES, 3, SIDE, SIDE], 1.7);
    let classes: Vec<usize> = (0..IMAGES).map(|index| index % CLASSES).collect();
    let Ok(targets) = Targets::from_classes(&classes, CLASSES, &device) else {
        panic!("the classes of this check are valid")
    };
    let mut optimizer = rule.build();
    let mut losses = Vec::new();
    for step in 0..STEPS {
        let batch: Vec<i32> = (0..BATCH)
            .map(|place| ((step * BATCH + place) % IMAGES) as i32)
            .collect();
        let batch = Tensor::<1, Int>::from_data(TensorData::new(batch, [BATCH]), &device);
        let logits = forward(&mut module, images.clone().select(0, batch.clone()));
        let loss = Criterion::CrossEntropy.loss(logits, &targets.select(batch));
        // Without its graph, and read back once at the end as a training does.
        losses.push(loss.clone().inner());
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        module = optimizer.step(rate, module, gradients);
    }
    recorder.keep("losses", Tensor::cat(losses, 0));
    module
}

/// The agent model of most recipes, narrow.
fn convnet(recorder: &mut Recorder, rule: Optimizer, rate: f64) {
    let network = narrow_convnet(recorder);
    // Nothing in a ConvNet draws.
    let mut no_draws = ChaCha8Rng::seed_from_u64(0);
    train(recorder, (rule, rate), network, |network, images| {
        network.forward_train(images, &mut no_draws)
    });
}

fn narrow_convnet(recorder: &Recorder) -> Network {
    let built = "ConvNet-3".parse().ok().and_then(|name| {
        let spec = ModelSpec {
            width: 8.into(),
            ..ModelSpec::new(name)
        };
        let input = InputShape {
            channels: 3,
            height: SIDE,
            width: SIDE,
        };
        let device = recorder.device().clone().autodiff();
        // The initial weights do not matter: all are replaced below by the rule's.
        let mut draws = ChaCha8Rng::seed_from_u64(0);
        let network = spec.build(input, CLASSES, &mut draws, &device).ok()?;
        let weights: BTreeMap<String, TensorData> = network
            .parameter_shapes()
            .into_iter()
            .map(|(name, shape)| {
                let fan_in: usize = shape.iter().skip(1).product();
                // By the rule of `doctor.py`: weights of layers, scales of normalisations, shifts.
                let (scale, add) = match (shape.len(), name.as_str()) {
                    (2.., _) => ((1.0 / fan_in as f64).sqrt(), 0.0),
                    (_, name) if name.ends_with("weight") => (0.25, 1.0),
                    _ => (0.1, 0.0),
                };
                let values = recorder.host(&name, &shape, scale, add);
                (name, TensorData::new(values, shape))
            })
            .collect();
        network.load_state_dict(&weights).ok()
    });
    match built {
        Some(network) => network,
        None => panic!("a ConvNet-3 with its weights can be built"),
    }
}

/// Batch normalisation, strides and a shortcut; then the answers with the recorded statistics.
fn residual(recorder: &mut Recorder) {
    let network = Residual::new(recorder);
    let mut statistics = Statistics::new(recorder.device());
    let network = train(recorder, (SGD, SGD_RATE), network, |network, images| {
        network.forward_train(images, &mut statistics)
    });
    let images = recorder.plain("images", [IMAGES, 3, SIDE, SIDE], 1.7);
    recorder.keep("logits", network.forward_eval(images, &statistics));
}
