//! What can be built, what is refused and how, and the initial weights.

use std::collections::BTreeMap;

use burn::tensor::Device;
use ddrank_models::{InputShape, ModelSpec, Pooling, Source};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{build, draws, images, pixels, plain, spec, values};

#[test]
fn sizes_that_torchvisions_networks_do_not_take_are_errors() {
    let device = Device::flex();
    for (name, side, allowed) in [
        ("vit_b_16", 32, "224 x 224 pixels only"),
        ("vit_b_16", 256, "224 x 224 pixels only"),
        ("swin_t", 3, "at least 4 pixels"),
        ("vgg11", 31, "at least 32 pixels"),
        ("alexnet", 62, "at least 63 pixels"),
        (
            "alexnet",
            32,
            "at least 63 pixels on both sides; under the name AlexNet also 32 x 32",
        ),
    ] {
        let message = plain(name, side).unwrap_err().to_string();
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

/// torchvision's own names are its networks at every size: the same layers as at sizes for which DD-Ranking changes none,
/// and the same answers.
#[test]
fn own_names_of_torchvision_mean_its_plain_networks() {
    let device = Device::flex();
    for (own, name, side, first) in [
        ("resnet18", "ResNet-18", 32, [64, 3, 7, 7]),
        ("resnet34", "ResNet-34", 64, [64, 3, 7, 7]),
        ("alexnet", "AlexNet", 64, [64, 3, 11, 11]),
    ] {
        let of = |name: &str| ModelSpec {
            source: Source::Torchvision,
            ..spec(name, 128)
        };
        let plain = build(&of(own), pixels(side), 10, &device).unwrap();
        let state: BTreeMap<_, _> = plain.state_dict().into_iter().collect();
        assert_eq!(plain.state_dict()[0].1.shape().to_vec(), first, "{own}");
        // The weights of one fit the other.
        let large = build(&of(name), pixels(96), 10, &device).unwrap();
        let large = large.load_state_dict(&state).unwrap();
        let batch = images([2, 3, side, side], &device);
        let answers = values(plain.forward_eval(batch.clone()));
        assert_eq!(answers, values(large.forward_eval(batch)), "{own}");
        // DD-Ranking's name has its changed first layer there.
        let small = build(&of(name), pixels(side), 10, &device).unwrap();
        assert!(small.load_state_dict(&state).is_err(), "{name}");
    }
}

/// What no machine can hold is refused before any of it is there: these would be terabytes.
#[test]
fn networks_without_end_are_errors() {
    let device = Device::flex();
    let message = |name: &str, width, side| {
        build(&spec(name, width), pixels(side), 1000, &device)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("ConvNet-3", 65_536, 32),
        "ConvNet-3: 78.4 billion weights for 3 channels of 32 x 32 pixels; at most 4.3 billion can be held"
    );
    for (name, width, side, part) in [
        ("ConvNet-3", 65_537, 32, "from 1 to 65536"),
        ("ConvNet-3", usize::MAX, 32, "from 1 to 65536"),
        ("MLP", 128, 8192, "25.8 billion weights"),
        ("ResNetAP-18", 128, 8192, "billion weights"),
    ] {
        let message = message(name, width, side);
        assert!(message.contains(part), "{message}");
    }
}

/// Counting draws nothing and counts what building makes.
#[test]
fn weights_are_counted_without_making_them() {
    let device = Device::flex();
    for name in [
        "ConvNet-3-BN",
        "MLP",
        "ResNet-18-BN",
        "efficientnet_b0",
        "swin_t",
    ] {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let counted = spec(name, 128).weights(pixels(32), 10, &mut generator, &device);
        let network = build(&spec(name, 128), pixels(32), 10, &device).unwrap();
        let floats = network
            .state_dict()
            .into_iter()
            .filter(|(_, data)| data.dtype().is_float());
        let made: usize = floats.map(|(_, data)| data.num_elements()).sum();
        assert_eq!(counted.unwrap(), made as u64, "{name}");
        let again = spec(name, 128)
            .build(pixels(32), 10, &mut generator, &device)
            .unwrap();
        assert_eq!(again.state_dict()[0].1, network.state_dict()[0].1, "{name}");
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
        "ConvNet-3: width 0; it must be from 1 to 65536"
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
