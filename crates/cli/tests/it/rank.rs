//! `ddrank rank`: leaderboards of finished runs.

use crate::workbench::Workbench;
use serde_json::{Value, json};

/// Finishes a short run of this name.
fn score(bench: &Workbench, name: &str, more: &[&str]) {
    let name = format!("name={name}");
    let mut arguments = vec!["score", "bench.toml", "--quiet", "--cache=cache"];
    for setting in [
        &[name.as_str(), "training.epochs=2", "real_training.epochs=1"],
        more,
    ]
    .concat()
    {
        arguments.extend(["--set", setting]);
    }
    bench.run(&arguments).succeeded();
}

fn report(bench: &Workbench, run: &str) -> Value {
    serde_json::from_str(&bench.read(&format!("runs/{run}/report.json"))).unwrap()
}

/// Writes a copy of a report as another run.
fn copy(bench: &Workbench, from: &Value, name: &str, change: impl FnOnce(&mut Value)) {
    let mut report = from.clone();
    report["name"] = json!(name);
    change(&mut report);
    bench.write(&format!("runs/{name}/report.json"), report.to_string());
}

fn score_of<'a>(report: &'a mut Value, name: &str) -> &'a mut Value {
    let scores = report["scores"].as_array_mut().unwrap();
    scores
        .iter_mut()
        .find(|score| score["name"] == name)
        .unwrap()
}

/// Gives a score other values, with the summary that follows from them.
fn set_rounds(report: &mut Value, name: &str, values: &[f64]) {
    let summary = ddrank_metrics::Summary::of(values).unwrap();
    let score = score_of(report, name);
    score["per_round"] = json!(values);
    score["summary"] = serde_json::to_value(summary).unwrap();
}

/// The lines of the table, by the name in their second column.
fn line<'a>(text: &'a str, name: &str) -> &'a str {
    let is_it = |line: &&str| line.split_whitespace().nth(1) == Some(name);
    text.lines()
        .find(is_it)
        .unwrap_or_else(|| panic!("no line of {name} in\n{text}"))
}

fn rows(bench: &Workbench, file: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(bench.join(file)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn finished_runs_are_ranked_in_every_format() {
    let bench = Workbench::new();
    score(&bench, "one", &[]);
    score(&bench, "two", &["training.learning_rates=[0.001]"]);
    let (one, two) = (report(&bench, "one"), report(&bench, "two"));
    let mean = |report: &Value| {
        let mut report = report.clone();
        score_of(&mut report, "LRS")["summary"]["mean"]
            .as_f64()
            .unwrap()
    };
    let (first, second) = if mean(&one) >= mean(&two) {
        ("one", "two")
    } else {
        ("two", "one")
    };

    let shown = bench
        .run(&["rank", "runs/two", "runs/one/report.json"])
        .succeeded()
        .out;
    assert!(
        shown.contains("LRS: folder, 2 images per class, ConvNet-2"),
        "{shown}"
    );
    assert_eq!(line(&shown, first).split_whitespace().next(), Some("1"));
    assert_eq!(line(&shown, second).split_whitespace().next(), Some("2"));
    for word in ["HLR", "IOR", "95 % CI", "rounds", "λ"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let markdown = bench
        .run(&["rank", "runs/one", "runs/two", "--markdown"])
        .succeeded()
        .out;
    assert!(markdown.contains("| ---: | --- | ---: |"), "{markdown}");
    assert!(markdown.contains(&format!("| 1 | {first} |")), "{markdown}");

    bench
        .run(&["rank", "runs/one", "runs/two", "--csv=table.csv"])
        .succeeded();
    let rows = rows(&bench, "table.csv");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0]["name"].as_str(), rows[1]["name"].as_str()),
        (first, second)
    );
    for row in &rows {
        let mut report = report(&bench, &row["name"]);
        for (column, score) in [("score", "LRS"), ("hlr", "HLR"), ("ior", "IOR")] {
            let mean = score_of(&mut report, score)["summary"]["mean"]
                .as_f64()
                .unwrap();
            assert_eq!(row[column].parse::<f64>().unwrap(), mean, "{column}");
        }
        assert_eq!(
            (row["rounds"].as_str(), row["weight"].as_str()),
            ("3", "0.5")
        );
        assert_eq!(row["ior_with_augmentation"], "");
    }
}

#[test]
fn another_weight_is_the_formula_over_the_rounds() {
    let bench = Workbench::new();
    score(&bench, "one", &[]);
    let original = report(&bench, "one");
    let rounds = |name: &str| {
        let mut report = original.clone();
        let values = score_of(&mut report, name)["per_round"].clone();
        serde_json::from_value::<Vec<f64>>(values).unwrap()
    };
    let e = std::f64::consts::E;
    let expected: Vec<f64> = rounds("IOR")
        .iter()
        .zip(rounds("HLR"))
        .map(|(ior, hlr)| 100.0 * ((0.3 * ior - 0.7 * hlr).exp() - 1.0 / e) / (e - 1.0 / e))
        .collect();
    let expected = ddrank_metrics::Summary::of(&expected).unwrap();
    let arguments = ["rank", "runs/one", "--weight=0.3", "--csv=table.csv"];
    let shown = bench.run(&arguments).succeeded().out;
    assert!(line(&shown, "one").contains("0.3"), "{shown}");
    let row = rows(&bench, "table.csv").remove(0);
    let number = |column: &str| row[column].parse::<f64>().unwrap();
    assert!((number("score") - expected.mean).abs() < 1e-9);
    assert!((number("std") - expected.std).abs() < 1e-9);
    assert!((number("ci95_low") - expected.ci95.unwrap().0).abs() < 1e-9);
    assert_eq!(row["weight"], "0.3");
}

#[test]
fn neighbours_are_told_apart_by_their_rounds() {
    let bench = Workbench::new();
    score(&bench, "base", &[]);
    let base = report(&bench, "base");
    // Each a little below the one before it in every round: the pairs tell them apart where the intervals overlap.
    copy(&bench, &base, "a", |report| {
        set_rounds(report, "LRS", &[20.0, 30.0, 40.0])
    });
    copy(&bench, &base, "b", |report| {
        set_rounds(report, "LRS", &[19.0, 29.1, 39.0])
    });
    // The same mean difference without a pattern.
    copy(&bench, &base, "c", |report| {
        set_rounds(report, "LRS", &[38.0, 28.0, 18.0])
    });
    // Another seed: there is no pair, the intervals overlap.
    let reseeded = |report: &mut Value| {
        set_rounds(report, "LRS", &[17.0, 27.0, 37.0]);
        report["provenance"]["protocol"]["seed"] = json!(77);
    };
    copy(&bench, &base, "d", reseeded);
    copy(&bench, &base, "e", |report| {
        set_rounds(report, "LRS", &[1.0, 1.1, 1.2])
    });
    copy(&bench, &base, "f", |report| {
        set_rounds(report, "LRS", &[1.0, 1.1, 1.2])
    });

    let runs = ["runs/c", "runs/f", "runs/e", "runs/a", "runs/d", "runs/b"];
    let arguments = [&["rank"][..], &runs].concat();
    let shown = bench.run(&arguments).succeeded().out;
    let marks = |name: &str| {
        let line = line(&shown, name);
        let place = line
            .split_whitespace()
            .next()
            .unwrap()
            .parse::<u32>()
            .unwrap();
        let mark = line.split_whitespace().last().unwrap();
        (place, mark.to_owned())
    };
    assert_eq!(marks("a"), (1, "clear".into()), "{shown}");
    assert_eq!(marks("b"), (2, "tie".into()), "{shown}");
    assert_eq!(marks("c"), (3, "tie".into()), "{shown}");
    assert_eq!(marks("d").0, 4);
    // Equal in every round: one place for both.
    assert_eq!((marks("e").0, marks("f").0), (5, 5), "{shown}");
    assert!(shown.contains("tie: the rounds do not tell"), "{shown}");
}

#[test]
fn runs_that_are_not_comparable_are_ranked_apart_or_warned_about() {
    let bench = Workbench::new();
    score(&bench, "base", &[]);
    let base = report(&bench, "base");
    copy(&bench, &base, "same", |_| {});
    let shown = bench
        .run(&["rank", "runs/base", "runs/same"])
        .succeeded()
        .out;
    assert!(!shown.contains("not comparable"), "{shown}");

    let warned = |name: &str, parts: &[&str]| {
        let run = format!("runs/{name}");
        for more in [&[][..], &["--markdown"]] {
            let arguments = [&["rank", "runs/base", &run][..], more].concat();
            let shown = bench.run(&arguments).succeeded().out;
            let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            for part in [&["not comparable"], parts].concat() {
                assert!(words.contains(part), "{part:?} is not in\n{shown}");
            }
        }
    };
    copy(&bench, &base, "weight", |report| {
        report["weight"] = json!(0.3)
    });
    warned("weight", &["λ differ: 0.3 (weight); 0.5 (base)"]);
    let arguments = ["rank", "runs/base", "runs/weight", "--weight=0.3"];
    let shown = bench.run(&arguments).succeeded().out;
    assert!(!shown.contains("not comparable"), "{shown}");

    copy(&bench, &base, "epochs", |report| {
        report["provenance"]["protocol"]["epochs"] = json!(9);
    });
    warned("epochs", &["epochs differ: 2 (base); 9 (epochs)"]);
    copy(&bench, &base, "test", |report| {
        report["provenance"]["protocol"]["test_images"] = json!("0123456789abcdef");
    });
    warned("test", &["test images differ: ", "0123456789ab (test)"]);
    copy(&bench, &base, "width", |report| {
        report["provenance"]["protocol"]["agent_parameters"] = json!(7)
    });
    warned("width", &["agent parameters differ: ", "7 (width)"]);

    // Another agent model is another leaderboard.
    copy(&bench, &base, "agent", |report| {
        report["agent"]["model"] = json!("ResNet-18")
    });
    let shown = bench
        .run(&["rank", "runs/base", "runs/agent"])
        .succeeded()
        .out;
    assert_eq!(
        shown.matches("LRS: folder, 2 images per class").count(),
        2,
        "{shown}"
    );
    for name in ["base", "agent"] {
        assert_eq!(
            line(&shown, name).split_whitespace().next(),
            Some("1"),
            "{shown}"
        );
    }
}

#[test]
fn names_cannot_break_the_tables() {
    let bench = Workbench::new();
    score(&bench, "base", &[]);
    let base = report(&bench, "base");
    copy(&bench, &base, "odd", |report| {
        report["name"] = json!("a|b\u{1b}[31m*c*")
    });
    copy(&bench, &base, "twin", |report| {
        report["name"] = json!("base")
    });
    let runs = ["rank", "runs/odd", "runs/base", "runs/twin"];
    let shown = bench.run(&runs).succeeded().out;
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert!(
        shown.contains("runs/twin"),
        "namesakes are told apart by their runs:\n{shown}"
    );
    let markdown = bench
        .run(&[&runs[..], &["--markdown"]].concat())
        .succeeded()
        .out;
    assert!(
        markdown.contains("a\\|b") && markdown.contains("\\*c\\*"),
        "{markdown}"
    );
}

#[test]
fn augmentation_scores_and_accuracies_have_their_own_parts() {
    let bench = Workbench::new();
    score(&bench, "base", &[]);
    let base = report(&bench, "base");
    copy(&bench, &base, "ars", |report| {
        report["metric"] = json!("ars");
        for (from, to) in [
            ("HLR", "IOR with augmentation"),
            ("IOR", "IOR without augmentation"),
            ("LRS", "ARS"),
        ] {
            score_of(report, from)["name"] = json!(to);
        }
        set_rounds(report, "IOR with augmentation", &[0.1, 0.2, 0.3]);
        set_rounds(report, "IOR without augmentation", &[0.0, 0.0, 0.0]);
    });
    copy(&bench, &base, "plain", |report| {
        report["metric"] = json!("accuracy");
        report["weight"] = Value::Null;
        report["sweep"] = json!([]);
        let score = score_of(report, "LRS");
        score["name"] = json!("accuracy");
        score["unit"] = json!("accuracy");
        set_rounds(report, "accuracy", &[0.25, 0.5, 0.75]);
    });
    let shown = bench
        .run(&["rank", "runs/ars", "runs/plain"])
        .succeeded()
        .out;
    assert!(
        shown.contains("ARS: folder") && shown.contains("accuracy: folder"),
        "{shown}"
    );
    assert!(line(&shown, "plain").contains("50.00"), "{shown}");
    bench
        .run(&["rank", "runs/ars", "--weight=1", "--csv=t.csv"])
        .succeeded();
    let row = rows(&bench, "t.csv").remove(0);
    let e = std::f64::consts::E;
    let score = |b: f64| 100.0 * (b.exp() - 1.0 / e) / (e - 1.0 / e);
    let expected = (score(0.1) + score(0.2) + score(0.3)) / 3.0;
    assert!((row["score"].parse::<f64>().unwrap() - expected).abs() < 1e-9);
    assert!((row["ior_with_augmentation"].parse::<f64>().unwrap() - 0.2).abs() < 1e-12);
    bench
        .run(&["rank", "runs/plain", "--weight=0.3"])
        .failed(2, &["runs/plain", "accuracy", "no weight"]);
}

#[test]
fn what_is_no_finished_run_is_an_error() {
    let bench = Workbench::new();
    score(&bench, "base", &[]);
    let check = |arguments: &[&str], parts: &[&str]| {
        bench.run(&[&["rank"], arguments].concat()).failed(2, parts);
    };
    check(&[], &["RUN"]);
    check(&["runs/nowhere"], &["runs/nowhere", "no run"]);
    check(&["syn"], &["syn is no run", "report.json"]);
    bench.write("runs/started/trials.jsonl", "");
    check(
        &["runs/base", "runs/started"],
        &["runs/started", "not finished", "ddrank score"],
    );
    bench.write("runs/broken/report.json", "{");
    check(&["runs/broken"], &["runs/broken"]);
    check(&["bench.toml"], &["bench.toml", "not a report"]);
    check(
        &["runs/base", "runs/base/report.json"],
        &["the same run", "once"],
    );
    check(&["runs/base", "--weight=1.5"], &["--weight", "1.5"]);
    check(&["runs/base", "--weight=x"], &["--weight", "from 0 to 1"]);
    let mut report = report(&bench, "base");
    score_of(&mut report, "IOR")["name"] = json!("something else");
    bench.write("runs/parts/report.json", report.to_string());
    check(&["runs/parts", "--weight=0.3"], &["runs/parts", "`IOR`"]);
    // Written, not requested wrongly: another exit code.
    bench
        .run(&["rank", "runs/base", "--csv=nowhere/t.csv"])
        .failed(1, &["nowhere/t.csv"]);
}
