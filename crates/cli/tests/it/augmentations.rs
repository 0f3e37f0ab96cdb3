//! Every augmentation, and every option of one, changes what comes out of a run.

use crate::workbench::Workbench;
use serde_json::Value;

/// The smallest run: one round, one learning rate, no real arm.
const CONFIGURATION: &str = r#"
name = "bench"
rounds = 1
real_accuracy = 0.9

[dataset]
name = "folder"
root = "real"

[synthetic]
images = "syn"
ipc = 2

[agent]
model = "ConvNet-2"
width = 4

[training]
epochs = 4
batch_size = 4
schedule = { name = "constant" }
learning_rates = [0.01]
test_interval = 4
"#;

/// The training losses of all trials, with the augmentation written as TOML.
fn losses(bench: &Workbench, run: &str, augmentation: &str) -> Vec<String> {
    bench.write("bench.toml", format!("{CONFIGURATION}\n{augmentation}"));
    bench
        .run(&["score", "bench.toml", "--set", &format!("name={run}")])
        .succeeded();
    let journal = bench.read(&format!("runs/{run}/trials.jsonl"));
    let mut losses: Vec<String> = journal
        .lines()
        .map(|line| {
            let outcome: Value = serde_json::from_str(line).unwrap();
            find(&outcome, "loss").unwrap()
        })
        .collect();
    losses.sort();
    assert_eq!(losses.len(), 2);
    losses
}

/// The first value under this key, at any depth.
fn find(value: &Value, key: &str) -> Option<String> {
    match value {
        Value::Object(map) => map
            .get(key)
            .map(Value::to_string)
            .or_else(|| map.values().find_map(|value| find(value, key))),
        Value::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}

#[test]
fn every_augmentation_and_option_has_an_effect() {
    let bench = Workbench::new();
    let one = |table: &str| format!("[augmentation]\n{table}");
    let cases = [
        one("name = \"none\""),
        one("name = \"dsa\""),
        one("name = \"cutmix\""),
        one("name = \"cutmix\"\nbeta = 0.2"),
        one("name = \"mixup\""),
        one("name = \"mixup\"\nalpha = 0.2"),
        one("name = \"resize-crop\"\nsize = 8"),
        one("name = \"resize-crop\"\nsize = 8\nscale = [0.5, 1.0]"),
        one("name = \"resize-crop\"\nsize = 8\nratio = [1.0, 1.0]"),
        one("transforms = [{ name = \"resize\", size = 5 }, { name = \"resize\", size = 8 }]"),
        one(
            "transforms = [{ name = \"resize\", size = [5, 6] }, { name = \"resize\", size = [8, 8] }]",
        ),
        one("transforms = [{ name = \"center-crop\", size = 6 }, { name = \"resize\", size = 8 }]"),
        one("transforms = [{ name = \"center-crop\", size = 4 }, { name = \"resize\", size = 8 }]"),
        one("name = \"random-crop\"\nsize = 8\npadding = 1"),
        one("name = \"random-crop\"\nsize = 8\npadding = 3"),
        one("name = \"flip\""),
        one("name = \"flip\"\np = 1.0"),
        one("name = \"normalize\"\nmean = [0.5, 0.5, 0.5]\nstd = [1.0, 1.0, 1.0]"),
        one("name = \"normalize\"\nmean = [0.5, 0.5, 0.5]\nstd = [2.0, 1.0, 1.0]"),
        one("name = \"gaussian-noise\""),
        one("name = \"gaussian-noise\"\nmean = 0.5"),
        one("name = \"gaussian-noise\"\nsigma = 0.5"),
        one("name = \"gaussian-noise\"\nclip = true"),
        one("name = \"patch-shuffle\"\nfactor = 2"),
        one("name = \"patch-shuffle\"\nfactor = 4"),
        "[[augmentation]]\nname = \"flip\"\n[[augmentation]]\nname = \"patch-shuffle\"\nfactor = 2"
            .to_owned(),
        "[[augmentation]]\nname = \"patch-shuffle\"\nfactor = 2\n[[augmentation]]\nname = \"flip\""
            .to_owned(),
    ];
    let mut seen: Vec<(Vec<String>, &String)> = Vec::new();
    for (index, augmentation) in cases.iter().enumerate() {
        let losses = losses(&bench, &format!("run{index}"), augmentation);
        if let Some((_, twin)) = seen.iter().find(|(known, _)| *known == losses) {
            panic!("the same outcome:\n{twin}\nand\n{augmentation}");
        }
        seen.push((losses, augmentation));
    }
}

#[test]
fn the_report_names_the_augmentation_in_words() {
    let bench = Workbench::new();
    let list = "[[augmentation]]\nname = \"random-crop\"\nsize = 8\npadding = 2\n[[augmentation]]\nname = \"flip\"";
    losses(&bench, "words", list);
    let report = bench.report("runs/words").to_string();
    let words = "random crop of 8 x 8, padding 2; then horizontal flip with probability 0.5";
    assert!(report.contains(words), "{report}");
}

#[test]
fn mistakes_name_the_key() {
    let bench = Workbench::new();
    for (augmentation, parts) in [
        (
            "[augmentation]\nname = \"cutmix\"\nbeta = 0.0",
            &["`augmentation.beta`", "0.0 is not allowed", "0.001"][..],
        ),
        (
            "[[augmentation]]\nname = \"flip\"\n[[augmentation]]\nname = \"flip\"\nq = 1",
            &["`augmentation.1.q`", "`flip`", "`p`"],
        ),
        (
            "[augmentation]\nname = \"resize-crop\"\nsize = 8\nscale = [0.5, 2.0]",
            &["`augmentation.scale`", "[0.5, 2.0]", "at most 1"],
        ),
    ] {
        bench.write("bench.toml", format!("{CONFIGURATION}\n{augmentation}"));
        bench.run(&["score", "bench.toml"]).failed(2, parts);
    }
}
