//! Every option changes something, and nothing that it is not about.

use std::collections::BTreeMap;

use crate::workbench::Workbench;

/// The keys of all trials, by arm, of the plan with these further arguments.
fn keys(bench: &Workbench, settings: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut arguments = vec!["plan", "bench.toml", "--no-estimate"];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    let out = bench.run(&arguments).succeeded().out;
    let mut keys = BTreeMap::<String, Vec<String>>::new();
    for line in out.lines().skip(1) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if let [arm, .., key] = cells.as_slice()
            && key.len() == 12
        {
            keys.entry((*arm).to_owned())
                .or_default()
                .push((*key).to_owned());
        }
    }
    keys
}

const ALL: &[&str] = &["random-hard", "real-hard", "syn-hard"];
const SMALL: &[&str] = &["random-hard", "syn-hard"];
const REAL: &[&str] = &["real-hard"];

/// `(settings, arms whose trials change)`; optimizers and augmentations have files of their own.
const CASES: &[(&[&str], &[&str])] = &[
    (&["seed=1"], ALL),
    (&["rounds=2"], ALL),
    (
        &[
            "dataset.mean=[0.5, 0.5, 0.5]",
            "dataset.std=[0.2, 0.2, 0.2]",
        ],
        ALL,
    ),
    (&["dataset.zca=kornia"], ALL),
    (&["dataset.zca={ variant = \"kornia\", eps = 0.2 }"], ALL),
    (
        &["dataset.zca={ variant = \"relative\", strength = 0.2 }"],
        ALL,
    ),
    (&["dataset.train_limit=30"], &["random-hard", "real-hard"]),
    (&["dataset.test_limit=20"], ALL),
    (&["synthetic.images=other"], &["syn-hard"]),
    (&["synthetic.labels=labels.npy"], &["syn-hard"]),
    (&["synthetic.learning_rate=0.03"], &["syn-hard"]),
    (&["synthetic.images=three", "synthetic.ipc=3"], SMALL),
    (&["agent.model=ConvNet-1"], ALL),
    (&["agent.model=ConvNet-2-BN"], ALL),
    (&["agent.width=16"], ALL),
    (&["agent.activation=sigmoid"], ALL),
    (&["agent.pooling=max"], ALL),
    (&["training.epochs=13"], SMALL),
    (&["training.batch_size=5"], SMALL),
    (&["training.optimizer={ name = \"adamw\" }"], SMALL),
    (
        &["training.schedule={ name = \"step\", step_size = 7 }"],
        SMALL,
    ),
    (
        &["training.schedule={ name = \"step\", step_size = 8, gamma = 0.5 }"],
        SMALL,
    ),
    (&["training.schedule={ name = \"cosine\" }"], SMALL),
    (
        &["training.schedule={ name = \"cosine-annealing\" }"],
        SMALL,
    ),
    (&["training.schedule={ name = \"constant\" }"], SMALL),
    (&["training.learning_rates=[0.01]"], SMALL),
    (&["training.test_interval=4"], SMALL),
    (&["augmentation={ name = \"flip\" }"], SMALL),
    (&["real_training.epochs=4"], REAL),
    (&["real_training.batch_size=9"], REAL),
    (&["real_training.preset=ImageNet1K-ResNet-18-BN"], REAL),
    (&["real_training.optimizer={ name = \"adam\" }"], REAL),
    (&["real_training.schedule={ name = \"constant\" }"], REAL),
    (&["real_training.learning_rates=[0.03]"], REAL),
    (&["real_training.test_interval=2"], REAL),
    (&["real_training.augmentation={ name = \"flip\" }"], REAL),
];

#[test]
fn every_option_changes_the_trials_it_is_about() {
    let bench = Workbench::new();
    bench.draw_images("other", 2);
    bench.draw_images("three", 3);
    let labels =
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<i8', 'fortran_order': False, 'shape': (6,), }";
    let mut file = labels.to_vec();
    file.resize(127, b' ');
    file.push(b'\n');
    for label in [0_i64, 0, 1, 2, 2, 1] {
        file.extend(label.to_le_bytes());
    }
    bench.write("labels.npy", file);
    // The preset of the full-data arm is overridden by the bench's own keys.
    let text = crate::workbench::CONFIGURATION;
    let text = &text[..text.find("[real_training]").unwrap()];
    bench.write(
        "bench.toml",
        format!("{text}\n[real_training]\nepochs = 3\ntest_interval = 10\n"),
    );
    let before = keys(&bench, &[]);
    assert_eq!(before.keys().collect::<Vec<_>>(), ALL);
    for (settings, expected) in CASES {
        let after = keys(&bench, settings);
        let changed: Vec<&str> = before
            .keys()
            .filter(|arm| after.get(*arm) != before.get(*arm))
            .map(String::as_str)
            .collect();
        assert_eq!(changed, *expected, "{settings:?}");
    }
}

/// What changes no trial changes the report.
#[test]
fn options_of_the_report_change_the_report() {
    let bench = Workbench::new();
    let report = |settings: &[&str]| {
        let mut arguments = vec!["score", "bench.toml"];
        for setting in settings {
            arguments.extend(["--set", setting]);
        }
        bench.run(&arguments).succeeded();
        bench.report("runs/bench")
    };
    let before = report(&[]);
    let weighted = report(&["weight=0.9"]);
    assert_eq!(weighted["arms"], before["arms"]);
    assert_ne!(weighted["scores"], before["scores"]);
    let last = report(&["training.selection=last"]);
    assert_ne!(last["arms"], before["arms"]);
    let noise = report(&["baselines=[\"noise\"]"]);
    assert_eq!(noise["arms"].as_array().unwrap().len(), 4);
    bench
        .run(&["score", "bench.toml", "--set", "name=renamed"])
        .succeeded();
    assert!(bench.join("runs/renamed/report.json").exists());
}
