//! What is carried over, what is left out and said, what is taken from defaults, and the command.

use std::path::Path;

use ddrank_configuration::Metric;
use ddrank_configuration::import::import_text;
use ddrank_configuration::recipes;

use crate::import::round_trip::substance;
use crate::import::{HARD, configuration, import, noticed, refused, with};
use crate::published::Facts;
use crate::workbench::Workbench;

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
    // DD-Ranking's own demo has `custom_val_trans` twice; PyYAML takes the last one.
    let twice = HARD.replace("ipc: 10", "ipc: 50\nipc: 10");
    bench.write("twice.yaml", twice);
    let again = bench.run(&["import", "twice.yaml"]).succeeded();
    assert!(again.out.contains("ipc = 10"), "{}", again.out);
    assert!(
        again
            .err
            .contains("note: `ipc` stands in line 2 and again in line 3; the last one counts"),
        "{}",
        again.err
    );
    bench.write("latin.yaml", b"dataset: \xe9\n");
    bench.run(&["import", "latin.yaml"]).failed(2, &["UTF-8"]);
    bench.write("bad.yaml", HARD.replace("ipc: 10", "ipc: x"));
    bench
        .run(&["import", "bad.yaml"])
        .failed(2, &["bad.yaml:2: key `ipc`"]);
}
