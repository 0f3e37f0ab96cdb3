//! Devices on the command line: what is listed, what is refused, several in one run, and the doctor.
#![cfg(feature = "flex")]

use crate::workbench::Workbench;

#[test]
fn devices_are_listed_with_what_they_are() {
    let listed = Workbench::new().run(&["devices"]);
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    let flex = listed
        .out
        .lines()
        .find(|line| line.trim().starts_with("flex"));
    assert!(flex.unwrap().contains("f32"), "{}", listed.out);
}

#[test]
fn a_wrong_device_is_a_sentence_that_says_what_there_is() {
    let bench = Workbench::new();
    for (device, parts) in [
        ("flex:1", ["`--device flex:1`", "this machine has flex"]),
        ("flex,flex", ["`--device flex,flex`", "named twice"]),
        ("flex:x", ["`--device flex:x`", "is not the number"]),
        ("abacus", ["no such backend", "flex"]),
    ] {
        bench
            .run(&["score", "bench.toml", "--device", device])
            .failed(2, &parts);
        bench.run(&["doctor", "--device", device]).failed(2, &parts);
    }
    assert!(!bench.join("runs").exists());
}

#[test]
fn the_doctor_finds_flex_healthy() {
    let examined = Workbench::new().run(&["doctor", "--device", "flex", "--short"]);
    assert_eq!(examined.code, Some(0), "{}", examined.err);
    for part in ["conv 3x3", "gradient", "agrees", "DSA rotate"] {
        assert!(examined.out.contains(part), "{part}: {}", examined.out);
    }
    // The second column says what is checked; `batch norm, training` is an operator.
    let checks = examined.out.lines().filter_map(|line| {
        let mut cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        cells.nth(1)
    });
    assert!(
        checks.into_iter().all(|check| check != "training"),
        "{}",
        examined.out
    );
}

/// Two CPU backends stand for two devices.
#[cfg(feature = "ndarray")]
mod two_backends {
    use super::*;
    use std::collections::BTreeMap;

    /// Runs the experiment and gives the device and the last accuracy of each trial.
    fn trials(bench: &Workbench, device: &str) -> BTreeMap<String, (String, f64)> {
        let finished = crate::workbench::Finished::from(
            bench
                .command(&["score", "bench.toml", "--device", device, "--runs", device])
                .env("DDRANK_CACHE_DIR", bench.join("cache"))
                .output()
                .unwrap(),
        );
        assert_eq!(finished.code, Some(0), "{}", finished.err);
        let lines = bench.read(&format!("{device}/bench/trials.jsonl"));
        lines
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|trial| trial["curve"].is_array())
            .map(|trial| {
                let last = trial["curve"].as_array().unwrap().last().unwrap();
                let device = trial["device"].as_str().unwrap().to_owned();
                let accuracy = last["accuracy"].as_f64().unwrap();
                (
                    trial["key"].as_str().unwrap().to_owned(),
                    (device, accuracy),
                )
            })
            .collect()
    }

    #[test]
    fn one_run_uses_both_records_which_and_agrees_with_each_alone() {
        let bench = Workbench::new();
        let flex = trials(&bench, "flex");
        let both = trials(&bench, "flex,ndarray");
        assert!(flex.values().all(|(device, _)| device == "flex"));
        for name in ["flex", "ndarray"] {
            assert!(both.values().any(|(device, _)| device == name), "{both:?}");
        }
        let keys = |trials: &BTreeMap<String, _>| trials.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&flex), keys(&both), "the same trials");
        // 30 test images: two of them may fall to the other side by rounding.
        for (key, (device, accuracy)) in &both {
            let difference = (accuracy - flex[key].1).abs();
            assert!(difference < 2.5 / 30.0, "{key} on {device}: {accuracy}");
        }
    }

    #[test]
    fn a_device_is_checked_once_before_a_run() {
        let bench = Workbench::new();
        let run = |runs: &str| {
            let output = bench
                .command(&["score", "bench.toml", "--device", "ndarray", "--runs", runs])
                .args(["--set", "rounds=1", "--set", "training.epochs=1"])
                .env("DDRANK_CACHE_DIR", bench.join("cache"))
                .output()
                .unwrap();
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(run("first").contains("checking the arithmetic of ndarray"));
        assert!(!run("second").contains("checking"));
    }
}
