//! Schedules against PyTorch: the learning rate of every epoch, and after the last one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ddrank_runner::recipe::Schedule;
use serde_json::Value;

/// The `schedule` cases of the manifests in `DDRANK_GOLDENS` and of the project's own golden set.
fn cases() -> Vec<Value> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens");
    let listed = std::env::var("DDRANK_GOLDENS").unwrap_or_default();
    let folders = listed
        .split(':')
        .filter(|folder| !folder.is_empty())
        .chain([own]);
    let manifests = folders.map(|folder| std::fs::read(format!("{folder}/manifest.json")).unwrap());
    manifests
        .flat_map(|bytes| {
            let manifest: Value = serde_json::from_slice(&bytes).unwrap();
            manifest["cases"].as_array().unwrap().clone()
        })
        .filter(|case| case["kind"] == "schedule")
        .collect()
}

fn schedule(params: &Value) -> Schedule {
    match params["scheduler"].as_str().unwrap() {
        "step" => Schedule::Step {
            step_size: params["step_size"].as_u64().unwrap() as u32,
            gamma: params["gamma"].as_f64().unwrap(),
        },
        "cosine" => Schedule::Cosine,
        "cosineannealing" => Schedule::CosineAnnealing,
        other => panic!("schedule {other}"),
    }
}

#[test]
fn schedules_reproduce_pytorch() {
    let cases = cases();
    assert!(
        cases.len() >= 3,
        "the project's own set has a case for each schedule"
    );
    for case in &cases {
        let params = &case["params"];
        let number = |value: &Value| value.as_f64().unwrap();
        let (schedule, rate) = (schedule(params), number(&params["lr"]));
        let epochs = params["num_epochs"].as_u64().unwrap() as u32;
        let tolerance = &case["tolerance"];
        let check = |epoch: u32, expected: f64| {
            let got = rate * schedule.factor(epoch, epochs);
            let allowed = number(&tolerance["atol"]) + number(&tolerance["rtol"]) * expected.abs();
            assert!(
                (got - expected).abs() <= allowed,
                "{} epoch {epoch}: {got} for {expected}",
                case["id"]
            );
        };
        let used = case["expected"]["lr_used_in_epoch"].as_array().unwrap();
        assert_eq!(used.len(), epochs as usize);
        for (epoch, expected) in (0..).zip(used) {
            check(epoch, number(expected));
        }
        check(epochs, number(&case["expected"]["lr_after_last_epoch"]));
    }
}
