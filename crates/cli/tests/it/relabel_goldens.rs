//! `ddrank relabel` against PyTorch's logits.

use std::collections::BTreeMap;

use crate::workbench::Workbench;
use ddrank_files::{FileTensor, Limits, read_tensor_file, write_safetensors};
use ddrank_models::{Activation, Pooling};
use ddrank_tests::golden::{Case, GoldenSet, load, ruled_tensor};
use serde::Deserialize;

#[derive(Deserialize)]
struct Parameters {
    model: String,
    width: Option<usize>,
    activation: Option<Activation>,
    pooling: Option<Pooling>,
    #[serde(default)]
    use_torchvision: bool,
    num_classes: usize,
    rule_seed: u32,
    state_dict_shapes: BTreeMap<String, Vec<usize>>,
}

/// Writes weights and images of a case, runs the command, and gives the largest difference from PyTorch, relative to
/// logits above 1.
fn difference(bench: &Workbench, set: &GoldenSet, case: &Case) -> f64 {
    let parameters: Parameters = case.parameters().unwrap();
    let weights: Vec<FileTensor> = parameters
        .state_dict_shapes
        .iter()
        .map(|(name, shape)| {
            let values = ruled_tensor(name, shape, parameters.rule_seed);
            let values: Vec<f32> = values.try_to_vec().unwrap();
            FileTensor::from_f32(name, shape.clone(), &values).unwrap()
        })
        .collect();
    write_safetensors(&bench.join("weights.safetensors"), &weights).unwrap();
    let images = set.input(case, "x").unwrap();
    let tensor = FileTensor::from_f32("", images.shape.clone(), &images.floats()).unwrap();
    write_safetensors(&bench.join("images.safetensors"), &[tensor]).unwrap();

    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let mut teacher = format!(
        "model = \"{}\", weights = \"weights.safetensors\"",
        // The recorder's word for what torchvision calls so.
        parameters.model.replace("resnet18-stock-stem", "resnet18")
    );
    if parameters.use_torchvision {
        teacher.push_str(", source = \"torchvision\"");
    }
    if let Some(width) = parameters.width {
        teacher.push_str(&format!(", width = {width}"));
    }
    if let Some(activation) = parameters.activation {
        let activation = word(serde_json::to_value(activation).unwrap());
        teacher.push_str(&format!(", activation = \"{activation}\""));
    }
    if let Some(pooling) = parameters.pooling {
        let pooling = word(serde_json::to_value(pooling).unwrap());
        teacher.push_str(&format!(", pooling = \"{pooling}\""));
    }
    bench
        .run(&[
            "relabel",
            "images.safetensors",
            "--teacher",
            &format!("{{ {teacher} }}"),
            "--classes",
            &parameters.num_classes.to_string(),
            "--output=labels.safetensors",
            "--batch-size=3",
        ])
        .succeeded();
    let file = read_tensor_file(&bench.join("labels.safetensors"), &Limits::default()).unwrap();
    let labels = file.select(Some("labels")).unwrap();
    let expected = set.expected(case, "eval_logits").unwrap();
    assert_eq!(labels.shape(), expected.shape, "{}", case.id);
    let pairs = labels.to_f64().into_iter().zip(expected.values);
    pairs.fold(0.0, |worst, (got, expected)| {
        let difference = (got - expected).abs() / expected.abs().max(1.0);
        if difference > worst || difference.is_nan() {
            difference
        } else {
            worst
        }
    })
}

/// The project's own models, and those of every folder in `DDRANK_GOLDENS`.
#[test]
fn labels_are_pytorchs_logits() {
    let bench = Workbench::new();
    let mut compared = 0;
    for set in load().unwrap() {
        for case in set.cases("models") {
            let difference = difference(&bench, &set, case);
            println!("{}: {difference:.1e}", case.id);
            assert!(difference <= 1e-4, "{}: {difference}", case.id);
            compared += 1;
        }
    }
    assert!(compared > 0);
}
