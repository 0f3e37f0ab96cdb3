//! Loading and saving by PyTorch's names.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Device, TensorData};
use ddrank_models::{CheckpointError, Network, ShapeMismatch};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{pixels, plain, spec};

type StateDict = BTreeMap<String, TensorData>;

fn network(name: &str, seed: u64) -> Network {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let device = Device::flex().autodiff();
    spec(name, 4)
        .build(pixels(8), 3, &mut generator, &device)
        .unwrap()
}

fn state(network: &Network) -> StateDict {
    network.state_dict().into_iter().collect()
}

#[test]
fn keys_and_shapes_are_pytorchs_in_its_order() {
    let listed: Vec<(String, Vec<usize>)> = network("ConvNet-2-BN", 1)
        .state_dict()
        .into_iter()
        .map(|(name, data)| (name, data.shape().as_slice().to_vec()))
        .collect();
    let expected: [(&str, &[usize]); 16] = [
        ("features.0.weight", &[4, 3, 3, 3]),
        ("features.0.bias", &[4]),
        ("features.1.weight", &[4]),
        ("features.1.bias", &[4]),
        ("features.1.running_mean", &[4]),
        ("features.1.running_var", &[4]),
        ("features.1.num_batches_tracked", &[]),
        ("features.4.weight", &[4, 4, 3, 3]),
        ("features.4.bias", &[4]),
        ("features.5.weight", &[4]),
        ("features.5.bias", &[4]),
        ("features.5.running_mean", &[4]),
        ("features.5.running_var", &[4]),
        ("features.5.num_batches_tracked", &[]),
        ("classifier.weight", &[3, 16]),
        ("classifier.bias", &[3]),
    ];
    assert_eq!(listed.len(), expected.len());
    for ((name, shape), (expected_name, expected_shape)) in listed.iter().zip(expected) {
        assert_eq!(
            (name.as_str(), shape.as_slice()),
            (expected_name, expected_shape)
        );
    }
    assert_eq!(network("ConvNet-2-BN", 1).parameter_shapes().len(), 10);
}

#[test]
fn a_network_takes_over_another_ones_values_and_stays_trainable() {
    let source = network("ConvNet-2-BN", 1);
    let loaded = network("ConvNet-2-BN", 2)
        .load_state_dict(&state(&source))
        .unwrap();
    assert_eq!(loaded.state_dict(), source.state_dict());
    let mut loaded = loaded;
    let images = burn::tensor::Tensor::ones([2, 3, 8, 8], &Device::flex().autodiff());
    let loss = loaded
        .forward_train(images, &mut ChaCha8Rng::seed_from_u64(0))
        .square()
        .mean();
    assert_eq!(loaded.gradients_by_name(&loss.backward()).len(), 10);
    assert_eq!(
        loaded
            .valid()
            .load_state_dict(&state(&source))
            .unwrap()
            .state_dict(),
        source.state_dict()
    );
}

#[test]
fn wrapped_keys_other_floats_and_missing_counters_are_fine() {
    let source = network("ConvNet-1-BN", 1);
    let wrapped: StateDict = state(&source)
        .into_iter()
        .filter(|(name, _)| !name.ends_with("num_batches_tracked"))
        .map(|(name, data)| (format!("module.{name}"), data.convert::<f64>()))
        .collect();
    let loaded = network("ConvNet-1-BN", 2)
        .load_state_dict(&wrapped)
        .unwrap();
    assert_eq!(loaded.state_dict(), source.state_dict());

    let mut counted = state(&source);
    for shape in [vec![], vec![1]] {
        counted.insert(
            "features.1.num_batches_tracked".to_owned(),
            TensorData::new(vec![77_i64], shape),
        );
        let loaded = network("ConvNet-1-BN", 2)
            .load_state_dict(&counted)
            .unwrap();
        let counter: Vec<i64> = state(&loaded)["features.1.num_batches_tracked"]
            .try_to_vec()
            .unwrap();
        assert_eq!(counter, [77]);
    }
}

#[test]
fn everything_that_does_not_fit_is_listed_at_once() {
    let target = network("ConvNet-1-BN", 2);
    let before = target.state_dict();
    let mut wrong = state(&network("ConvNet-1-BN", 1));
    wrong.remove("features.0.bias");
    wrong.remove("features.1.running_var");
    wrong.insert("fc.weight".to_owned(), TensorData::new(vec![0.0_f32], [1]));
    wrong.insert(
        "classifier.weight".to_owned(),
        TensorData::new(vec![0.0_f32; 64 * 3], [64, 3]),
    );
    let error = target.clone().load_state_dict(&wrong).unwrap_err();
    let expected = CheckpointError::Mismatch {
        missing: vec![
            "features.0.bias".to_owned(),
            "features.1.running_var".to_owned(),
        ],
        unexpected: vec!["fc.weight".to_owned()],
        shapes: vec![ShapeMismatch {
            name: "classifier.weight".to_owned(),
            expected: vec![3, 64],
            found: vec![64, 3],
        }],
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "the checkpoint does not fit the model; missing: features.0.bias, features.1.running_var; unexpected: fc.weight; \
         other shape: classifier.weight (the model has [3, 64], the checkpoint [64, 3])"
    );
    assert_eq!(target.state_dict(), before, "a failed load changes nothing");
}

#[test]
fn a_prefix_on_some_keys_only_is_not_ignored() {
    let mut mixed = state(&network("ConvNet-1", 1));
    let bias = mixed.remove("classifier.bias").unwrap();
    mixed.insert("module.classifier.bias".to_owned(), bias);
    let Err(CheckpointError::Mismatch {
        missing,
        unexpected,
        ..
    }) = network("ConvNet-1", 2).load_state_dict(&mixed)
    else {
        panic!("a mixed state dict was accepted");
    };
    assert_eq!(missing, ["classifier.bias"]);
    assert_eq!(unexpected, ["module.classifier.bias"]);
}

#[test]
fn tensors_without_numbers_and_empty_dicts_are_refused() {
    let mut state = state(&network("ConvNet-1", 1));
    state.insert(
        "classifier.bias".to_owned(),
        TensorData::new(vec![true, false, true], [3]),
    );
    let error = network("ConvNet-1", 2).load_state_dict(&state).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("neither floats nor integers: classifier.bias (bool"),
        "{error}"
    );
    let Err(CheckpointError::Mismatch { missing, .. }) =
        network("ConvNet-1", 2).load_state_dict(&StateDict::new())
    else {
        panic!("an empty state dict was accepted");
    };
    assert_eq!(missing.len(), 6);
}

#[test]
fn a_table_of_positions_must_be_the_architectures() {
    let network = plain("swin_t", 8).unwrap();
    let mut state = state(&network);
    let key = "features.1.0.attn.relative_position_index";
    let table: Vec<i64> = state[key].try_to_vec().unwrap();
    assert_eq!((table.len(), table[0], table[1]), (2401, 84, 83));
    assert!(
        !network
            .parameter_shapes()
            .iter()
            .any(|(name, _)| name == key)
    );
    let network = network.load_state_dict(&state).unwrap();
    let mut moved = table;
    moved[5] = 1_000_000;
    state.insert(key.to_owned(), TensorData::new(moved, [2401]));
    let error = network.load_state_dict(&state).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the checkpoint does not fit the model; features.1.0.attn.relative_position_index is not the table of this \
         architecture"
    );
}
