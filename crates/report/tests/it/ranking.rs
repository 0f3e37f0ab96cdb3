//! Rankings compare the protocols of reports, and reports without one by what their words tell.

use std::path::Path;

use ddrank_report::{
    Glyphs, Protocol, RealAccuracy, Selection, leaderboards, read_json, read_run,
    terminal_leaderboards,
};
use serde_json::{Value, json};

/// A report of the demo as it was written before there were protocols.
const DEMO: &str = include_str!("demo_without_protocol.json");

/// How one run is measured otherwise: in words, and in the type.
struct Change {
    words: fn(&mut Value),
    protocol: fn(&mut Protocol),
    /// What the ranking says of it.
    warning: Option<&'static str>,
    /// What stands between the two lines.
    mark: &'static str,
}

fn setting<'a>(report: &'a mut Value, name: &str) -> &'a mut Value {
    let settings = report["recipe"].as_array_mut().unwrap();
    let setting = settings.iter_mut().find(|entry| entry["name"] == name);
    &mut setting.unwrap()["value"]
}

fn fingerprint<'a>(report: &'a mut Value, of: &str) -> &'a mut Value {
    let all = report["provenance"]["fingerprints"].as_array_mut().unwrap();
    let fingerprint = all.iter_mut().find(|entry| entry["of"] == of);
    &mut fingerprint.unwrap()["value"]
}

fn demo() -> Value {
    serde_json::from_str(DEMO).unwrap()
}

/// The demo named `other`, a little worse in every round: only pairs of rounds tell it from the demo.
fn other() -> Value {
    let mut report = demo();
    report["name"] = json!("other");
    let scores = report["scores"].as_array_mut().unwrap();
    let lrs = scores.iter_mut().find(|score| score["name"] == "LRS");
    let lrs = lrs.unwrap();
    let mut per_round: Vec<f64> = serde_json::from_value(lrs["per_round"].clone()).unwrap();
    for (round, value) in per_round.iter_mut().enumerate() {
        *value -= 0.01 + 0.001 * round as f64;
    }
    lrs["per_round"] = json!(per_round);
    report
}

fn protocol_of(report: &Value, folder: &Path) -> Protocol {
    let path = folder.join("one.json");
    std::fs::write(&path, report.to_string()).unwrap();
    read_json(&path).unwrap().provenance.protocol.unwrap()
}

/// The report as it is written today, with words that no ranking may look at.
fn with_protocol(mut report: Value, protocol: &Protocol) -> Value {
    report["provenance"]["protocol"] = serde_json::to_value(protocol).unwrap();
    report["recipe"] = json!([]);
    report["provenance"]["fingerprints"] = json!([]);
    report
}

/// The leaderboard of two reports, with the breaks of its lines removed.
fn ranking(one: &Value, two: &Value, folder: &Path) -> String {
    let runs = [("one", one), ("two", two)].map(|(name, report)| {
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, report.to_string()).unwrap();
        read_run(&path).unwrap()
    });
    let boards = leaderboards(&runs, None).unwrap();
    let shown = terminal_leaderboards(&boards, 1000, Glyphs::Ascii);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_of_before_gets_the_protocol_that_its_words_tell() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = "12 epochs, batch 100, SGD, momentum 0.9, weight decay 0.0005, rate times 0.1 every 8 epochs; \
                  learning rates 0.01; augmentation none";
    let expected = Protocol {
        seed: Some(0),
        selection: Some(Selection::Best { test_interval: 20 }),
        epochs: Some(100),
        batch_size: Some(100),
        real: RealAccuracy::Trained(recipe.into()),
        test_images: Some(
            "a31c8d8b0ceb38e50bbc8fb84939d905bfc3491f313886a63dfd57fa7103499e".into(),
        ),
        train_images: Some(
            "290a1205f837e6a99edd4f57ab6bf1ee32913ca57554fd0dfe8b69dd7767dbe3".into(),
        ),
        agent_parameters: 24_714,
    };
    assert_eq!(protocol_of(&demo(), folder.path()), expected);
    // A protocol that is there counts, whatever the words say.
    let given = Protocol {
        seed: Some(u64::MAX),
        real: RealAccuracy::None,
        ..expected
    };
    let mut report = demo();
    report["provenance"]["protocol"] = serde_json::to_value(&given).unwrap();
    assert_eq!(protocol_of(&report, folder.path()), given);
}

#[test]
fn reports_with_and_without_a_protocol_are_ranked_alike() {
    let changes = [
        Change {
            words: |_| {},
            protocol: |_| {},
            warning: None,
            mark: "clear",
        },
        // Another seed is no fault, but there are no pairs.
        Change {
            words: |report| *setting(report, "seed") = json!("77"),
            protocol: |protocol| protocol.seed = Some(77),
            warning: None,
            mark: "tie",
        },
        Change {
            words: |report| {
                *setting(report, "accuracy that counts") = json!("after the last epoch")
            },
            protocol: |protocol| protocol.selection = Some(Selection::Last),
            warning: Some(
                "accuracy that counts differ: after the last epoch (other); best on the test set, tested every 20 \
                 epochs and after the last (demo)",
            ),
            mark: "clear",
        },
        Change {
            words: |report| *fingerprint(report, "test images") = json!("0123456789abcdef"),
            protocol: |protocol| protocol.test_images = Some("0123456789abcdef".into()),
            warning: Some("test images differ: 0123456789ab (other); a31c8d8b0ceb (demo)"),
            mark: "tie",
        },
        Change {
            words: |report| *fingerprint(report, "real training images") = json!("ff"),
            protocol: |protocol| protocol.train_images = Some("ff".into()),
            warning: Some("real training images differ: 290a1205f837 (demo); ff (other)"),
            mark: "tie",
        },
        Change {
            words: |report| *setting(report, "real-data accuracy") = json!("5 epochs"),
            protocol: |protocol| protocol.real = RealAccuracy::Trained("5 epochs".into()),
            warning: Some("real-data accuracy differ: 12 epochs, batch 100, SGD"),
            mark: "clear",
        },
        Change {
            words: |report| {
                *setting(report, "real-data accuracy") = json!("80.80 %, given");
                report["arms"][0]["source"] = json!("given");
            },
            protocol: |protocol| protocol.real = RealAccuracy::Given(0.808_f64.try_into().unwrap()),
            warning: Some("80.80 %, given (other)"),
            mark: "clear",
        },
        Change {
            words: |report| report["agent"]["parameters"] = json!(7),
            protocol: |protocol| protocol.agent_parameters = 7,
            warning: Some("agent parameters differ: 24714 (demo); 7 (other)"),
            mark: "clear",
        },
        Change {
            words: |report| {
                for round in report["arms"][1]["rounds"].as_array_mut().unwrap() {
                    round["epochs"] = json!(9);
                }
            },
            protocol: |protocol| protocol.epochs = Some(9),
            warning: Some("epochs differ: 100 (demo); 9 (other)"),
            mark: "clear",
        },
    ];
    let folder = tempfile::tempdir().unwrap();
    let demo_protocol = protocol_of(&demo(), folder.path());
    for change in changes {
        let mut in_words = other();
        (change.words)(&mut in_words);
        let mut protocol = demo_protocol.clone();
        (change.protocol)(&mut protocol);
        let (old, new) = (demo(), with_protocol(demo(), &demo_protocol));
        let in_type = with_protocol(other(), &protocol);

        let shown = ranking(&old, &in_words, folder.path());
        assert_eq!(ranking(&new, &in_type, folder.path()), shown);
        assert_eq!(ranking(&old, &in_type, folder.path()), shown);
        assert!(shown.contains(change.mark), "{shown}");
        assert_eq!(shown.contains("clear"), change.mark == "clear", "{shown}");
        match change.warning {
            None => assert!(!shown.contains("not comparable"), "{shown}"),
            Some(warning) => {
                assert_eq!(shown.matches("not comparable").count(), 1, "{shown}");
                assert!(shown.contains(warning), "{warning:?} is not in {shown}");
            }
        }
    }
}

#[test]
fn what_a_report_does_not_tell_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut silent = other();
    silent["recipe"] = json!([]);
    let shown = ranking(&demo(), &silent, folder.path());
    assert!(shown.contains("accuracy that counts differ: best on the test set, tested every 20 epochs and after the last (demo); not known (other)"), "{shown}");
    assert!(shown.contains("not known (other)"), "{shown}");
    assert!(shown.contains("tie"), "{shown}");
}
