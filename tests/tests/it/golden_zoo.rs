//! torchvision's networks and the deep ones of DD-Ranking against PyTorch in double precision.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_kernels::with_direct_convolution;
use ddrank_labels::{Criterion, Targets};
use ddrank_models::{InputShape, ModelName, ModelSpec, Network, Source};
use ddrank_tests::golden::{Case, GoldenSet, Tally, Words, load, ruled_tensor};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;

#[derive(Deserialize)]
struct Parameters {
    model: ModelName,
    source: Option<Source>,
    height: usize,
    width: usize,
    labels: Vec<usize>,
    num_classes: usize,
    rule_seed: u32,
    tensors: usize,
    listing_crc32: u32,
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// The network with the weights of the rule; its state dict must be the recorded one, name by name and in its order.
fn network(parameters: &Parameters, device: &Device) -> Network {
    let input = InputShape {
        channels: 3,
        height: parameters.height,
        width: parameters.width,
    };
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let plain = ModelSpec::new(parameters.model);
    let spec = ModelSpec {
        source: parameters.source.unwrap_or(plain.source),
        ..plain
    };
    let network = spec
        .build(input, parameters.num_classes, &mut generator, device)
        .unwrap();
    let mut listing = String::new();
    let mut state = BTreeMap::new();
    let fresh = network.state_dict();
    assert_eq!(fresh.len(), parameters.tensors, "{}", parameters.model);
    for (name, data) in fresh {
        let shape = data.shape().as_slice().to_vec();
        writeln!(listing, "{name} {shape:?}").unwrap();
        let data = if name.ends_with("relative_position_index") {
            data
        } else {
            ruled_tensor(&name, &shape, parameters.rule_seed)
        };
        state.insert(name, data);
    }
    let found = crc32fast::hash(listing.as_bytes());
    assert_eq!(
        found, parameters.listing_crc32,
        "{} has other tensors than PyTorch's:\n{listing}",
        parameters.model
    );
    network.load_state_dict(&state).unwrap()
}

fn check(tally: &mut Tally, set: &GoldenSet, case: &Case) {
    let parameters: Parameters = case.parameters().unwrap();
    let device = Device::flex().autodiff();
    let mut network = network(&parameters, &device);
    let images = parameters.labels.len();
    let shape = [images, 3, parameters.height, parameters.width];
    let count = shape.iter().product();
    let values: Vec<f32> = ruled_tensor("images", &[count], parameters.rule_seed)
        .iter::<f32>()
        .map(|value| value * 10.0)
        .collect();
    let batch = Tensor::<4>::from_data(TensorData::new(values, shape), &device);
    let mut compare = |output: &str, got: &[f32]| tally.compare(set, case, output, got).unwrap();

    compare("eval_logits", &floats(network.forward_eval(batch.clone())));
    if case.outputs.contains_key("train_logits") {
        let mut words = Words::new(parameters.rule_seed);
        let logits = network.forward_train(batch, &mut words);
        compare("train_logits", &floats(logits.clone()));
        let targets =
            Targets::from_classes(&parameters.labels, parameters.num_classes, &device).unwrap();
        let loss = Criterion::CrossEntropy.loss(logits, &targets);
        compare("train_loss", &floats(loss.clone()));
        let gradients = network.gradients_by_name(&loss.backward());
        let norms: Vec<f32> = gradients
            .iter()
            .map(|(_, data)| data.iter::<f64>().map(|value| value * value).sum::<f64>())
            .map(|square| square.sqrt() as f32)
            .collect();
        compare("grad_norms", &norms);
        let first: Vec<f32> = gradients[0].1.try_to_vec().unwrap();
        compare("grad_first", &first[..first.len().min(256)]);
        let (_, last) = gradients.last().unwrap();
        compare("grad_last", &last.try_to_vec::<f32>().unwrap());
        if case.outputs.contains_key("bn_means") {
            let state = network.state_dict();
            for (output, ending) in [
                ("bn_means", "running_mean"),
                ("bn_variances", "running_var"),
            ] {
                let means: Vec<f32> = state
                    .iter()
                    .filter(|(name, _)| name.ends_with(ending))
                    .map(|(_, data)| {
                        let sum: f64 = data.iter::<f64>().sum();
                        (sum / data.num_elements() as f64) as f32
                    })
                    .collect();
                compare(output, &means);
            }
        }
    }
    tally.finish(case);
}

/// Compares all cases whose model's name begins so (and has this source, where one is said), with direct convolutions: the tolerances are twenty times the
/// rounding of direct sums.
fn reproduces_pytorch(beginning: &str) {
    let mut tally = Tally::new();
    for set in &load().unwrap() {
        for case in set.cases("zoo") {
            let model = case.params["model"].as_str().unwrap();
            if model.starts_with(beginning) {
                with_direct_convolution(|| check(&mut tally, set, case));
            }
        }
    }
    println!("{tally}");
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}

#[test]
fn mobilenet() {
    reproduces_pytorch("mobilenet_v2");
}

#[test]
fn shufflenet() {
    reproduces_pytorch("shufflenet_v2");
}

#[test]
fn efficientnet() {
    reproduces_pytorch("efficientnet_b0");
}

#[test]
fn swin() {
    reproduces_pytorch("swin_t");
}

#[test]
fn vision_transformer() {
    reproduces_pytorch("vit_b_16");
}

#[test]
fn alexnet() {
    reproduces_pytorch("alexnet");
    reproduces_pytorch("AlexNet");
}

#[test]
fn vgg_of_torchvision() {
    reproduces_pytorch("vgg");
}

#[test]
fn vgg_of_ddranking() {
    reproduces_pytorch("VGG-");
}

#[test]
fn resnet_of_torchvision() {
    reproduces_pytorch("resnet");
}

#[test]
fn resnet_of_ddranking() {
    reproduces_pytorch("ResNet-");
}

#[test]
fn resnet_with_average_pooling() {
    reproduces_pytorch("ResNetAP-");
}
