//! `ddrank score` from a configuration to a report.

use crate::workbench::Workbench;

#[test]
fn a_run_ends_with_a_table_and_three_reports() {
    let bench = Workbench::new();
    let finished = bench.run(&["score", "bench.toml"]).succeeded();
    for word in [
        "LRS",
        "HLR",
        "IOR",
        "syn-hard",
        "random-hard",
        "real-hard",
        "report.html",
    ] {
        assert!(
            finished.out.contains(word),
            "{word} is not in:\n{}",
            finished.out
        );
    }
    let report = bench.report("runs/bench");
    assert_eq!(report["rounds"], 3);
    assert_eq!(report["arms"].as_array().unwrap().len(), 3);
    assert!(bench.read("runs/bench/report.html").contains("<svg"));
    assert!(bench.read("runs/bench/report.csv").lines().count() > 20);
    assert_eq!(
        bench.read("runs/bench/trials.jsonl").lines().count(),
        3 + 6 + 6
    );
    assert!(
        bench
            .read("runs/bench/configuration.toml")
            .contains("ConvNet-2")
    );
}

/// The scores of the report are the formula over its own accuracies.
#[test]
fn scores_follow_from_the_arms() {
    let bench = Workbench::new();
    bench
        .run(&["score", "bench.toml", "--set", "weight=0.3"])
        .succeeded();
    let report = bench.report("runs/bench");
    let accuracy = |arm: &str, round: usize| {
        let arms = report["arms"].as_array().unwrap();
        let arm = arms
            .iter()
            .find(|candidate| candidate["name"] == arm)
            .unwrap();
        arm["rounds"][round]["accuracy"].as_f64().unwrap()
    };
    let score = |name: &str, round: usize| {
        let scores = report["scores"].as_array().unwrap();
        scores.iter().find(|score| score["name"] == name).unwrap()["per_round"][round]
            .as_f64()
            .unwrap()
    };
    for round in 0..3 {
        let (real, syn, random) = (
            accuracy("real-hard", round),
            accuracy("syn-hard", round),
            accuracy("random-hard", round),
        );
        let alpha: f64 = 0.3 * (syn - random) - 0.7 * (real - syn);
        let expected =
            100.0 * (alpha.exp() - (-1.0_f64).exp()) / (1.0_f64.exp() - (-1.0_f64).exp());
        assert!((score("LRS", round) - expected).abs() < 1e-9);
        assert!((score("HLR", round) - (real - syn)).abs() < 1e-12);
        assert!((score("IOR", round) - (syn - random)).abs() < 1e-12);
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_workers_or_their_threads() {
    let bench = Workbench::new();
    bench
        .run(&["score", "bench.toml", "--runs", "one", "--jobs", "1"])
        .succeeded();
    bench
        .run(&["score", "bench.toml", "--runs", "three", "--jobs", "3"])
        .succeeded();
    // One job takes all cores as threads, three jobs take one thread each.
    assert_eq!(bench.report("one/bench"), bench.report("three/bench"));
}

#[test]
fn a_second_run_trains_nothing() {
    let bench = Workbench::new();
    bench.run(&["score", "bench.toml"]).succeeded();
    let (journal, report) = (
        bench.read("runs/bench/trials.jsonl"),
        bench.report("runs/bench"),
    );
    bench.run(&["score", "bench.toml"]).succeeded();
    assert_eq!(bench.read("runs/bench/trials.jsonl"), journal);
    assert_eq!(bench.report("runs/bench"), report);
}

#[test]
fn a_changed_key_runs_only_what_it_changes() {
    let bench = Workbench::new();
    bench.run(&["score", "bench.toml"]).succeeded();
    // Another weight is another combination of the same trials; another rate is one more trial a round and arm.
    bench
        .run(&["score", "bench.toml", "--set", "weight=0.9"])
        .succeeded();
    assert_eq!(bench.read("runs/bench/trials.jsonl").lines().count(), 15);
    bench
        .run(&[
            "score",
            "bench.toml",
            "--set",
            "training.learning_rates=[0.01, 0.05, 0.002]",
        ])
        .succeeded();
    assert_eq!(
        bench.read("runs/bench/trials.jsonl").lines().count(),
        15 + 6
    );
}

#[test]
fn the_cache_pays_for_the_real_arm_once() {
    let bench = Workbench::new();
    bench
        .run(&["score", "bench.toml", "--cache", "cache"])
        .succeeded();
    bench.draw_images("other", 2);
    bench
        .run(&[
            "score",
            "bench.toml",
            "--cache",
            "cache",
            "--set",
            "name=other",
            "--set",
            "synthetic.images=other",
        ])
        .succeeded();
    let report = bench.report("runs/other");
    let source = |index: usize| report["arms"][index]["source"].as_str().unwrap().to_owned();
    assert_eq!(
        [source(0), source(1), source(2)],
        ["cache", "trained", "cache"]
    );
    // A damaged entry is a miss, not a result.
    for entry in std::fs::read_dir(bench.join("cache/trials")).unwrap() {
        std::fs::write(entry.unwrap().path(), "{\"key\":").unwrap();
    }
    bench
        .run(&[
            "score",
            "bench.toml",
            "--cache",
            "cache",
            "--set",
            "name=third",
        ])
        .succeeded();
    assert_eq!(bench.report("runs/third")["arms"][0]["source"], "trained");
}

#[test]
fn a_given_accuracy_replaces_the_real_arm() {
    let bench = Workbench::new();
    let text = crate::workbench::CONFIGURATION
        .split("[real_training]")
        .next()
        .unwrap();
    bench.write("bench.toml", format!("real_accuracy = 0.9\n{text}"));
    bench.run(&["score", "bench.toml"]).succeeded();
    let report = bench.report("runs/bench");
    assert_eq!(report["arms"][0]["source"], "given");
    assert_eq!(report["arms"][0]["rounds"][2]["accuracy"], 0.9);
    assert_eq!(bench.read("runs/bench/trials.jsonl").lines().count(), 12);
}

#[test]
fn plan_lists_what_is_left_and_touches_nothing() {
    let bench = Workbench::new();
    let planned = bench.run(&["plan", "bench.toml"]).succeeded();
    assert!(
        planned
            .out
            .contains("15 trials, 0 of them finished, 15 to run"),
        "{}",
        planned.out
    );
    assert!(
        planned.out.contains("from a short measurement"),
        "{}",
        planned.out
    );
    assert!(!bench.join("runs").exists());
    bench.run(&["score", "bench.toml"]).succeeded();
    let planned = bench.run(&["plan", "bench.toml"]).succeeded();
    assert!(
        planned.out.contains("15 of them finished, 0 to run"),
        "{}",
        planned.out
    );
}

/// A learning rate given with the distilled set is the only candidate; if it stands in the grid it is no extra trial.
#[test]
fn a_given_learning_rate_is_the_only_candidate() {
    let bench = Workbench::new();
    let planned = bench
        .run(&[
            "plan",
            "bench.toml",
            "--no-estimate",
            "--set",
            "synthetic.learning_rate=0.05",
        ])
        .succeeded();
    assert!(planned.out.contains("12 trials"), "{}", planned.out);
}

#[test]
fn selection_last_takes_the_last_point_of_the_same_trials() {
    let bench = Workbench::new();
    bench.run(&["score", "bench.toml"]).succeeded();
    bench
        .run(&["score", "bench.toml", "--set", "training.selection=last"])
        .succeeded();
    assert_eq!(bench.read("runs/bench/trials.jsonl").lines().count(), 15);
    let report = bench.report("runs/bench");
    for round in report["arms"][1]["rounds"].as_array().unwrap() {
        assert_eq!(round["accuracy"], round["last_accuracy"]);
    }
}

#[test]
fn report_writes_the_files_again() {
    let bench = Workbench::new();
    bench.run(&["score", "bench.toml"]).succeeded();
    std::fs::remove_file(bench.join("runs/bench/report.html")).unwrap();
    let shown = bench.run(&["report", "runs/bench"]).succeeded();
    assert!(shown.out.contains("LRS"));
    assert!(bench.join("runs/bench/report.html").exists());
}
