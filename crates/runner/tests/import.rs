//! Configurations of DD-Ranking become the recipes that they are, and whatever is wrong with them is said.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod published;
mod workbench;

use std::path::Path;

use ddrank_runner::configuration::{Configuration, Metric};
use ddrank_runner::import::{Imported, import_text};
use ddrank_runner::recipes::{self, MethodRecipe};
use proptest::prelude::*;
use published::{Facts, row::Row};
use workbench::Workbench;

/// The smallest file: LRS with hard labels.
const HARD: &str = "dataset: CIFAR10\nipc: 10\nim_size: [32, 32]\nmodel_name: ConvNet-3\nuse_torchvision: false\ndata_aug_func: dsa\naug_params: {flip: 0.5, rotate: 15.0, saturation: 2.0, brightness: 1.0, contrast: 0.5, scale: 1.2, crop: 0.125, cutout: 0.5}\nuse_zca: false\ncustom_train_trans: null\ncustom_val_trans: null\noptimizer: sgd\nlr_scheduler: step\nstep_size: 500\nweight_decay: 0.0005\nmomentum: 0.9\nnum_eval: 5\nnum_epochs: 1000\nsyn_batch_size: 256\neval_full_data: true\n";

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

/// All that makes a score, but for the set's own learning rate, which is no key of DD-Ranking's files.
fn substance(configuration: &Configuration) -> String {
    let mut configuration = configuration.clone();
    configuration.name = String::new();
    configuration.text = String::new();
    configuration.synthetic.learning_rate = None;
    format!("{configuration:#?}")
}

fn comes_back(facts: &Facts, recipe: &MethodRecipe) {
    let imported = import(&facts.yaml());
    let (imported, expected) = (configuration(&imported.toml), configuration(recipe.toml()));
    assert_eq!(
        substance(&imported),
        substance(&expected),
        "{}",
        recipe.name()
    );
    let mut of_imported = Facts::of(&imported, &facts.method);
    of_imported.learning_rate = facts.learning_rate;
    assert_eq!(&of_imported, facts, "{}", recipe.name());
}

/// Every recipe of the library as a file of DD-Ranking, and back.
#[test]
fn every_recipe_comes_back_from_its_yaml() {
    for recipe in recipes::all() {
        let facts = Facts::of(&configuration(recipe.toml()), "");
        comes_back(&facts, recipe);
    }
}

/// As [`every_recipe_comes_back_from_its_yaml`], with the facts of the published files.
#[test]
fn every_published_file_becomes_its_recipe() {
    let Some(folders) = std::env::var_os("DDRANK_REFERENCE") else {
        return;
    };
    let mut rows = 0;
    for folder in std::env::split_paths(&folders) {
        let mut table = csv::Reader::from_path(folder.join("recipes.csv")).unwrap();
        let headers = table.headers().unwrap().clone();
        for record in table.records() {
            let record = record.unwrap();
            let row = Row {
                headers: &headers,
                record: &record,
            };
            let facts = Facts::of_row(&row);
            let recipe = recipes::find(&facts.recipe_name()).unwrap();
            comes_back(&facts.clone().corrected(), recipe);
            // The files as they are, errors and all, are configurations too.
            import(&facts.yaml());
            rows += 1;
        }
    }
    assert!(rows >= 90, "{rows} rows");
}

#[test]
fn json_is_read_like_yaml() {
    let facts = Facts::of(
        &configuration(recipes::find("sre2l/cifar10-ipc10").unwrap().toml()),
        "SRe2L",
    );
    let yaml = import(&facts.yaml());
    let json = r#"{
  "dataset": "CIFAR10", "ipc": 10, "im_size": [32, 32], "model_name": "ResNet-18-BN",
  "stu_use_torchvision": true, "tea_use_torchvision": true, "teacher_model_names": ["ResNet-18-BN"],
  "soft_label_mode": "M", "soft_label_criterion": "kl", "loss_fn_kwargs": {"temperature": 30.0, "scale_loss": false},
  "data_aug_func": "mixup", "aug_params": {"lambda": 0.8}, "use_zca": false,
  "custom_train_trans": [
    {"name": "RandomCrop", "args": {"size": 32, "padding": 4}},
    {"name": "RandomHorizontalFlip", "args": {"p": 0.5}},
    {"name": "ToTensor"},
    {"name": "Normalize", "args": [[0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]]}
  ],
  "custom_val_trans": null, "optimizer": "adamw", "lr_scheduler": "cosine", "weight_decay": 1e-2, "momentum": 0.9,
  "num_eval": 5, "num_epochs": 400, "syn_batch_size": 256, "real_batch_size": 256, "eval_full_data": true,
  "use_aug_for_hard": false
}"#;
    let json = import_text(Path::new("x.json"), json, None).unwrap();
    assert_eq!(
        substance(&configuration(&json.toml)),
        substance(&configuration(&yaml.toml))
    );
}

#[test]
fn paths_and_the_name_are_carried_over() {
    let text = format!("{HARD}real_data_path: ./dataset/\n");
    let imported = import_text(Path::new("configs/My DC (10).yaml"), &text, None).unwrap();
    let configuration = configuration(&imported.toml);
    assert_eq!(configuration.name, "My-DC--10-");
    assert_eq!(configuration.dataset.root.unwrap(), Path::new("./dataset/"));
    noticed(&imported, &["relative to the TOML file"]);

    let facts = Facts::of(
        &self::configuration(recipes::find("datm/cifar10-ipc10").unwrap().toml()),
        "DATM",
    );
    let imported = import(&format!("{}teacher_dir: /teachers/\n", facts.yaml()));
    let teachers = self::configuration(&imported.toml).labels.teachers;
    assert_eq!(
        teachers[0].weights.as_deref(),
        Some(Path::new("/teachers/CIFAR10/ConvNet-3/ckpt_best.pt"))
    );
    assert!(
        !imported
            .notices
            .iter()
            .any(|notice| notice.contains("relative"))
    );
}

#[test]
fn what_has_no_place_here_is_said_and_written_down() {
    let text = format!(
        "{HARD}dist: true\ndevice: cuda\nnum_workers: 4\nsave_path: ./r.csv\ndefault_lr: 0.01\nrandom_data_format: image\nrandom_data_path: ./rdm\nuse_aug_for_hard: true\noptimiser: sgd\nfoo: 1\n"
    );
    let imported = import(&text);
    for parts in [
        &["`dist`", "one device"][..],
        &["`device`", "--device"],
        &["`num_workers`", "--jobs"],
        &["`save_path`", "--runs"],
        &["`default_lr`", "synthetic.learning_rate"],
        &["`random_data_format`"],
        &["`random_data_path`"],
        &[
            "`use_aug_for_hard`",
            "LRS with hard labels does not read it",
        ],
        &["`optimiser` (line 28)", "did you mean `optimizer`?"],
        &["`foo` (line 29)", "is not a key"],
    ] {
        noticed(&imported, parts);
        assert!(
            parts
                .iter()
                .all(|part| imported.toml.replace("\n# ", " ").contains(part)),
            "{}",
            imported.toml
        );
    }
    assert_eq!(imported.notices.len(), 10, "{:#?}", imported.notices);
    assert_eq!(import(HARD).notices, Vec::<String>::new());
}

#[test]
fn a_name_that_contradicts_the_images_per_class_is_noticed() {
    let imported = import_text(Path::new("DC_CIFAR100_IPC1.yaml"), HARD, None).unwrap();
    noticed(&imported, &["`ipc` is 10", "says 1"]);
    let imported = import_text(Path::new("dc-cifar10-ipc10.yaml"), HARD, None).unwrap();
    assert!(imported.notices.is_empty(), "{:?}", imported.notices);
}

#[test]
fn missing_values_are_the_references_and_said_so() {
    let imported =
        import("dataset: CIFAR10\nipc: 10\nmodel_name: ConvNet-3\neval_full_data: true\n");
    noticed(
        &imported,
        &[
            "num_eval = 5",
            "num_epochs = 300",
            "syn_batch_size = 256",
            "optimizer = sgd",
            "weight_decay = 0.0005",
            "momentum = 0.9",
            "lr_scheduler = step",
            "step_size = 150",
        ],
    );
    let configuration = configuration(&imported.toml);
    assert_eq!(
        (configuration.rounds, configuration.training.epochs),
        (5, 300)
    );
    // As two published files: a step schedule without its step, a decoupled recipe without weight decay or teachers.
    let facts = |name: &str| {
        Facts::of(
            &self::configuration(recipes::find(name).unwrap().toml()),
            "",
        )
    };
    let mut mtt = facts("mtt/cifar10-ipc10");
    mtt.step_size = None;
    noticed(&import(&mtt.yaml()), &["step_size = 500"]);
    let mut sre2l = facts("sre2l/cifar10-ipc10");
    sre2l.weight_decay = f64::NAN;
    let text = sre2l.yaml().replace(
        "teacher_model_names: [ResNet-18-BN]",
        "teacher_model_names: null",
    );
    let imported = import(&text);
    noticed(
        &imported,
        &[
            "weight_decay = 0.01",
            "teacher_model_names = [ResNet-18-BN]",
        ],
    );
    let recipe = self::configuration(recipes::find("sre2l/cifar10-ipc10").unwrap().toml());
    assert_eq!(
        substance(&self::configuration(&imported.toml)),
        substance(&recipe)
    );
}

#[test]
fn older_names_of_options_are_read() {
    let text = with(
        "aug_params",
        "{prob_flip: 0.25, ratio_rotate: 10, saturation: 2, brightness: 1, contrast: 0.5, ratio_scale: 1.1, ratio_crop_pad: 0.1, ratio_cutout: 0.4}",
    );
    let imported = import(&text);
    noticed(&imported, &["prob_flip", "older name of `flip`"]);
    assert!(imported.toml.contains("flip = 0.25") && imported.toml.contains("cutout = 0.4"));
    let text = with("aug_params", "{cutmix_p: 0.5}")
        .replace("data_aug_func: dsa", "data_aug_func: cutmix");
    let imported = import(&text);
    assert!(imported.toml.contains("beta = 0.5"), "{}", imported.toml);
}

#[test]
fn keys_say_which_metric_a_file_is_for() {
    let metric = |text: &str, asked| {
        import_text(Path::new("x.yaml"), text, asked)
            .map(|imported| configuration(&imported.toml).metric)
    };
    let base = "dataset: CIFAR10\nipc: 1\nmodel_name: ConvNet-3\n";
    let of = |keys: &str| metric(&format!("{base}{keys}"), None);
    assert_eq!(of("eval_full_data: true\n").unwrap(), Metric::Lrs);
    assert_eq!(
        of("label_type: soft\nuse_aug_for_hard: false\n").unwrap(),
        Metric::Ars
    );
    assert_eq!(of("label_type: hard\n").unwrap(), Metric::Ars);
    assert_eq!(of("use_soft_label: false\n").unwrap(), Metric::Accuracy);
    assert_eq!(
        of("syn_batch_size: 256\nuse_torchvision: false\n").unwrap(),
        Metric::Lrs
    );
    noticed(&import(base), &["taken for LRS", "--metric"]);
    assert_eq!(
        metric(&format!("{base}batch_size: 100\n"), Some(Metric::Ars)).unwrap(),
        Metric::Ars
    );
    for (keys, parts) in [
        (
            "batch_size: 100\n",
            &["--metric ars or --metric accuracy"][..],
        ),
        (
            "label_type: soft\neval_full_data: true\n",
            &["`label_type` belongs to ARS", "`eval_full_data` to LRS"],
        ),
    ] {
        refused(&format!("{base}{keys}"), parts);
    }
}

#[test]
fn plain_accuracy_is_imported_with_its_own_defaults() {
    let imported = import(
        "dataset: CIFAR10\nipc: 1\nmodel_name: ConvNet-3\nuse_soft_label: true\nteacher_model_names: [ConvNet-3]\n",
    );
    let configuration = configuration(&imported.toml);
    assert_eq!(configuration.metric, Metric::Accuracy);
    let facts = Facts::of(&configuration, "");
    assert_eq!(
        (
            facts.optimizer.as_str(),
            facts.schedule.as_str(),
            facts.label_mode.as_deref()
        ),
        ("adamw", "cosine", Some("M"))
    );
    let single = import(
        "dataset: CIFAR10\nipc: 1\nmodel_name: ConvNet-3\nuse_soft_label: true\nsoft_label_mode: S\nteacher_model_names: [ConvNet-3]\n",
    );
    noticed(&single, &["needs no teacher"]);
}

#[test]
fn without_a_known_accuracy_the_real_arm_is_trained() {
    let imported = import(&with("eval_full_data", "false"));
    noticed(&imported, &["`eval_full_data`", "CIFAR10", "trained"]);
    assert!(imported.toml.contains("preset = \"CIFAR10-ConvNet-3\""));
}

#[test]
fn mixed_images_with_hard_labels_are_noticed() {
    let text =
        with("aug_params", "{beta: 1.0}").replace("data_aug_func: dsa", "data_aug_func: cutmix");
    noticed(&import(&text), &["`data_aug_func`", "labels.mix"]);
}

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

#[test]
fn transforms_are_taken_apart() {
    let text = with(
        "custom_train_trans",
        "[{name: RandomCrop, args: [28, 2]}, ToTensor, {name: Normalize, args: {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]}}, {name: RandomCrop, args: {size: 28, padding: 1}}]",
    );
    let imported = import(&text);
    let configuration = configuration(&imported.toml);
    let normalisation = configuration.dataset.normalisation.unwrap();
    assert_eq!(
        (normalisation.mean(), normalisation.std()),
        (&[0.5; 3][..], &[0.25; 3][..])
    );
    let text = serde_json::to_string(&configuration.training.augmentation).unwrap();
    assert!(
        text.contains("-2.0"),
        "black is -2 in the first crop: {text}"
    );
    noticed(&imported, &["one of the two lists"]);
    let imported = import(&with("custom_train_trans", "[ToTensor]"));
    noticed(&imported, &["no Normalize"]);
}

#[test]
fn the_command_writes_and_warns() {
    let bench = Workbench::new();
    bench.write("old.yaml", format!("{HARD}dist: true\n"));
    let shown = bench.run(&["import", "old.yaml"]).succeeded();
    assert!(shown.out.contains("name = \"old\""), "{}", shown.out);
    assert!(
        shown.err.contains("note: `dist` is left out"),
        "{}",
        shown.err
    );
    let done = bench
        .run(&["import", "old.yaml", "--output", "new.toml"])
        .succeeded();
    assert_eq!(done.out, "");
    assert_eq!(bench.read("new.toml"), shown.out);
    bench.run(&["plan", "new.toml"]).succeeded();
    bench
        .run(&["import", "old.yaml", "-o", "new.toml"])
        .failed(2, &["new.toml exists", "--force"]);
    bench
        .run(&[
            "import", "old.yaml", "-o", "new.toml", "--force", "--metric", "ars",
        ])
        .succeeded();
    assert!(bench.read("new.toml").contains("metric = \"ars\""));
    bench
        .run(&["import", "none.yaml"])
        .failed(2, &["none.yaml", "No such file"]);
    bench.write("big.yaml", vec![b'#'; (1 << 20) + 1]);
    bench
        .run(&["import", "big.yaml"])
        .failed(2, &["over 1 MiB"]);
    bench.write("latin.yaml", b"dataset: \xe9\n");
    bench.run(&["import", "latin.yaml"]).failed(2, &["UTF-8"]);
    bench.write("bad.yaml", HARD.replace("ipc: 10", "ipc: x"));
    bench
        .run(&["import", "bad.yaml"])
        .failed(2, &["bad.yaml:2: key `ipc`"]);
}

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
