//! Files of any keys, and damaged ones.

use std::path::Path;

use ddrank_configuration::Metric;
use ddrank_configuration::import::import_text;
use proptest::prelude::*;

use crate::import::{HARD, chain, configuration};

/// A value of the right type for each key, or null.
fn any_value(key: &'static str) -> BoxedStrategy<String> {
    let words = |words: &'static [&'static str]| {
        prop::sample::select(words).prop_map(str::to_owned).boxed()
    };
    let value = match key {
        "dataset" => words(&["CIFAR10", "CIFAR100", "cifar10"]),
        "model_name" => words(&["ConvNet-3", "ConvNet-3-BN", "ResNet-18-BN", "MLP", "VGG-11"]),
        "teacher_model_names" => words(&[
            "[ConvNet-3]",
            "[ConvNet-3, ResNet-18-BN]",
            "ConvNet-3",
            "[]",
        ]),
        "data_aug_func" => words(&["dsa", "cutmix", "mixup", "none"]),
        "aug_params" => words(&[
            "{}",
            "{beta: 1.0}",
            "{lambda: 0.8}",
            "{flip: 0.5}",
            "{flip: 7}",
            "{beta: -1}",
        ]),
        "custom_train_trans" | "custom_val_trans" => words(&[
            "[]",
            "[ToTensor]",
            "[{name: Resize, args: {size: 40}}, {name: CenterCrop, args: {size: 32}}]",
            "[{name: RandomResizedCrop, args: {size: 32, scale: [0.5, 1]}}, {name: RandomHorizontalFlip}]",
            "[{name: RandomResizedCrop, args: {size: 32, scale: [1, 0.5]}}]",
            "[{name: RandomCrop, args: {size: 32, padding: 4}}]",
            "[{name: Normalize, args: {mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}}]",
        ]),
        "im_size" => words(&["[32, 32]", "[64, 48]", "[1, 1]"]),
        "label_type" => words(&["soft", "hard"]),
        "soft_label_mode" => words(&["S", "M"]),
        "soft_label_criterion" => words(&["sce", "kl", "mse_gt"]),
        "loss_fn_kwargs" => words(&[
            "{}",
            "{temperature: 20}",
            "{temperature: 0}",
            "{mse_weight: 1, ce_weight: 0.1}",
            "{scale_loss: true}",
        ]),
        "optimizer" => words(&["sgd", "adam", "adamw"]),
        "lr_scheduler" => words(&["step", "cosine", "cosineannealing"]),
        "weight_decay" | "momentum" => prop_oneof![
            (0.0..2.0f64).prop_map(|value| value.to_string()),
            Just("[0.9, 0.999]".to_owned())
        ]
        .boxed(),
        "ipc" | "step_size" | "num_eval" | "num_epochs" | "num_workers" | "real_batch_size"
        | "syn_batch_size" | "batch_size" => prop_oneof![0i64..2000, Just(i64::MAX)]
            .prop_map(|value| value.to_string())
            .boxed(),
        "real_data_path" | "teacher_dir" | "random_data_path" | "save_path" | "device"
        | "random_data_format" => "[a-zA-Z0-9./ \"'\\\\-]{0,12}"
            .prop_map(|text| serde_json::to_string(&text).unwrap())
            .boxed(),
        _ => words(&["true", "false"]),
    };
    prop_oneof![8 => value, 1 => Just("null".to_owned())].boxed()
}

const KEYS: [&str; 38] = [
    "dataset",
    "real_data_path",
    "ipc",
    "im_size",
    "model_name",
    "use_torchvision",
    "stu_use_torchvision",
    "tea_use_torchvision",
    "teacher_dir",
    "teacher_model_names",
    "data_aug_func",
    "aug_params",
    "use_zca",
    "use_aug_for_hard",
    "custom_train_trans",
    "custom_val_trans",
    "label_type",
    "use_soft_label",
    "soft_label_mode",
    "soft_label_criterion",
    "loss_fn_kwargs",
    "optimizer",
    "lr_scheduler",
    "step_size",
    "weight_decay",
    "momentum",
    "num_eval",
    "num_epochs",
    "real_batch_size",
    "syn_batch_size",
    "batch_size",
    "eval_full_data",
    "num_workers",
    "random_data_format",
    "random_data_path",
    "save_path",
    "device",
    "dist",
];

/// Some of the keys, each with a value of its type; those that must be there more often than not.
fn any_file() -> impl Strategy<Value = String> {
    let lines: Vec<BoxedStrategy<Option<String>>> = KEYS
        .iter()
        .map(|&key| {
            let chance = if ["dataset", "ipc", "model_name"].contains(&key) {
                0.97
            } else {
                0.3
            };
            let line = any_value(key).prop_map(move |value| format!("{key}: {value}\n"));
            prop::option::weighted(chance, line).boxed()
        })
        .collect();
    lines.prop_map(|lines| lines.into_iter().flatten().collect())
}

fn any_metric() -> impl Strategy<Value = Option<Metric>> {
    prop::sample::select(vec![
        None,
        Some(Metric::Lrs),
        Some(Metric::Ars),
        Some(Metric::Accuracy),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever subset of keys a file has, it becomes a configuration that can be read, or an error that says why not.
    #[test]
    fn any_subset_of_keys_is_a_configuration_or_an_error(text in any_file(), metric in any_metric()) {
        match import_text(Path::new("x.yaml"), &text, metric) {
            Ok(imported) => {
                let configuration = configuration(&imported.toml);
                if let Some(metric) = metric {
                    prop_assert_eq!(configuration.metric, metric);
                }
            }
            Err(error) => prop_assert!(chain(&error).len() > 20),
        }
    }

    /// Damaged files are no reason to panic either.
    #[test]
    fn damaged_files_do_not_panic(cut in 0..HARD.len(), insert in "[\\[\\]{}:,\\-?&*!|>'\"%@` \n\t#0-9a-z]{0,6}") {
        let mut text = HARD.to_owned();
        text.insert_str(cut, &insert);
        let _ = import_text(Path::new("x.yaml"), &text, None);
        let _ = import_text(Path::new("x.yaml"), &HARD[..cut], None);
    }
}
