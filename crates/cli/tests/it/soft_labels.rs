//! LRS with soft labels, ARS and plain accuracy, with teachers made by `ddrank train`.

use crate::workbench::{CONFIGURATION, Workbench};
use serde_json::Value;

/// The recipe of the test bench with this metric and these further tables, and a trained teacher.
fn bench(metric: &str, further: &str) -> Workbench {
    let bench = Workbench::new();
    let text = CONFIGURATION
        .replacen(
            "rounds = 3",
            &format!("rounds = 2\nmetric = \"{metric}\""),
            1,
        )
        .replacen("epochs = 12", "epochs = 6", 1);
    let real = text.find("[real_training]").unwrap();
    let text = if metric == "lrs" {
        &text
    } else {
        &text[..real]
    };
    bench.write("bench.toml", format!("{text}\n{further}"));
    bench.write(
        "teacher.toml",
        "[dataset]\nname = \"folder\"\nroot = \"real\"\n[agent]\nmodel = \"ConvNet-2-BN\"\nwidth = 8\n\
         [training]\nepochs = 8\nbatch_size = 8\nlearning_rates = [0.05]\ntest_interval = 1\n",
    );
    bench
        .run(&["train", "teacher.toml", "--output", "teacher.safetensors"])
        .succeeded();
    bench
}

const TEACHER: &str =
    "teachers = [{ model = \"ConvNet-2-BN\", width = 8, weights = \"teacher.safetensors\" }]";

fn multiple(metric: &str) -> Workbench {
    let labels = format!(
        "[labels]\nmode = \"multiple\"\ncriterion = {{ name = \"kl\", temperature = 4.0 }}\n{TEACHER}\n"
    );
    bench(metric, &labels)
}

/// Rows of logits that favour the class, class-major for the six distilled images.
fn write_rows(bench: &Workbench, name: &str) {
    let rows: Vec<f32> = (0..6)
        .flat_map(|image| (0..3).map(move |class| if image / 2 == class { 3.0 } else { 0.5 }))
        .collect();
    let tensor = ddrank_files::FileTensor::from_f32("labels", vec![6, 3], &rows).unwrap();
    ddrank_files::write_safetensors(&bench.join(name), &[tensor]).unwrap();
}

fn single(metric: &str) -> Workbench {
    let labels = format!(
        "[labels]\nmode = \"single\"\ncriterion = {{ name = \"sce\", temperature = 2.0 }}\n{TEACHER}\n"
    );
    let bench = bench(metric, &labels);
    let text = bench.read("bench.toml");
    let text = text.replacen(
        "images = \"syn\"",
        "images = \"syn\"\nlabels = \"rows.safetensors\"",
        1,
    );
    bench.write("bench.toml", text);
    write_rows(&bench, "rows.safetensors");
    bench
}

fn arms(report: &Value) -> Vec<&str> {
    let arms = report["arms"].as_array().unwrap().iter();
    arms.map(|arm| arm["name"].as_str().unwrap()).collect()
}

fn accuracy(report: &Value, arm: &str, round: usize) -> f64 {
    let arms = report["arms"].as_array().unwrap();
    let arm = arms.iter().find(|found| found["name"] == arm).unwrap();
    arm["rounds"][round]["accuracy"].as_f64().unwrap()
}

fn score(report: &Value, name: &str, round: usize) -> f64 {
    let scores = report["scores"].as_array().unwrap();
    let score = scores.iter().find(|found| found["name"] == name).unwrap();
    score["per_round"][round].as_f64().unwrap()
}

fn squash(alpha: f64) -> f64 {
    let e = std::f64::consts::E;
    100.0 * (alpha.exp() - 1.0 / e) / (e - 1.0 / e)
}

#[track_caller]
fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-9, "{got} instead of {expected}");
}

#[test]
fn lrs_with_soft_labels_combines_four_arms() {
    for bench in [multiple("lrs"), single("lrs")] {
        bench.run(&["score", "bench.toml"]).succeeded();
        let report = bench.report("runs/bench");
        assert_eq!(
            arms(&report),
            ["real-hard", "syn-hard", "syn-any", "random-any"]
        );
        for round in 0..2 {
            let of = |arm| accuracy(&report, arm, round);
            let recovery = of("real-hard") - of("syn-hard");
            let improvement = of("syn-any") - of("random-any");
            close(score(&report, "HLR", round), recovery);
            close(score(&report, "IOR", round), improvement);
            close(
                score(&report, "LRS", round),
                squash(0.5 * improvement - 0.5 * recovery),
            );
        }
        // 2 rounds of 1 real, 2 + 2 + 2 trainings of the learning-rate grid.
        let trials = bench.read("runs/bench/trials.jsonl").lines().count();
        assert_eq!(trials, 2 * (1 + 2 + 2 + 2));
    }
}

#[test]
fn ars_combines_four_arms_with_any_labels() {
    for bench in [bench("ars", ""), multiple("ars"), single("ars")] {
        bench
            .run(&["score", "bench.toml", "--set", "weight=0.3"])
            .succeeded();
        let report = bench.report("runs/bench");
        assert_eq!(
            arms(&report),
            ["syn-aug", "random-aug", "syn-noaug", "random-noaug"]
        );
        for round in 0..2 {
            let of = |arm| accuracy(&report, arm, round);
            let with = of("syn-aug") - of("random-aug");
            let without = of("syn-noaug") - of("random-noaug");
            close(score(&report, "IOR with augmentation", round), with);
            close(score(&report, "IOR without augmentation", round), without);
            close(
                score(&report, "ARS", round),
                squash(0.3 * with + 0.7 * without),
            );
        }
    }
}

#[test]
fn accuracy_has_baselines_and_further_sets_on_request() {
    let further = "[[compare]]\nname = \"other\"\nimages = \"other\"\nlearning_rate = 0.02\n";
    let bench = bench("accuracy", further);
    bench.draw_images("other", 2);
    let run = ["score", "bench.toml"];
    bench.run(&run).succeeded();
    let report = bench.report("runs/bench");
    assert_eq!(arms(&report), ["syn-any", "set-other"]);
    close(
        score(&report, "accuracy", 0),
        accuracy(&report, "syn-any", 0),
    );

    let baselines = ["--set", "baselines=[\"random\", \"noise\"]"];
    bench.run(&[run, baselines].concat()).succeeded();
    let report = bench.report("runs/bench");
    assert_eq!(
        arms(&report),
        ["syn-any", "random-any", "noise", "set-other"]
    );
    for (name, arm) in [
        ("IOR", "syn-any"),
        ("IOR of noise", "noise"),
        ("IOR of set-other", "set-other"),
    ] {
        let expected = accuracy(&report, arm, 1) - accuracy(&report, "random-any", 1);
        close(score(&report, name, 1), expected);
    }
}

/// Every option of `[labels]`, and every label, has an effect on the arms that it is about and on no other.
#[test]
fn every_label_option_changes_what_it_should() {
    let bench = multiple("lrs");
    let keys = |arguments: &[&str]| {
        let run = ["plan", "bench.toml", "--no-estimate"];
        let out = bench.run(&[&run, arguments].concat()).succeeded().out;
        let mut keys = std::collections::BTreeMap::<String, Vec<String>>::new();
        for line in out.lines().skip(1) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            if let [arm, .., key] = cells.as_slice()
                && key.len() == 12
            {
                keys.entry((*arm).into()).or_default().push((*key).into());
            }
        }
        keys
    };
    let changed = |arguments: &[&str]| {
        let (before, after) = (keys(&[]), keys(arguments));
        let names = before.keys().filter(|name| before[*name] != after[*name]);
        names.cloned().collect::<Vec<_>>()
    };
    let any = ["random-any", "syn-any"];
    let criterion = "labels.criterion={ name = \"kl\", temperature = 5.0 }";
    assert_eq!(changed(&["--set", criterion]), any);
    let scaled = "labels.criterion={ name = \"kl\", temperature = 4.0, scale_loss = true }";
    assert_eq!(changed(&["--set", scaled]), any);
    let mse = "labels.criterion={ name = \"mse-gt\", ce_weight = 0.1 }";
    assert_eq!(changed(&["--set", mse]), any);
    let augmented = "labels.hard_augmentation=true";
    assert_eq!(changed(&["--set", augmented]), ["syn-hard"]);
    let real = "real_training.augmentation={ name = \"flip\" }";
    assert_eq!(changed(&["--set", real]), ["real-hard"]);

    bench
        .run(&[
            "train",
            "teacher.toml",
            "--output",
            "second.safetensors",
            "--set",
            "seed=1",
        ])
        .succeeded();
    let second = "labels.teachers.0.weights=second.safetensors";
    assert_eq!(changed(&["--set", second]), any);
    let ensemble = "labels.teachers=[{ model = \"ConvNet-2-BN\", width = 8, weights = \"teacher.safetensors\" }, \
         { model = \"ConvNet-2-BN\", width = 8, weights = \"second.safetensors\" }]";
    assert_eq!(changed(&["--set", ensemble]), any);
}

/// Trainings with other labels end elsewhere: labels are not only described but used.
#[test]
fn labels_reach_the_training_loop() {
    let losses = |bench: &Workbench, arm: &str, arguments: &[&str]| -> Vec<f64> {
        let _ = std::fs::remove_dir_all(bench.join("runs"));
        let run = ["score", "bench.toml", "--set", "rounds=1"];
        bench.run(&[&run, arguments].concat()).succeeded();
        let report = bench.report("runs/bench");
        let arms = report["arms"].as_array().unwrap();
        let arm = arms.iter().find(|found| found["name"] == arm).unwrap();
        let key = arm["rounds"][0]["training_key"].as_str().unwrap();
        let trials = bench.read("runs/bench/trials.jsonl");
        let trial = trials.lines().find(|line| line.contains(key)).unwrap();
        let trial: Value = serde_json::from_str(trial).unwrap();
        let curve = trial["curve"].as_array().unwrap().iter();
        curve.map(|point| point["loss"].as_f64().unwrap()).collect()
    };
    let bench = single("ars");
    let one_rate = ["--set", "training.learning_rates=[0.01]"];
    let soft = losses(&bench, "syn-aug", &one_rate);
    write_rows(&bench, "other.safetensors");
    let same = [
        &one_rate[..],
        &["--set", "synthetic.labels=other.safetensors"],
    ]
    .concat();
    assert_eq!(
        losses(&bench, "syn-aug", &same),
        soft,
        "the same labels elsewhere"
    );
    let hot = "labels.criterion={ name = \"sce\", temperature = 20.0 }";
    let hot = [&one_rate[..], &["--set", hot]].concat();
    let hot = losses(&bench, "syn-aug", &hot);
    // At a high temperature both sides are nearly uniform: the loss is close to ln 3.
    assert!((hot[0] - 3.0_f64.ln()).abs() < 0.01, "{hot:?}");
    assert!((soft[0] - hot[0]).abs() > 0.003, "{soft:?} and {hot:?}");
    let noaug = losses(&bench, "syn-noaug", &one_rate);
    assert_ne!(noaug, soft, "augmentation makes a difference");
}

#[test]
fn impossible_labels_are_refused() {
    let bench = multiple("lrs");
    let refused = |arguments: &[&str], parts: &[&str]| {
        let run = ["score", "bench.toml"];
        bench.run(&[&run, arguments].concat()).failed(2, parts);
        assert!(!bench.join("runs/bench/trials.jsonl").exists());
    };
    refused(
        &["--set", "labels.mode=many"],
        &["labels.mode", "\"single\""],
    );
    refused(
        &["--set", "labels.mode=hard"],
        &["labels.criterion", "cross-entropy"],
    );
    refused(
        &["--set", "labels.criterion={ name = \"cross-entropy\" }"],
        &["labels.criterion", "\"kl\""],
    );
    refused(
        &[
            "--set",
            "labels.criterion={ name = \"mse-gt\", temperature = 2 }",
        ],
        &["labels.criterion", "temperature"],
    );
    refused(
        &["--set", "labels.teachers=[]"],
        &["labels", "needs `teachers`"],
    );
    refused(
        &[
            "--set",
            "labels.teachers=[{ weights = \"teacher.safetensors\" }]",
        ],
        &["labels.teachers.0", "no `model`"],
    );
    refused(
        &["--set", "labels.teachers.0.weights=nowhere.pt"],
        &["labels.teachers", "nowhere.pt"],
    );
    refused(
        &["--set", "labels.teachers.1.weights=nowhere.pt"],
        &["labels.teachers", "without an entry `1`"],
    );
    // Another width: every tensor of the checkpoint has another shape.
    refused(
        &["--set", "labels.teachers.0.width=16"],
        &[
            "labels.teachers",
            "teacher.safetensors",
            "features.0.weight",
        ],
    );
    refused(
        &["--set", "labels.teachers.0.model=ConvNet-3-BN"],
        &["labels.teachers", "features.8.weight"],
    );
    refused(
        &["--set", "labels.mode=single"],
        &["synthetic", "ddrank relabel"],
    );
    refused(
        &["--set", "baselines=[\"random\"]"],
        &["baselines", "`random` is an arm of `lrs` anyway"],
    );
    refused(
        &["--set", "real_training.preset=CIFAR10-ConvNet-9"],
        &["real_training.preset", "CIFAR10-ConvNet-3"],
    );
    refused(
        &["--set", "training.preset=CIFAR10-ConvNet-3"],
        &["training.preset"],
    );
}

/// One file can serve several metrics: what one of them has no use for is said, in the report too.
#[test]
fn keys_of_another_metric_are_named() {
    let bench = multiple("lrs");
    let arguments = [
        "score",
        "bench.toml",
        "--set",
        "metric=ars",
        "--set",
        "rounds=1",
        "--set",
        "labels.hard_augmentation=true",
    ];
    let finished = bench.run(&arguments).succeeded();
    for key in ["`real_training`", "`labels.hard_augmentation`"] {
        let notice = format!("key {key} is not used");
        assert!(finished.err.contains(&notice), "{}", finished.err);
        let warnings = bench.report("runs/bench")["warnings"].to_string();
        assert!(warnings.contains(&notice), "{warnings}");
    }
}

#[test]
fn stored_labels_must_be_soft_in_single_mode() {
    let bench = single("ars");
    let labels: Vec<i64> = vec![0, 0, 1, 1, 2, 2];
    let tensor = ddrank_files::FileTensor::from_i64("labels", vec![6], &labels).unwrap();
    ddrank_files::write_safetensors(&bench.join("rows.safetensors"), &[tensor]).unwrap();
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["synthetic.labels", "needs soft labels"]);
}

#[test]
fn a_recipe_without_paths_is_outlined() {
    let bench = multiple("lrs");
    let text = bench
        .read("bench.toml")
        .replacen("root = \"real\"\n", "", 1)
        .replacen("images = \"syn\"\n", "", 1)
        .replacen(", weights = \"teacher.safetensors\"", "", 1);
    bench.write("bench.toml", text);
    let out = bench.run(&["plan", "bench.toml"]).succeeded().out;
    for part in [
        "random-any",
        "14 trainings in 2 rounds",
        "dataset.root, synthetic.images, labels.teachers.0.weights",
    ] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
    bench
        .run(&[
            "score",
            "bench.toml",
            "--set",
            "dataset.root=real",
            "--set",
            "synthetic.images=syn",
        ])
        .failed(2, &["labels.teachers.0.weights", "--set"]);
}

/// What a teacher knows of the real test images is measured once, kept, shown, and a warning where it is nothing.
#[test]
fn a_teacher_of_another_class_order_is_told() {
    let bench = multiple("accuracy");
    let record: Value = serde_json::from_str(&bench.read("teacher.json")).unwrap();
    let percent = 100.0 * record["accuracy"].as_f64().unwrap();
    let words = format!("{percent:.2} % of the");
    let plan = ["plan", "bench.toml", "--no-estimate"];
    assert!(
        bench
            .run(&plan)
            .succeeded()
            .out
            .contains("not measured yet")
    );
    let scored = bench.run(&["score", "bench.toml"]).succeeded();
    assert!(scored.err.contains(&words), "{}", scored.err);
    assert!(bench.run(&plan).succeeded().out.contains(&words));
    assert!(bench.read("runs/bench/report.json").contains(&words));
    let kept = || {
        std::fs::read_dir(bench.join("runs/teachers"))
            .unwrap()
            .count()
    };
    assert_eq!(kept(), 1);

    // Every answer goes to the next class, so what was right is wrong. The record is that of the first weights.
    let file = bench.join("teacher.safetensors");
    let file = ddrank_files::read_tensor_file(&file, &ddrank_files::Limits::default()).unwrap();
    let moved = file.tensors().iter().map(|tensor| {
        let mut values = tensor.to_f32();
        if tensor.name().starts_with("classifier") {
            let row = values.len() / 3;
            values.rotate_right(row);
        }
        ddrank_files::FileTensor::from_f32(tensor.name(), tensor.shape().to_vec(), &values).unwrap()
    });
    let moved: Vec<_> = moved.collect();
    ddrank_files::write_safetensors(&bench.join("other.safetensors"), &moved).unwrap();
    bench.write("other.json", bench.read("teacher.json"));
    let other = "labels.teachers.0.weights=other.safetensors";
    let scored = bench
        .run(&["score", "bench.toml", "--set", other])
        .succeeded();
    for part in [
        "of other weights",
        "it does not know these data",
        "guessing 33.33 %",
    ] {
        assert!(
            scored.err.contains(part),
            "{part:?} is not in {}",
            scored.err
        );
    }
    assert!(
        bench
            .read("runs/bench/report.json")
            .contains("it does not know these data")
    );
    assert_eq!(kept(), 2);
}
