//! Files written by PyTorch, NumPy and safetensors (`fixtures/make.py`) come back with the values that were written.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ddrank_files::{FileError, FileFormat, Limits, read_scalar, read_tensor_file};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    files: BTreeMap<String, ExpectedFile>,
    scalars: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct ExpectedFile {
    tensors: Vec<ExpectedTensor>,
    skipped: Vec<String>,
}

#[derive(Deserialize)]
struct ExpectedTensor {
    name: String,
    shape: Vec<usize>,
    element: String,
    values: Vec<f64>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn expected() -> Expected {
    let text = std::fs::read_to_string(fixtures().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn refusal(name: &str) -> String {
    let error =
        read_tensor_file(&fixtures().join("files").join(name), &Limits::default()).unwrap_err();
    chain(&error)
}

#[test]
fn every_file_holds_what_its_writer_wrote() {
    let expected = expected();
    assert!(expected.files.len() > 60);
    for (name, wanted) in &expected.files {
        let file = read_tensor_file(&fixtures().join("files").join(name), &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
        let skipped: Vec<&str> = file.skipped().iter().map(|s| s.name.as_str()).collect();
        assert_eq!(skipped, wanted.skipped, "{name}");
        let mut seen: Vec<_> = file.tensors().iter().collect();
        let mut tensors: Vec<_> = wanted.tensors.iter().collect();
        if file.format() == FileFormat::Safetensors {
            seen.sort_by_key(|t| t.name().to_owned());
            tensors.sort_by_key(|t| t.name.clone());
        }
        assert_eq!(seen.len(), tensors.len(), "{name}");
        for (seen, wanted) in seen.iter().zip(tensors) {
            assert_eq!(seen.name(), wanted.name, "{name}");
            assert_eq!(seen.shape(), wanted.shape, "{name}");
            assert_eq!(seen.element().name(), wanted.element, "{name}");
            assert_eq!(seen.to_f64(), wanted.values, "{name}");
            let rounded: Vec<f32> = wanted.values.iter().map(|&v| v as f32).collect();
            assert_eq!(seen.to_f32(), rounded, "{name}");
        }
    }
}

#[test]
fn formats_are_recognised_by_content() {
    for (name, format) in [
        ("bare-zip.pt", FileFormat::TorchZip),
        ("bare-legacy.pt", FileFormat::TorchLegacy),
        ("numpy-4.pkl", FileFormat::Pickle),
        ("types.safetensors", FileFormat::Safetensors),
        ("f4.npy", FileFormat::Npy),
        ("packed.npz", FileFormat::Npz),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no-extension");
        std::fs::copy(fixtures().join("files").join(name), &path).unwrap();
        assert_eq!(
            read_tensor_file(&path, &Limits::default())
                .unwrap()
                .format(),
            format
        );
    }
}

#[test]
fn learning_rates_are_read_from_every_form() {
    let scalars = expected().scalars;
    assert!(scalars.len() > 12);
    for (name, wanted) in scalars {
        let seen = read_scalar(&fixtures().join("files").join(&name))
            .unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
        assert_eq!(seen, wanted, "{name}");
    }
}

#[test]
fn what_is_not_one_number_is_no_learning_rate() {
    for name in [
        "bare-zip.pt",
        "dict-zip.pt",
        "plain.npz",
        "refused-no-tensor.pt",
    ] {
        let error = read_scalar(&fixtures().join("files").join(name));
        if name == "refused-no-tensor.pt" {
            assert_eq!(error.unwrap(), 0.1); // its only number
        } else {
            assert!(
                chain(&error.unwrap_err()).contains("expected one number"),
                "{name}"
            );
        }
    }
}

#[test]
fn refusals_name_what_was_seen() {
    for (name, parts) in [
        (
            "refused-complex.pt",
            ["ComplexFloatStorage", "allowed are f64"],
        ),
        (
            "refused-sparse.pt",
            ["_rebuild_sparse_tensor", "plain dense"],
        ),
        (
            "refused-module.pt",
            ["no tensor", "torch.nn.modules.linear.Linear"],
        ),
        ("refused-no-tensor.pt", ["no tensor", "lr: the number 0.1"]),
        ("refused-dumped.pkl", ["pickle.dump", "torch.save"]),
        ("refused-object.npy", ["Python objects", "plain array"]),
        ("refused-record.npy", ["records", "plain array"]),
        ("refused-complex.npy", ["<c8", "allowed are f64"]),
    ] {
        let message = refusal(name);
        for part in parts {
            assert!(message.contains(part), "{name}: {message}");
        }
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn select_asks_for_a_name_only_when_there_are_several() {
    let read = |name: &str| {
        read_tensor_file(&fixtures().join("files").join(name), &Limits::default()).unwrap()
    };
    assert_eq!(read("bare-zip.pt").select(None).unwrap().shape(), [2, 3]);
    let dict = read("dict-zip.pt");
    assert_eq!(
        dict.select(Some("labels")).unwrap().to_i64().unwrap(),
        [3, 1, 2]
    );
    let message = chain(&dict.select(None).unwrap_err());
    assert!(
        message.contains("images [2, 3] f32") && message.contains("labels [3] i64"),
        "{message}"
    );
    let message = chain(&dict.select(Some("epoch")).unwrap_err());
    assert!(
        message.contains("`epoch` is the number 7, not a tensor"),
        "{message}"
    );
}

#[test]
fn a_missing_file_names_its_path() {
    let error = read_tensor_file(Path::new("/nowhere/x.pt"), &Limits::default()).unwrap_err();
    assert!(matches!(&error, FileError::Read { .. }));
    assert!(chain(&error).contains("/nowhere/x.pt"));
}
