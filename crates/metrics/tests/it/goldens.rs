//! The `metrics` cases of every golden folder in the path list `DDRANK_GOLDENS` (scores there are fractions of 1).

use ddrank_metrics::{
    Accuracy, Gap, Score, Summary, Weight, augmentation_robust_score, hard_label_recovery,
    improvement_over_random, label_robust_score, squash,
};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn accuracies(value: &Value) -> Vec<Accuracy> {
    numbers(value)
        .into_iter()
        .map(|fraction| Accuracy::from_fraction(fraction).unwrap())
        .collect()
}

fn gaps(first: &Value, second: &Value, gap: fn(Accuracy, Accuracy) -> Gap) -> Vec<Gap> {
    let (first, second) = (accuracies(first), accuracies(second));
    assert_eq!(first.len(), second.len());
    first
        .into_iter()
        .zip(second)
        .map(|(first, second)| gap(first, second))
        .collect()
}

struct Case<'a> {
    id: &'a str,
    expected: &'a Value,
    tolerance: f64,
}

impl Case<'_> {
    /// Compares a list and its summary with the golden ones; `scale` is what the golden unit is multiplied by.
    fn compare<N: Into<f64> + Copy>(&self, name: &str, ours: &[N], scale: f64) {
        let golden = numbers(&self.expected[name]);
        assert_eq!(golden.len(), ours.len());
        for (ours, golden) in ours.iter().zip(golden) {
            self.near(name, (*ours).into(), golden * scale, scale);
        }
        let summary = Summary::of_each(ours).unwrap();
        let golden = &self.expected[format!("{name}_summary")];
        self.near(
            name,
            summary.mean,
            golden["mean"].as_f64().unwrap() * scale,
            scale,
        );
        self.near(
            name,
            summary.std,
            golden["std"].as_f64().unwrap() * scale,
            scale,
        );
    }

    fn near(&self, name: &str, ours: f64, golden: f64, scale: f64) {
        assert!(
            (ours - golden).abs() <= self.tolerance * scale,
            "{} {name}: {ours} is not {golden}",
            self.id
        );
    }
}

#[test]
fn scores_and_summaries_are_those_of_the_goldens() {
    let Some(folders) = std::env::var_os("DDRANK_GOLDENS") else {
        return;
    };
    let mut compared = 0;
    for folder in std::env::split_paths(&folders) {
        let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        for case in manifest["cases"].as_array().unwrap() {
            if case["kind"] != "metrics" {
                continue;
            }
            compare(case);
            compared += 1;
        }
    }
    println!("{compared} cases compared");
}

fn compare(golden: &Value) {
    let params = &golden["params"];
    let case = Case {
        id: golden["id"].as_str().unwrap(),
        expected: &golden["expected"],
        tolerance: golden["tolerance"]["atol"].as_f64().unwrap(),
    };
    if let Some(alpha) = params["alpha"].as_f64() {
        let score = squash(Gap::from_fraction(alpha).unwrap()).value();
        case.near(
            "score",
            score,
            case.expected["score"].as_f64().unwrap() * 100.0,
            100.0,
        );
        return;
    }
    assert_eq!(params["unit"], "fraction");
    let weight = Weight::new(params["lambda"].as_f64().unwrap()).unwrap();
    let scores =
        |first: &[Gap], second: &[Gap], score: fn(Gap, Gap, Weight) -> Score| -> Vec<Score> {
            first
                .iter()
                .zip(second)
                .map(|(&first, &second)| score(first, second, weight))
                .collect()
        };
    if params.get("full_data_hard_acc").is_some() {
        let hlr = gaps(
            &params["full_data_hard_acc"],
            &params["syn_hard_acc"],
            hard_label_recovery,
        );
        let ior = gaps(
            &params["syn_acc_own_labels"],
            &params["random_acc"],
            improvement_over_random,
        );
        case.compare("hlr", &hlr, 1.0);
        case.compare("ior", &ior, 1.0);
        case.compare("lrs", &scores(&ior, &hlr, label_robust_score), 100.0);
    } else {
        let with = gaps(
            &params["syn_acc_with_aug"],
            &params["random_acc_with_aug"],
            improvement_over_random,
        );
        let without = gaps(
            &params["syn_acc_without_aug"],
            &params["random_acc_without_aug"],
            improvement_over_random,
        );
        case.compare("with_aug", &with, 1.0);
        case.compare("without_aug", &without, 1.0);
        case.compare(
            "ars",
            &scores(&with, &without, augmentation_robust_score),
            100.0,
        );
    }
}
