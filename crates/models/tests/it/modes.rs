//! Training and evaluation: what draws, what records, what copies share.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor};
use ddrank_models::{ModelSpec, Pooling};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{build, draws, images, pixels, plain, spec, values};

#[test]
fn training_passes_follow_their_draws() {
    let device = Device::flex();
    for name in ["mobilenet_v2", "efficientnet_b0", "swin_t"] {
        let network = plain(name, 32).unwrap();
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
        // torchvision's AlexNet leaves nothing of smaller images.
        let side = if name == "alexnet" { 64 } else { 32 };
        let network = plain(name, side).unwrap();
        let batch = images([2, 3, side, side], &device);
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
