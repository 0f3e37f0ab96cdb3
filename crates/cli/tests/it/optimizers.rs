//! `training.optimizer`: every option changes the training, and nothing is ignored.

use crate::workbench::{CONFIGURATION, Workbench};
use serde_json::Value;

/// One round, one learning rate, no real arm: one synthetic and one random trial.
fn bench() -> Workbench {
    let bench = Workbench::new();
    let (text, _) = CONFIGURATION.split_once("[real_training]").unwrap();
    let text = text
        .replace("rounds = 3", "rounds = 1")
        .replace("epochs = 12", "epochs = 4")
        .replace("[0.01, 0.05]", "[0.01]");
    bench.write("bench.toml", format!("real_accuracy = 0.9\n{text}"));
    bench
}

/// The last training loss of the synthetic and the random arm, and the report's words on the training.
fn score(bench: &Workbench, run: &str, optimizer: Option<&str>) -> ([f64; 2], String) {
    let name = format!("name={run}");
    let set = optimizer.map(|table| format!("training.optimizer={table}"));
    let mut arguments = vec!["score", "bench.toml", "--set", &name];
    if let Some(set) = &set {
        arguments.extend(["--set", set]);
    }
    bench.run(&arguments).succeeded();
    let run = format!("runs/{run}");
    let mut losses: Vec<f64> = bench
        .read(&format!("{run}/trials.jsonl"))
        .lines()
        .map(|line| {
            let trial: Value = serde_json::from_str(line).unwrap();
            last_loss(&trial).unwrap_or_else(|| panic!("no curve in {line}"))
        })
        .collect();
    losses.sort_by(f64::total_cmp);
    let recipe = bench.report(&run)["recipe"].clone();
    let training = recipe
        .as_array()
        .unwrap()
        .iter()
        .find(|setting| setting["name"] == "training")
        .unwrap();
    let words = training["value"].as_str().unwrap().to_owned();
    (losses.try_into().unwrap(), words)
}

fn last_loss(value: &Value) -> Option<f64> {
    match value.get("curve") {
        Some(curve) => curve.as_array()?.last()?["loss"].as_f64(),
        None => value.as_object()?.values().find_map(last_loss),
    }
}

#[test]
fn every_option_changes_the_outcome() {
    let bench = bench();
    let mut seen: Vec<(&str, [f64; 2])> = Vec::new();
    for (index, (table, words)) in [
        (
            r#"{ name = "sgd" }"#,
            "SGD, momentum 0.9, weight decay 0.0005",
        ),
        (r#"{ name = "sgd", momentum = 0.5 }"#, "momentum 0.5"),
        (
            r#"{ name = "sgd", weight_decay = 0.2 }"#,
            "weight decay 0.2",
        ),
        (
            r#"{ name = "adam" }"#,
            "Adam, betas 0.9 and 0.999, eps 1e-8, weight decay 0 in the gradient",
        ),
        (
            r#"{ name = "adam", betas = [0.5, 0.999] }"#,
            "betas 0.5 and 0.999",
        ),
        (
            r#"{ name = "adam", betas = [0.9, 0.9] }"#,
            "betas 0.9 and 0.9,",
        ),
        (r#"{ name = "adam", eps = 0.1 }"#, "eps 1e-1"),
        (
            r#"{ name = "adam", weight_decay = 0.2 }"#,
            "weight decay 0.2 in the gradient",
        ),
        (
            r#"{ name = "adamw" }"#,
            "AdamW, betas 0.9 and 0.999, eps 1e-8, decoupled weight decay 0.01",
        ),
        (
            r#"{ name = "adamw", betas = [0.5, 0.999] }"#,
            "betas 0.5 and 0.999",
        ),
        (
            r#"{ name = "adamw", betas = [0.9, 0.9] }"#,
            "betas 0.9 and 0.9,",
        ),
        (r#"{ name = "adamw", eps = 0.1 }"#, "eps 1e-1"),
        (
            r#"{ name = "adamw", weight_decay = 0.2 }"#,
            "decoupled weight decay 0.2",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (losses, said) = score(&bench, &format!("run{index}"), Some(table));
        assert!(said.contains(words), "{table}: {words:?} is not in {said}");
        assert!(losses.iter().all(|loss| loss.is_finite()), "{table}");
        for (other, known) in &seen {
            // Both arms: one that ignores the recipe would repeat its loss.
            let moved = known.iter().zip(&losses).all(|(a, b)| (a - b).abs() > 1e-6);
            assert!(moved, "{other} and {table} give {known:?} and {losses:?}");
        }
        seen.push((table, losses));
    }
    // What stands for an absent table.
    assert_eq!(score(&bench, "absent", None).0, seen[0].1);
}

#[test]
fn what_an_optimizer_does_not_have_is_an_error() {
    let bench = bench();
    for (table, parts) in [
        (
            r#"{ name = "sgd", betas = [0.9, 0.999] }"#,
            &["`training.optimizer.betas`", "`sgd`", "`momentum`"][..],
        ),
        (
            r#"{ name = "sgd", eps = 1e-8 }"#,
            &["`training.optimizer.eps`", "`sgd`", "`weight_decay`"],
        ),
        (
            r#"{ name = "adam", momentum = 0.9 }"#,
            &[
                "`training.optimizer.momentum`",
                "`adam`",
                "`betas`",
                "`eps`",
            ],
        ),
        (
            r#"{ name = "adamw", momentum = 0.9 }"#,
            &["`training.optimizer.momentum`", "`adamw`", "`betas`"],
        ),
        (
            r#"{ name = "adamw", nesterov = true }"#,
            &["unknown field `nesterov`", "`betas`"],
        ),
        (
            r#"{ name = "lion" }"#,
            &["`training.optimizer.name`", "`lion`", "\"adamw\""],
        ),
        (
            r#"{ name = "adam", betas = [0.9, 1.0] }"#,
            &[
                "`training.optimizer.betas`",
                "1.0] is not allowed",
                "below 1",
            ],
        ),
        (
            r#"{ name = "adam", betas = [-0.1, 0.9] }"#,
            &["`training.optimizer.betas`", "-0.1", "below 1"],
        ),
        (
            // It would be 1 as a single float.
            r#"{ name = "adam", betas = [0.9, 0.99999999] }"#,
            &["`training.optimizer.betas`", "0.99999999", "below 1"],
        ),
        (
            r#"{ name = "adam", betas = [0.9] }"#,
            &["`training.optimizer.betas`", "two numbers"],
        ),
        (
            r#"{ name = "adamw", eps = 0.0 }"#,
            &["`training.optimizer.eps`", "0.0 is not allowed", "1e-30"],
        ),
        (
            r#"{ name = "adamw", weight_decay = -0.1 }"#,
            &["`training.optimizer.weight_decay`", "-0.1", "positive"],
        ),
    ] {
        let set = format!("training.optimizer={table}");
        bench
            .run(&["score", "bench.toml", "--set", &set])
            .failed(2, parts);
    }
    assert!(!bench.join("runs").exists(), "nothing was begun");
}
