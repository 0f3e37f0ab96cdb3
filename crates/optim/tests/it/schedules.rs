//! Schedules against their closed forms and against PyTorch: the learning rate of every epoch, and after the last one.

use ddrank_optim::{Constant, Cosine, CosineAnnealing, Schedule, Step};
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
        "step" => Schedule::Step(Step {
            step_size: params["step_size"].as_u64().unwrap() as u32,
            gamma: params["gamma"].as_f64().unwrap(),
        }),
        "cosine" => Schedule::Cosine(Cosine {}),
        "cosineannealing" => Schedule::CosineAnnealing(CosineAnnealing {}),
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

#[test]
fn schedules_follow_their_closed_forms() {
    let step = Schedule::Step(Step {
        step_size: 500,
        gamma: 0.1,
    });
    assert_eq!(
        [0, 499, 500, 999].map(|e| step.factor(e, 1000)),
        [1.0, 1.0, 0.1, 0.1]
    );
    // docs/reference.md, section 5, T = 100.
    let close = |got: f64, expected: f64| {
        assert!((got - expected).abs() < 5e-7, "{got} for {expected}");
    };
    for (epoch, expected) in [
        (0, 1.0),
        (25, 0.961_940),
        (50, 0.853_553),
        (75, 0.691_342),
        (99, 0.507_854),
    ] {
        close(Schedule::Cosine(Cosine {}).factor(epoch, 100), expected);
    }
    for (epoch, expected) in [(0, 1.0), (50, 0.5), (99, 0.000_247)] {
        close(
            Schedule::CosineAnnealing(CosineAnnealing {}).factor(epoch, 100),
            expected,
        );
    }
    close(Schedule::Cosine(Cosine {}).factor(100, 100), 0.5);
    close(Schedule::Cosine(Cosine {}).factor(101, 100), 0.0);
    close(Schedule::Constant(Constant {}).factor(70, 100), 1.0);
}
