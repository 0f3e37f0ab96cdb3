//! Building networks and running them: sizes, seeds, modes, independence of copies.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_models::{InputShape, ModelError, ModelSpec, Network, Pooling, Source};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn spec(name: &str, width: usize) -> ModelSpec {
    ModelSpec {
        width,
        ..ModelSpec::new(name.parse().unwrap())
    }
}

fn pixels(side: usize) -> InputShape {
    InputShape {
        channels: 3,
        height: side,
        width: side,
    }
}

fn build(
    spec: &ModelSpec,
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<Network, ModelError> {
    spec.build(input, classes, &mut ChaCha8Rng::seed_from_u64(1), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// A generator for passes in training mode.
fn draws() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

/// Pictures without a generator: a fixed, uneven pattern.
fn images(shape: [usize; 4], device: &Device) -> Tensor<4> {
    let count = shape.iter().product::<usize>();
    let pattern: Vec<f32> = (0..count).map(|index| (index as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(pattern, shape), device)
}

#[test]
fn parameter_counts_of_the_reference() {
    // semantics.md, section 2.5.
    let device = Device::flex();
    for (name, side, classes, count) in [
        ("ConvNet-3", 32, 10, 320_010),
        ("ConvNet-3-BN", 32, 10, 320_010),
        ("ConvNet-3", 64, 200, 1_938_120),
        ("ConvNet-3", 128, 10, 627_210),
        ("ConvNet-4", 32, 10, 452_490),
        ("ConvNet-4-BN", 64, 200, 857_160),
        ("ConvNet-4", 128, 10, 529_290),
        ("ConvNet-6", 64, 200, 768_840),
        ("ConvNet-6", 224, 1000, 1_896_040),
        ("MLP", 32, 10, 411_146),
        ("MLP", 64, 200, 1_615_304),
        ("MLP", 128, 10, 6_309_386),
        ("LeNet", 32, 10, 62_006),
        ("LeNet", 64, 200, 78_156),
        ("AlexNet", 32, 10, 1_872_202),
        ("AlexNet", 64, 200, 2_456_072),
        ("VGG-11", 32, 10, 9_231_114),
        ("VGG-11-BN", 64, 200, 9_328_584),
        ("VGG-13-BN", 32, 10, 9_416_010),
        ("VGG-16-BN", 32, 10, 14_728_266),
        ("VGG-19-BN", 64, 200, 20_137_992),
        ("ResNet-18", 32, 10, 11_173_962),
        ("ResNet-18-BN", 64, 200, 11_271_432),
        ("ResNet-18-BN", 224, 1000, 11_681_832),
        ("ResNet-34-BN", 64, 200, 21_379_592),
        ("ResNet-50-BN", 32, 10, 23_520_842),
        ("ResNet-50", 64, 200, 23_910_152),
        // With 512 x 4 x 4 features and, at 64 pixels, 512 x 8 x 8.
        ("ResNetAP-18", 32, 10, 11_250_762),
        ("ResNetAP-18-BN", 64, 200, 17_722_632),
        // torchvision's ResNet-101 and 152 with this classifier and first convolution.
        ("ResNet-101-BN", 32, 10, 42_512_970),
        ("ResNet-152", 32, 10, 58_156_618),
    ] {
        let network = build(&spec(name, 128), pixels(side), classes, &device).unwrap();
        assert_eq!(network.parameter_count(), count, "{name} at {side} pixels");
    }
}

fn check_counts_of_torchvision(cases: &[(&str, usize, usize, usize, usize)]) {
    let device = Device::flex();
    for &(name, side, classes, count, buffers) in cases {
        let spec = ModelSpec {
            source: Source::Torchvision,
            ..spec(name, 128)
        };
        let network = build(&spec, pixels(side), classes, &device).unwrap();
        assert_eq!(network.parameter_count(), count, "{name} at {side} pixels");
        let all: usize = network
            .state_dict()
            .iter()
            .map(|(_, data)| data.num_elements())
            .sum();
        assert_eq!(all - count, buffers, "{name} at {side} pixels");
    }
}

#[test]
fn parameter_counts_of_torchvisions_resnets() {
    check_counts_of_torchvision(&[
        ("ResNet-18", 32, 10, 11_173_962, 9_620),
        ("resnet18", 64, 200, 11_271_432, 9_620),
        ("ResNet-18-BN", 128, 10, 11_181_642, 9_620),
        ("ResNet-34-BN", 32, 10, 21_282_122, 17_060),
        ("resnet34", 224, 1000, 21_797_672, 17_060),
        ("ResNet-50-BN", 128, 10, 23_528_522, 53_173),
        ("resnet50", 224, 1000, 25_557_032, 53_173),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_light_networks() {
    check_counts_of_torchvision(&[
        ("mobilenet_v2", 32, 10, 2_236_682, 34_164),
        ("mobilenet_v2", 64, 200, 2_480_072, 34_164),
        ("mobilenet_v2", 224, 1000, 3_504_872, 34_164),
        ("shufflenet_v2_x0_5", 32, 10, 352_042, 8_008),
        ("shufflenet_v2_x0_5", 64, 200, 546_792, 8_008),
        ("shufflenet_v2_x0_5", 224, 1000, 1_366_792, 8_008),
        ("efficientnet_b0", 32, 10, 4_020_358, 42_065),
        ("efficientnet_b0", 64, 200, 4_263_748, 42_065),
        ("efficientnet_b0", 224, 1000, 5_288_548, 42_065),
        ("swin_t", 64, 200, 27_673_154, 28_812),
        ("swin_t", 224, 1000, 28_288_354, 28_812),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_heavy_networks() {
    check_counts_of_torchvision(&[
        ("AlexNet", 32, 10, 57_023_242, 0),
        ("alexnet", 64, 200, 57_801_672, 0),
        ("alexnet", 224, 1000, 61_100_840, 0),
        ("vit_b_16", 224, 1000, 86_567_656, 0),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_vggs() {
    check_counts_of_torchvision(&[
        ("VGG-11-BN", 64, 200, 129_591_240, 5_512),
        // From torchvision 0.29.2; DD-Ranking's VGGs share the table of convolutions.
        ("vgg19", 32, 10, 139_611_210, 0),
    ]);
}

#[test]
fn sizes_that_torchvisions_networks_do_not_take_are_errors() {
    let device = Device::flex();
    for (name, side, allowed) in [
        ("vit_b_16", 32, "224 x 224 pixels only"),
        ("vit_b_16", 256, "224 x 224 pixels only"),
        ("swin_t", 3, "at least 4 pixels"),
        ("vgg11", 31, "at least 32 pixels"),
        ("alexnet", 62, "at least 63 pixels"),
        ("alexnet", 31, "32 x 32 pixels, and of at least 63"),
    ] {
        let error = build(
            &ModelSpec::new(name.parse().unwrap()),
            pixels(side),
            10,
            &device,
        );
        let message = error.unwrap_err().to_string();
        assert!(message.contains("do not fit"), "{message}");
        assert!(message.contains(allowed), "{message}");
    }
    let wide = InputShape {
        channels: 3,
        height: 64,
        width: 62,
    };
    assert!(build(&spec("alexnet", 128), wide, 10, &device).is_err());
}

#[test]
fn training_passes_follow_their_draws() {
    let device = Device::flex();
    for name in ["mobilenet_v2", "efficientnet_b0", "swin_t"] {
        let network = build(
            &ModelSpec::new(name.parse().unwrap()),
            pixels(32),
            10,
            &device,
        )
        .unwrap();
        let batch = images([4, 3, 32, 32], &device);
        let pass = |seed| {
            let mut generator = ChaCha8Rng::seed_from_u64(seed);
            values(network.clone().forward_train(batch.clone(), &mut generator))
        };
        assert_eq!(pass(1), pass(1), "{name}");
        assert_ne!(pass(1), pass(2), "{name}");
        assert_eq!(
            values(network.forward_eval(batch.clone())),
            values(network.forward_eval(batch.clone())),
            "{name}"
        );
    }
}

#[test]
fn impossible_numbers_are_errors_that_name_them() {
    let device = Device::flex();
    let message = |name: &str, width, input, classes| {
        build(&spec(name, width), input, classes, &device)
            .unwrap_err()
            .to_string()
    };
    let flat = InputShape {
        channels: 3,
        height: 32,
        width: 7,
    };
    let empty = InputShape {
        channels: 0,
        ..pixels(32)
    };
    assert_eq!(
        message("ConvNet-3", 8, pixels(32), 1),
        "ConvNet-3: 1 classes; a classifier needs at least 2"
    );
    assert_eq!(
        message("ConvNet-3", 0, pixels(32), 10),
        "ConvNet-3: width 0; it must be at least 1"
    );
    assert_eq!(
        message("ConvNet-3-GN", 6, pixels(32), 10),
        "ConvNet-3-GN: width 6 cannot be divided into 4 groups; use a multiple of 4"
    );
    assert_eq!(
        message("ConvNet-3", 8, flat, 10),
        "ConvNet-3: 3 channels of 32 x 7 pixels are too small for 3 poolings; both sides must be at least 8 pixels"
    );
    assert_eq!(
        message("ConvNet-3", 8, empty, 10),
        "ConvNet-3: input of 0 channels of 32 x 32 pixels; every number must be at least 1"
    );
    let unpooled = ModelSpec {
        pooling: Pooling::None,
        ..spec("ConvNet-3", 2)
    };
    assert!(build(&unpooled, pixels(1), 2, &device).is_ok());
}

#[test]
fn options_and_sources_that_a_family_lacks_are_errors() {
    let device = Device::flex();
    let refused = |text: &str, side| {
        let spec: ModelSpec = serde_json::from_str(text).unwrap();
        build(&spec, pixels(side), 10, &device)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(r#"{"name":"MLP","width":64}"#, 32),
        "MLP: width is an option of ConvNet models only; leave it out"
    );
    assert_eq!(
        refused(r#"{"name":"LeNet","activation":"sigmoid"}"#, 32),
        "LeNet: activation is an option of ConvNet models only; leave it out"
    );
    assert_eq!(
        refused(r#"{"name":"AlexNet","pooling":"max"}"#, 32),
        "AlexNet: pooling is an option of ConvNet models only; leave it out"
    );
    assert_eq!(
        refused(r#"{"name":"ConvNet-3","source":"torchvision"}"#, 32),
        r#"ConvNet-3: there is none with source "torchvision"; ConvNet exists with source "ddranking""#
    );
    assert_eq!(
        refused(r#"{"name":"mobilenet_v2","source":"ddranking"}"#, 32),
        r#"mobilenet_v2: there is none with source "ddranking"; mobilenet_v2 exists with source "torchvision""#
    );
    assert_eq!(
        refused(r#"{"name":"resnet18","source":"ddranking"}"#, 32),
        r#"resnet18: there is none with source "ddranking"; resnet18 exists with source "torchvision""#
    );
    assert_eq!(
        refused(r#"{"name":"swin_t","width":64}"#, 32),
        "swin_t: width is an option of ConvNet models only; leave it out"
    );
    assert_eq!(
        refused(r#"{"name":"LeNet"}"#, 48),
        "LeNet: 3 channels of 48 x 48 pixels do not fit; it takes images of 32 x 32 and 64 x 64 pixels"
    );
    for (name, side) in [("AlexNet", 128), ("AlexNet", 31), ("LeNet", 4)] {
        let message = refused(&format!(r#"{{"name":"{name}"}}"#), side);
        assert!(message.contains("do not fit"), "{message}");
    }
    let stray = serde_json::from_str::<ModelSpec>(r#"{"name":"MLP","source":"timm"}"#).unwrap_err();
    assert!(stray.to_string().contains("torchvision"), "{stray}");
}

/// Every family runs, and its classifier sees what `embed` gives: logits are affine in it.
#[test]
fn logits_are_affine_in_the_embedding() {
    let device = Device::flex();
    for (name, last, features) in [
        ("ConvNet-3-BN", "classifier", 2048),
        ("AlexNet", "fc", 3072),
        ("LeNet", "fc_3", 84),
        ("MLP", "fc_3", 128),
        ("ResNet-18", "classifier", 512),
        ("resnet50", "fc", 2048),
        ("ResNetAP-18-BN", "classifier", 8192),
        ("VGG-11", "classifier", 512),
        ("alexnet", "classifier.6", 4096),
        ("mobilenet_v2", "classifier.1", 1280),
        ("shufflenet_v2_x0_5", "fc", 1024),
        ("efficientnet_b0", "classifier.1", 1280),
        ("swin_t", "head", 768),
    ] {
        let network = build(
            &ModelSpec::new(name.parse().unwrap()),
            pixels(32),
            10,
            &device,
        )
        .unwrap();
        let batch = images([2, 3, 32, 32], &device);
        let embedding = network.embed(batch.clone());
        assert_eq!(embedding.dims(), [2, features], "{name}");
        let state: BTreeMap<_, _> = network.state_dict().into_iter().collect();
        let weight = state[&format!("{last}.weight")].clone();
        let weight = Tensor::<2>::from_data(weight, &device);
        let bias = Tensor::<1>::from_data(state[&format!("{last}.bias")].clone(), &device);
        let expected = values(embedding.matmul(weight.transpose()) + bias.unsqueeze());
        for (got, expected) in values(network.forward_eval(batch)).iter().zip(expected) {
            let margin = 1e-5 * expected.abs().max(1.0);
            assert!((got - expected).abs() < margin, "{name}: {got} {expected}");
        }
    }
}

#[test]
fn a_seed_decides_all_weights_within_their_bounds() {
    let device = Device::flex();
    let network = |seed| {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        spec("ConvNet-2-BN", 6)
            .build(pixels(8), 3, &mut generator, &device)
            .unwrap()
    };
    assert_eq!(network(3).state_dict(), network(3).state_dict());
    assert_ne!(network(3).state_dict(), network(4).state_dict());
    for (name, data) in network(3).state_dict() {
        let values: Vec<f64> = data.iter::<f64>().collect();
        // Fan-in 27, 54 and 24; norms start at one and zero.
        let (low, high) = match name.as_str() {
            "features.0.weight" | "features.0.bias" => {
                (-1.0 / 27.0_f64.sqrt(), 1.0 / 27.0_f64.sqrt())
            }
            "features.4.weight" | "features.4.bias" => {
                (-1.0 / 54.0_f64.sqrt(), 1.0 / 54.0_f64.sqrt())
            }
            "classifier.weight" | "classifier.bias" => {
                (-1.0 / 24.0_f64.sqrt(), 1.0 / 24.0_f64.sqrt())
            }
            "features.1.weight"
            | "features.5.weight"
            | "features.1.running_var"
            | "features.5.running_var" => (1.0, 1.0),
            _ => (0.0, 0.0),
        };
        let margin = 1e-7;
        assert!(
            values
                .iter()
                .all(|value| (low - margin..=high + margin).contains(value)),
            "{name}"
        );
        if low < high {
            let reach = values
                .iter()
                .fold(0.0_f64, |reach, value| reach.max(value.abs()));
            assert!(reach > 0.4 * high, "{name} reaches only {reach}");
        }
    }
}

#[test]
fn the_call_decides_the_mode_on_every_device() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        let mut network = build(&spec("ConvNet-1-BN", 4), pixels(4), 2, &device).unwrap();
        let batch = images([3, 3, 4, 4], &device);
        let before = network.state_dict();
        let eval = values(network.forward_eval(batch.clone()));
        assert_eq!(network.state_dict(), before, "evaluation changes nothing");
        let train = values(network.forward_train(batch.clone(), &mut draws()));
        assert_ne!(train, eval);
        assert_ne!(network.state_dict(), before, "training records statistics");
        // On the snapshot without autodiff, too.
        let mut snapshot = network.valid();
        let recorded = snapshot.state_dict();
        assert_eq!(recorded, network.state_dict());
        let again = snapshot.forward_train(batch.inner_if_needed(), &mut draws());
        for (got, expected) in values(again).iter().zip(&train) {
            assert!((got - expected).abs() < 1e-5);
        }
        assert_ne!(snapshot.state_dict(), recorded);
        assert_eq!(network.state_dict(), recorded, "a snapshot is independent");
    }
}

trait InnerIfNeeded {
    fn inner_if_needed(self) -> Self;
}

impl InnerIfNeeded for Tensor<4> {
    fn inner_if_needed(self) -> Self {
        if self.is_autodiff() {
            self.inner()
        } else {
            self
        }
    }
}

#[test]
fn training_a_copy_leaves_the_original_alone() {
    let device = Device::flex().autodiff();
    let original = build(&spec("ConvNet-2-BN", 4), pixels(8), 3, &device).unwrap();
    let before = original.state_dict();
    let mut copy = original.clone();
    let mut optimizer = SgdConfig::new().init();
    let loss = copy
        .forward_train(images([4, 3, 8, 8], &device), &mut draws())
        .square()
        .mean();
    let gradients = GradientsParams::from_grads(loss.backward(), &copy);
    copy = optimizer.step(0.1, copy, gradients);
    assert_eq!(original.state_dict(), before);
    let after: BTreeMap<_, _> = copy.state_dict().into_iter().collect();
    for (name, data) in before {
        // A bias in front of batch normalisation has no gradient but rounding.
        if !(name.ends_with(".bias")
            && (name.starts_with("features.0") || name.starts_with("features.4")))
        {
            assert_ne!(after[&name], data, "{name} should have changed");
        }
    }
}

#[test]
fn a_network_built_for_evaluation_can_be_trained() {
    let network = build(&spec("ConvNet-1", 4), pixels(4), 2, &Device::flex()).unwrap();
    let device = Device::flex().autodiff();
    let mut network = network.train();
    let loss = network
        .forward_train(images([2, 3, 4, 4], &device), &mut draws())
        .square()
        .mean();
    assert_eq!(
        network.gradients_by_name(&loss.backward()).len(),
        network.parameter_shapes().len()
    );
}

#[test]
#[should_panic(
    expected = "batch normalisation in training mode needs more than one value per channel"
)]
fn batch_normalisation_of_one_value_is_refused() {
    let device = Device::flex();
    let unpooled = ModelSpec {
        pooling: Pooling::None,
        ..spec("ConvNet-1-BN", 2)
    };
    let mut network = build(&unpooled, pixels(1), 2, &device).unwrap();
    let _ = network.forward_train(images([1, 3, 1, 1], &device), &mut draws());
}

#[test]
fn specs_read_with_defaults_and_refuse_stray_keys() {
    let read = serde_json::from_str::<ModelSpec>;
    assert_eq!(
        read(r#"{"name":"ConvNet-3"}"#).unwrap(),
        spec("ConvNet-3", 128)
    );
    for (text, source) in [
        (r#"{"name":"ResNet-18"}"#, Source::Ddranking),
        (
            r#"{"name":"ResNet-18","source":"torchvision"}"#,
            Source::Torchvision,
        ),
        (r#"{"name":"resnet18"}"#, Source::Torchvision),
        (r#"{"name":"swin_t"}"#, Source::Torchvision),
    ] {
        let spec = read(text).unwrap();
        assert_eq!(spec.source, source, "{text}");
        let written = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<ModelSpec>(&written).unwrap(), spec);
    }
    let full =
        read(r#"{"name":"ConvNet-4-GN","width":64,"activation":"leaky-relu","pooling":"max"}"#)
            .unwrap();
    assert_eq!((full.width, full.pooling), (64, Pooling::Max));
    let written = serde_json::to_string(&full).unwrap();
    assert_eq!(read(&written).unwrap(), full);
    for (text, part) in [
        (r#"{"name":"ConvNet-3","widht":64}"#, "widht"),
        (r#"{"name":"ConvNet-3","pooling":"median"}"#, "median"),
        (r#"{"name":"ConvNet-9"}"#, "1, 2, 3, 4, 5, 6"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn logits_have_the_promised_shape(
        depth in 1_usize..=3, norm in 0_usize..5, width in 1_usize..=2,
        height in 8_usize..=13, across in 8_usize..=13, classes in 2_usize..=4, channels in 1_usize..=3,
    ) {
        let norm = ["", "-BN", "-LN", "-GN", "-NONE"][norm];
        let spec = spec(&format!("ConvNet-{depth}{norm}"), 4 * width);
        let device = Device::flex();
        let input = InputShape { channels, height, width: across };
        let mut network = build(&spec, input, classes, &device).unwrap();
        let batch = images([2, channels, height, across], &device);
        prop_assert_eq!(network.forward_train(batch.clone(), &mut draws()).dims(), [2, classes]);
        prop_assert!(values(network.forward_eval(batch)).iter().all(|value| value.is_finite()));
    }
}
