//! Wrong types, values and transforms: errors with their line.

use crate::import::{refused, with};

#[test]
fn wrong_types_and_values_name_their_line() {
    for (key, value, parts) in [
        (
            "dataset",
            "CIFAR11",
            &[
                "x.yaml:1: ",
                "`dataset`",
                "\"CIFAR11\"",
                "did you mean \"CIFAR10\"?",
            ][..],
        ),
        ("dataset", "7", &["x.yaml:1: ", "expected a text, found 7"]),
        ("dataset", "null", &["`dataset` is missing", "ImageFruit"]),
        (
            "ipc",
            "ten",
            &[
                "x.yaml:2: ",
                "`ipc`",
                "whole number of at least 1",
                "\"ten\"",
            ],
        ),
        ("ipc", "0", &["x.yaml:2: ", "found 0"]),
        ("ipc", "null", &["`ipc`", "missing"]),
        (
            "im_size",
            "32",
            &["x.yaml:3: ", "expected a list, found 32"],
        ),
        ("im_size", "[32, a]", &["x.yaml:3: ", "height and width"]),
        (
            "model_name",
            "ConvNet",
            &["x.yaml:4: ", "`model_name`", "ConvNet"],
        ),
        ("model_name", "null", &["`model_name`", "missing"]),
        (
            "use_torchvision",
            "\"true\"",
            &[
                "x.yaml:5: ",
                "expected true or false, found the text \"true\"",
            ],
        ),
        (
            "data_aug_func",
            "dsaa",
            &["x.yaml:6: ", "did you mean \"dsa\"?"],
        ),
        ("data_aug_func", "zca", &["x.yaml:6: ", "use_zca"]),
        ("aug_params", "0.5", &["x.yaml:7: ", "expected a mapping"]),
        (
            "aug_params",
            "{flop: 0.5}",
            &[
                "x.yaml:7: ",
                "`flop` is no option of dsa",
                "did you mean `flip`?",
            ],
        ),
        (
            "aug_params",
            "{flip: often}",
            &["x.yaml:7: ", "`flip`: expected a number"],
        ),
        (
            "custom_train_trans",
            "ToTensor",
            &["x.yaml:9: ", "expected a list"],
        ),
        (
            "optimizer",
            "sdg",
            &["x.yaml:11: ", "did you mean \"sgd\"?"],
        ),
        (
            "lr_scheduler",
            "cosine_annealing",
            &["x.yaml:12: ", "did you mean \"cosineannealing\"?"],
        ),
        ("step_size", "[1]", &["x.yaml:13: ", "found a list of 1"]),
        (
            "weight_decay",
            "-1",
            &["x.yaml:14: ", "at least 0, found -1"],
        ),
        ("momentum", "1.5", &["x.yaml:15: ", "below 1"]),
        (
            "num_epochs",
            "many",
            &["x.yaml:17: ", "`num_epochs`", "\"many\""],
        ),
        ("num_epochs", "99999999999", &["training.epochs"]),
        (
            "eval_full_data",
            "1",
            &["x.yaml:19: ", "expected true or false, found 1"],
        ),
    ] {
        refused(&with(key, value), parts);
    }
    refused(
        "- 1\n- 2\n",
        &["x.yaml:1: expected the keys", "a list of 2"],
    );
    refused("a: &a 1\nb: *a\n", &["anchors"]);
}

#[test]
fn transforms_that_are_not_offered_name_themselves() {
    for (list, parts) in [
        (
            "[{name: ColorJitter, args: {brightness: 1}}]",
            &[
                "x.yaml:9: ",
                "\"ColorJitter\" is not offered",
                "RandomResizedCrop",
            ][..],
        ),
        (
            "[{name: RandomHorizontalFlp}]",
            &["did you mean RandomHorizontalFlip?"],
        ),
        ("[{args: {size: 1}}]", &["found no name"]),
        ("[3]", &["expected {name: ..., args: ...}, found 3"]),
        (
            "[{name: Resize, args: {size: 0}}]",
            &["Resize: `size` must be"],
        ),
        (
            "[{name: Resize, args: {size: 32, interpolation: bicubic}}]",
            &["bilinearly", "bicubic"],
        ),
        (
            "[{name: Resize, args: {sise: 32}}]",
            &["Resize has no argument `sise`"],
        ),
        (
            "[{name: Normalize, args: {mean: [0.5], std: [0.5, 0.5, 0.5]}}]",
            &["`mean` must be a list of 3 numbers"],
        ),
        (
            "[{name: Normalize, args: {mean: [0, 0, 0], std: [1, 0, 1]}}]",
            &["above 0"],
        ),
        (
            "[{name: RandomCrop, args: {size: 32, padding: [1, 2]}}]",
            &["the same on all sides"],
        ),
        (
            "[{name: RandomCrop, args: {size: 32, padding_mode: reflect}}]",
            &["padding_mode"],
        ),
        (
            "[{name: GaussianNoise, args: {sigma: 0.1}}, {name: Normalize, args: {mean: [0, 0, 0], std: [1, 1, 1]}}]",
            &["noise before Normalize"],
        ),
        ("[{name: ShufflePatches, args: {factor: 0}}]", &["`factor`"]),
    ] {
        refused(&with("custom_train_trans", list), parts);
    }
    refused(
        &with("custom_val_trans", "[{name: RandomHorizontalFlip}]"),
        &["x.yaml:10: ", "flip is random"],
    );
    let normalize =
        |std: &str| format!("[{{name: Normalize, args: {{mean: [0, 0, 0], std: [{std}, 1, 1]}}}}]");
    let text = with("custom_train_trans", &normalize("1")).replace(
        "custom_val_trans: null",
        &format!("custom_val_trans: {}", normalize("2")),
    );
    refused(&text, &["x.yaml:10: ", "other statistics"]);
}
