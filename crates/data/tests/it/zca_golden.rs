//! Whitening against golden values: those of the folders in `DDRANK_GOLDENS`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test helpers may panic"
)]

use std::path::{Path, PathBuf};

use ddrank_data::{
    DatasetName, DatasetSource, ImageShape, LabelledImages, Pixels, Whitening, ZcaVariant,
    load_dataset,
};
use safetensors::SafeTensors;
use serde_json::Value;

fn floats(images: &LabelledImages) -> &[f32] {
    match images.pixels() {
        Pixels::Floats(values) => values,
        Pixels::Bytes(_) => panic!("expected floats"),
    }
}

fn golden_folders() -> Vec<PathBuf> {
    match std::env::var_os("DDRANK_GOLDENS") {
        Some(list) => std::env::split_paths(&list)
            .filter(|folder| !folder.as_os_str().is_empty())
            .collect(),
        None => Vec::new(),
    }
}

/// The cases of one kind in a golden folder.
fn cases(folder: &Path, kind: &str) -> Vec<Value> {
    let path = folder.join("manifest.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["kind"] == kind)
        .cloned()
        .collect()
}

fn input(tensors: &SafeTensors<'_>, case: &Value, name: &str) -> LabelledImages {
    let view = tensors
        .tensor(case["inputs"][name]["key"].as_str().unwrap())
        .unwrap();
    let &[count, channels, height, width] = view.shape() else {
        panic!("{:?}", view.shape())
    };
    let shape = ImageShape {
        channels,
        height,
        width,
    };
    LabelledImages::new(
        shape,
        1,
        Pixels::Bytes(view.data().to_vec()),
        vec![0; count],
    )
    .unwrap()
}

/// Compares with an expected output; returns the largest difference.
fn compare(tensors: &SafeTensors<'_>, case: &Value, name: &str, got: &[f32]) -> f32 {
    let spec = &case["outputs"][name];
    let view = tensors.tensor(spec["key"].as_str().unwrap()).unwrap();
    let expected: Vec<f32> = view
        .data()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&b| f32::from_le_bytes(b))
        .collect();
    assert_eq!(got.len(), expected.len(), "{name}");
    let (atol, rtol) = (
        spec["atol"].as_f64().unwrap() as f32,
        spec["rtol"].as_f64().unwrap() as f32,
    );
    let mut largest = 0.0_f32;
    for (index, (got, expected)) in got.iter().zip(&expected).enumerate() {
        let difference = (got - expected).abs();
        assert!(
            difference <= atol + rtol * expected.abs(),
            "{} {name}[{index}]: {got}, expected {expected}",
            case["id"]
        );
        largest = largest.max(difference);
    }
    println!(
        "{} {name}: largest difference {largest:e}, allowed {atol:e}",
        case["id"]
    );
    largest
}

#[test]
fn golden_whitenings() {
    for folder in golden_folders() {
        for case in cases(&folder, "whitening") {
            let bytes = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
            let tensors = SafeTensors::deserialize(&bytes).unwrap();
            let (fit, other) = (
                input(&tensors, &case, "fit_u8"),
                input(&tensors, &case, "other_u8"),
            );
            let variant = match (
                case["params"]["eps"].as_f64(),
                case["params"]["reg_coef"].as_f64(),
            ) {
                (Some(eps), None) => ZcaVariant::Kornia { eps },
                (None, Some(strength)) => ZcaVariant::Relative { strength },
                _ => panic!("{}", case["params"]),
            };
            let whitening = Whitening::fit(&fit, variant).unwrap();
            let scaled = |values: &[f64]| {
                values
                    .iter()
                    .map(|&x| (x / 255.0) as f32)
                    .collect::<Vec<_>>()
            };
            let per_channel = |values: &[f64], f: fn(f64) -> f64| -> Vec<f32> {
                values.iter().step_by(64).map(|&x| f(x) as f32).collect()
            };
            for name in case["outputs"].as_object().unwrap().keys() {
                let got = match name.as_str() {
                    "matrix" => whitening.matrix().to_vec(),
                    "mean" => scaled(whitening.offset()),
                    "channel_mean" => per_channel(whitening.offset(), |x| x),
                    "channel_std" => per_channel(whitening.scale(), |x| 1.0 / x),
                    "other_whitened" => floats(&whitening.apply(&other).unwrap()).to_vec(),
                    "fit_first10_whitened" => {
                        floats(&whitening.apply(&fit.clone().first(10)).unwrap()).to_vec()
                    }
                    unknown => panic!("unknown output {unknown}"),
                };
                compare(&tensors, &case, name, &got);
            }
        }
    }
}

/// Needs the prepared CIFAR-10 of the golden files: set DDRANK_CIFAR10 to its folder.
#[test]
fn golden_whitening_of_all_of_cifar10() {
    let Some(root) = std::env::var_os("DDRANK_CIFAR10") else {
        return;
    };
    let mut source = DatasetSource::new(DatasetName::Cifar10);
    source.root = Some(root.into());
    let dataset = load_dataset(&source).unwrap();
    let begin = std::time::Instant::now();
    let whitening = Whitening::fit(&dataset.train, ZcaVariant::RELATIVE).unwrap();
    println!("fit: {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    let white = whitening.apply(&dataset.test).unwrap();
    println!("apply to {}: {:?}", white.len(), begin.elapsed());
    for folder in golden_folders() {
        for case in cases(&folder, "whitening_full") {
            let bytes = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
            let tensors = SafeTensors::deserialize(&bytes).unwrap();
            let records = input(&tensors, &case, "records_u8");
            assert_eq!(
                records.bytes().unwrap(),
                dataset.test.clone().first(records.len()).bytes().unwrap()
            );
            let d = whitening.shape().len();
            let row = |k: usize| &whitening.matrix()[k * d..(k + 1) * d];
            compare(
                &tensors,
                &case,
                "whitened",
                floats(&white.clone().first(records.len())),
            );
            compare(&tensors, &case, "matrix_row0", row(0));
            compare(&tensors, &case, "matrix_row1600", row(1600));
            let channels = |values: &[f64], f: fn(f64) -> f64| -> Vec<f32> {
                values.iter().step_by(d / 3).map(|&x| f(x) as f32).collect()
            };
            compare(
                &tensors,
                &case,
                "channel_mean",
                &channels(whitening.offset(), |x| x),
            );
            compare(
                &tensors,
                &case,
                "channel_std",
                &channels(whitening.scale(), |x| 1.0 / x),
            );
        }
    }
}
