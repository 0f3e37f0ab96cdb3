//! Configurations of DD-Ranking become the recipes that they are, and whatever is wrong with them is said.

mod any_file;
mod carried_over;
mod refusals;
mod round_trip;

use std::path::Path;

use ddrank_configuration::Configuration;
use ddrank_configuration::import::{Imported, import_text};

/// The smallest file: LRS with hard labels.
const HARD: &str = "\
dataset: CIFAR10
ipc: 10
im_size: [32, 32]
model_name: ConvNet-3
use_torchvision: false
data_aug_func: dsa
aug_params: {flip: 0.5, rotate: 15.0, saturation: 2.0, brightness: 1.0, contrast: 0.5, scale: 1.2, crop: 0.125, cutout: 0.5}
use_zca: false
custom_train_trans: null
custom_val_trans: null
optimizer: sgd
lr_scheduler: step
step_size: 500
weight_decay: 0.0005
momentum: 0.9
num_eval: 5
num_epochs: 1000
syn_batch_size: 256
eval_full_data: true
";

fn import(text: &str) -> Imported {
    import_text(Path::new("x.yaml"), text, None)
        .unwrap_or_else(|error| panic!("{}\n{text}", chain(&error)))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn refusal(text: &str) -> String {
    match import_text(Path::new("x.yaml"), text, None) {
        Ok(imported) => panic!("imported:\n{}", imported.toml),
        Err(error) => chain(&error),
    }
}

#[track_caller]
fn refused(text: &str, parts: &[&str]) {
    let error = refusal(text);
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in: {error}");
    }
}

/// [`HARD`] with one line replaced.
fn with(key: &str, value: &str) -> String {
    let line = HARD
        .lines()
        .find(|line| line.starts_with(&format!("{key}:")));
    let line = line.unwrap_or_else(|| panic!("no line {key}"));
    HARD.replace(line, &format!("{key}: {value}"))
}

#[track_caller]
fn noticed(imported: &Imported, parts: &[&str]) {
    let found = imported
        .notices
        .iter()
        .any(|notice| parts.iter().all(|part| notice.contains(part)));
    assert!(found, "{parts:?} is in none of {:#?}", imported.notices);
}

fn configuration(toml: &str) -> Configuration {
    Configuration::parse(Path::new("x.toml"), toml, &[]).unwrap()
}
