//! Successive halving of the learning-rate grid against the whole grid.
#![cfg(feature = "flex")]

use crate::workbench::Workbench;
use serde_json::Value;

/// Five rates, tested every 2 of 12 epochs: rungs after 2, 4 and 6.
const GRID: [&str; 4] = [
    "--set",
    "training.learning_rates=[0.001, 0.005, 0.01, 0.05, 0.1]",
    "--set",
    "training.test_interval=2",
];

fn score(bench: &Workbench, runs: &str, more: &[&str]) {
    let mut arguments = vec!["score", "bench.toml", "--runs", runs];
    arguments.extend(GRID);
    arguments.extend(more);
    let finished = bench.run(&arguments);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
}

/// All outcomes in a run directory.
fn outcomes(bench: &Workbench, runs: &str) -> Vec<Value> {
    let lines = bench.read(&format!("{runs}/bench/trials.jsonl"));
    lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["curve"].is_array())
        .collect()
}

fn curve_of(outcomes: &[Value], key: &Value) -> Value {
    let found = outcomes.iter().find(|outcome| outcome["key"] == *key);
    found.unwrap()["curve"].clone()
}

#[test]
fn the_winner_is_a_training_of_the_whole_grid_and_the_rest_is_given_up() {
    let bench = Workbench::new();
    score(&bench, "grid", &[]);
    score(
        &bench,
        "halving",
        &["--set", "training.search=\"halving\"", "--jobs", "2"],
    );
    let (grid, halving) = (bench.report("grid/bench"), bench.report("halving/bench"));
    let (full, raced) = (outcomes(&bench, "grid"), outcomes(&bench, "halving"));
    let given_up = |after: u64| {
        let after = Value::from(after);
        raced.iter().filter(|one| one["given_up"] == after).count()
    };
    // Two arms of three rounds: two of five are given up after 2 epochs, one after 4, one after 6.
    assert_eq!([given_up(2), given_up(4), given_up(6)], [12, 6, 6]);
    let mut same = 0;
    for arm in ["syn-hard", "random-hard"] {
        for round in 0..3 {
            let at = |report: &Value| {
                let arms = report["arms"].as_array().unwrap();
                let arm = arms.iter().find(|found| found["name"] == arm).unwrap();
                arm["rounds"][round].clone()
            };
            let (grid, halving) = (at(&grid), at(&halving));
            let candidates = halving["candidates"].as_array().unwrap();
            let finished = candidates.iter().filter(|one| one["accuracy"].is_number());
            assert_eq!((candidates.len(), finished.count()), (5, 1));
            assert!(halving["accuracy"].as_f64() <= grid["accuracy"].as_f64());
            if halving["learning_rate"] == grid["learning_rate"] {
                same += 1;
                let curves = [(&full, &grid), (&raced, &halving)]
                    .map(|(outcomes, round)| curve_of(outcomes, &round["training_key"]));
                assert_eq!(curves[0], curves[1], "bit for bit");
                assert_ne!(grid["training_key"], halving["training_key"]);
            }
        }
    }
    assert!(same > 0, "no winner of six is that of the grid");
    let page = bench.read("halving/bench/report.html");
    assert!(page.contains("successive halving: the worse half is given up after 2, 4, 6 of 12"));
    assert!(!bench.read("grid/bench/report.html").contains("halving"));
}

#[test]
fn a_race_does_not_depend_on_jobs_and_goes_on_where_it_was_interrupted() {
    let bench = Workbench::new();
    let halving = ["--set", "training.search=\"halving\""];
    score(&bench, "one", &[&halving[..], &["--jobs", "1"]].concat());
    score(&bench, "two", &[&halving[..], &["--jobs", "2"]].concat());
    assert_eq!(bench.report("one/bench"), bench.report("two/bench"));
    // An interruption in the middle of the saving of a race: one outcome of it is there, the others are not.
    let trials = bench.read("one/bench/trials.jsonl");
    let raced = |line: &&str| line.contains("given_up");
    let lost = trials.lines().rfind(raced).unwrap();
    let kept: String = trials
        .lines()
        .filter(|line| *line != lost)
        .map(|line| format!("{line}\n"))
        .collect();
    bench.write("one/bench/trials.jsonl", kept);
    score(&bench, "one", &[&halving[..], &["--jobs", "1"]].concat());
    assert_eq!(bench.report("one/bench"), bench.report("two/bench"));
    let lines = |runs: &str| {
        bench
            .read(&format!("{runs}/bench/trials.jsonl"))
            .lines()
            .count()
    };
    assert_eq!(lines("one"), lines("two"), "each outcome once");
}

#[test]
fn a_search_that_cannot_halve_is_refused() {
    let bench = Workbench::new();
    for (settings, parts) in [
        (
            vec!["training.search=\"random\""],
            ["training.search", "\"grid\", \"halving\""],
        ),
        (
            vec![
                "training.search=\"halving\"",
                "training.learning_rates=[0.1]",
            ],
            ["training.search", "there is one"],
        ),
        (
            vec!["training.search=\"halving\"", "training.test_interval=12"],
            ["training.search", "smaller `test_interval`"],
        ),
    ] {
        let mut arguments = vec!["score", "bench.toml"];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        bench.run(&arguments).failed(2, &parts);
    }
    assert!(!bench.join("runs").exists());
}
