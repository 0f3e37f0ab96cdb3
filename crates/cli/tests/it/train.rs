//! `ddrank train`.

use crate::workbench::Workbench;

const TEACHER: &str = "[dataset]\nname = \"folder\"\nroot = \"real\"\n[agent]\nmodel = \"ConvNet-2\"\nwidth = 8\n\
     [training]\nepochs = 6\nbatch_size = 8\nlearning_rates = [0.02]\ntest_interval = 1\n";

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write("teacher.toml", TEACHER);
    bench
}

fn train<'a>(further: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "teacher.toml", "--output", "teacher.safetensors"];
    arguments.extend(further);
    arguments
}

/// The full-data arm of a score and `train` are one loop: same recipe, same seed, same accuracy.
#[test]
fn a_model_is_trained_like_the_full_data_arm() {
    let bench = bench();
    let out = bench.run(&train(&[])).succeeded().out;
    assert!(out.contains("ConvNet-2 on folder"), "{out}");
    let described: serde_json::Value = serde_json::from_str(&bench.read("teacher.json")).unwrap();
    bench
        .run(&[
            "score",
            "bench.toml",
            "--set",
            "rounds=1",
            "--set",
            "real_training.epochs=6",
            "--set",
            "real_training.test_interval=1",
        ])
        .succeeded();
    let report = bench.report("runs/bench");
    assert_eq!(
        described["accuracy"],
        report["arms"][0]["rounds"][0]["accuracy"]
    );
    assert_eq!(
        described["epoch"],
        report["arms"][0]["rounds"][0]["best_epoch"]
    );
    assert_eq!(described["curve"].as_array().unwrap().len(), 6);
}

#[test]
fn training_twice_writes_the_same_bytes() {
    let bench = bench();
    let weights = |further: &[&str]| {
        bench.run(&train(further)).succeeded();
        std::fs::read(bench.join("teacher.safetensors")).unwrap()
    };
    let first = weights(&[]);
    assert_eq!(weights(&[]), first);
    assert_ne!(weights(&["--set", "seed=1"]), first);
    assert_ne!(
        weights(&[
            "--set",
            "training.epochs=5",
            "--set",
            "training.selection=last"
        ]),
        first
    );
    assert_ne!(
        weights(&["--set", "augmentation={ name = \"flip\" }"]),
        first
    );
}

#[test]
fn bad_requests_are_refused_and_write_nothing() {
    let bench = bench();
    let refused = |further: &[&str], parts: &[&str]| {
        bench.run(&train(further)).failed(2, parts);
        assert!(!bench.join("teacher.safetensors").exists());
        assert!(!bench.join("teacher.json").exists());
    };
    refused(
        &["--set", "synthetic.ipc=1"],
        &["unknown field `synthetic`"],
    );
    refused(&["--set", "dataset.root=nowhere"], &["dataset", "nowhere"]);
    refused(&["--set", "agent.weights=x.pt"], &["agent.weights"]);
    refused(
        &["--set", "training.preset=mine"],
        &["training.preset", "TinyImageNet-ResNet-18-BN"],
    );
    refused(&["--device", "abacus"], &["abacus"]);
    bench
        .run(&["train", "teacher.toml", "--output", "teacher.pt"])
        .failed(2, &["teacher.pt", ".safetensors"]);
    bench
        .run(&[
            "train",
            "teacher.toml",
            "--output",
            "no/teacher.safetensors",
        ])
        .failed(2, &["there is no folder no"]);
}

#[test]
fn a_training_that_diverges_fails_and_writes_nothing() {
    let bench = bench();
    bench
        .run(&train(&["--set", "training.learning_rates=[1e30]"]))
        .failed(1, &["diverged", "learning_rates"]);
    assert!(!bench.join("teacher.safetensors").exists());
}
