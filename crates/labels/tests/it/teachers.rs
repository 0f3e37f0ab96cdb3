//! Teacher ensembles.

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroUsize;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_labels::{TeacherError, TeacherProblem, Teachers};
use ddrank_models::{InputShape, ModelSpec, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const INPUT: InputShape = InputShape {
    channels: 3,
    height: 8,
    width: 8,
};
const CLASSES: usize = 4;

type Weights = BTreeMap<String, TensorData>;

fn spec(name: &str, width: usize) -> ModelSpec {
    ModelSpec {
        width: width.into(),
        ..ModelSpec::new(name.parse().unwrap())
    }
}

fn network(name: &str, width: usize, seed: u64, device: &Device) -> Network {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    spec(name, width)
        .build(INPUT, CLASSES, &mut generator, device)
        .unwrap()
}

fn weights(network: &Network) -> Weights {
    network.state_dict().into_iter().collect()
}

fn images(count: usize, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = (0..count * 192)
        .map(|index| ((index * 7919 % 1009) as f32 / 504.5 - 1.0) * (1.0 + (index / 192) as f32))
        .collect();
    Tensor::from_data(TensorData::new(values, [count, 3, 8, 8]), device)
}

fn floats(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// A generator for passes in training mode.
fn draws() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-5, "{got} instead of {expected}");
    }
}

fn batch(size: usize) -> NonZeroUsize {
    NonZeroUsize::new(size).unwrap()
}

#[test]
fn the_answer_is_the_mean_of_the_logits() {
    let device = Device::flex();
    let networks = [
        network("ConvNet-1", 4, 1, &device),
        network("ConvNet-2-BN", 6, 2, &device),
        network("ConvNet-1-NONE", 8, 3, &device),
    ];
    let input = images(5, &device);
    let alone: Vec<Vec<f32>> = networks
        .iter()
        .map(|network| floats(network.forward_eval(input.clone())))
        .collect();
    let mean: Vec<f32> = (0..alone[0].len())
        .map(|index| alone.iter().map(|logits| logits[index]).sum::<f32>() / 3.0)
        .collect();
    let teachers = Teachers::new(networks.clone()).unwrap();
    assert_eq!(teachers.count(), batch(3));
    assert_close(&floats(teachers.logits(input.clone())), &mean);

    let [first, ..] = networks;
    let single = Teachers::new([first]).unwrap();
    assert_eq!(floats(single.logits(input)), alone[0]);
}

#[test]
fn labels_do_not_depend_on_the_batch() {
    let device = Device::flex();
    let teachers = Teachers::new([
        network("ConvNet-2-BN", 4, 1, &device),
        network("ConvNet-1", 4, 2, &device),
    ])
    .unwrap();
    let input = images(7, &device);
    let whole = floats(teachers.logits(input.clone()));
    for size in [1, 2, 3, 7, 100, usize::MAX] {
        let labels = teachers.label(input.clone(), batch(size));
        assert_eq!(labels.dims(), [7, CLASSES]);
        assert_close(&floats(labels), &whole);
    }
}

/// Batch normalisation uses what it learned, changes nothing, and no graph is made.
#[test]
fn teachers_are_in_evaluation_mode_and_off_the_graph() {
    let device = Device::flex().autodiff();
    let mut trained = network("ConvNet-2-BN", 4, 1, &device);
    let _ = trained.forward_train(images(6, &device), &mut draws());
    let input = images(3, &device).require_grad();
    let expected = floats(trained.valid().forward_eval(input.clone().inner()));
    let in_training = floats(trained.clone().forward_train(input.clone(), &mut draws()));
    assert!(
        in_training
            .iter()
            .zip(&expected)
            .any(|(left, right)| (left - right).abs() > 1e-3),
        "the modes differ, or this test says nothing"
    );

    let before = weights(&trained);
    let teachers = Teachers::new([trained.clone()]).unwrap();
    for _ in 0..2 {
        let logits = teachers.logits(input.clone());
        assert!(!logits.device().is_autodiff());
        assert_close(&floats(logits), &expected);
    }
    assert!(!teachers.label(input, batch(2)).device().is_autodiff());
    assert_eq!(weights(&trained), before);
}

#[test]
fn weights_are_loaded_by_name_into_any_model() {
    let device = Device::flex();
    let mut first = network("ConvNet-2-BN", 4, 1, &device);
    let _ = first.forward_train(images(6, &device), &mut draws());
    let second = network("ConvNet-1", 8, 2, &device);
    let input = images(4, &device);
    let expected = Teachers::new([first.clone(), second.clone()]).unwrap();
    // As PyTorch's data-parallel wrapper saves it.
    let wrapped: Weights = weights(&second)
        .into_iter()
        .map(|(name, data)| (format!("module.{name}"), data))
        .collect();
    let loaded = Teachers::load(
        [
            (&spec("ConvNet-2-BN", 4), &weights(&first)),
            (&spec("ConvNet-1", 8), &wrapped),
        ],
        INPUT,
        CLASSES,
        // Teachers are off the graph even if the caller trains.
        &device.autodiff(),
    )
    .unwrap();
    assert_eq!(
        floats(loaded.logits(input.clone())),
        floats(expected.logits(input))
    );
}

#[test]
fn what_does_not_fit_is_named() {
    let device = Device::flex();
    let good = weights(&network("ConvNet-1", 4, 1, &device));
    let load = |weights: &Weights, name: &str, classes| {
        let spec = spec(name, 4);
        let right = self::spec("ConvNet-1", 4);
        let good = if classes == CLASSES { &good } else { weights };
        let first = (&right, good);
        let second = (&spec, weights);
        Teachers::load([first, second], INPUT, classes, &device).unwrap_err()
    };
    let chain = |error: &TeacherError| {
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        format!("{error}: {source}")
    };

    let mut changed = good.clone();
    let bias = changed.remove("classifier.bias").unwrap();
    changed.insert("fc.bias".into(), bias);
    let message = chain(&load(&changed, "ConvNet-1", CLASSES));
    for part in [
        "teacher 2 (ConvNet-1): ",
        "missing: classifier.bias",
        "unexpected: fc.bias",
    ] {
        assert!(message.contains(part), "{part} is not in {message}");
    }

    // Another number of classes is another shape, of the first teacher already.
    let message = chain(&load(&good, "ConvNet-1", CLASSES + 1));
    assert!(message.contains("teacher 1 (ConvNet-1): "), "{message}");
    assert!(message.contains("other shape: classifier"), "{message}");

    let message = chain(&load(&good, "ConvNet-6", CLASSES));
    assert!(message.contains("teacher 2 (ConvNet-6): "), "{message}");
    assert!(message.contains("8 x 8 pixels"), "{message}");

    for wrong in [f32::NAN, f32::INFINITY] {
        let mut broken = good.clone();
        let values = TensorData::new(vec![0.0, wrong, 0.0, 0.0], [CLASSES]);
        broken.insert("classifier.bias".into(), values);
        let TeacherError::Teacher { index, problem, .. } = load(&broken, "ConvNet-1", CLASSES)
        else {
            panic!("a teacher is at fault")
        };
        assert_eq!(index, 1);
        assert_eq!(
            *problem,
            TeacherProblem::NotFinite("classifier.bias".into())
        );
    }

    assert_eq!(Teachers::new([]).unwrap_err(), TeacherError::None);
}

#[test]
#[should_panic(expected = "logits of the first teacher (left) and another one (right) differ")]
fn teachers_agree_about_the_classes() {
    let device = Device::flex();
    let other = spec("ConvNet-1", 4)
        .build(
            INPUT,
            CLASSES + 1,
            &mut ChaCha8Rng::seed_from_u64(1),
            &device,
        )
        .unwrap();
    let teachers = Teachers::new([network("ConvNet-1", 4, 1, &device), other]).unwrap();
    let _ = teachers.logits(images(2, &device));
}
