//! Values as people write them, and refusals in their words.

use std::path::Path;

use ddrank_configuration::{Configuration, Override, RealArm};

const FILE: &str = r#"name = "x"
rounds = 2
[dataset]
name = "demo"
[synthetic]
images = "syn.pt"
ipc = 10
[training]
epochs = 10
[augmentation]
name = "flip"
p = 0.25
"#;

fn parsed(text: &str, sets: &[&str]) -> Result<Configuration, String> {
    let overrides: Result<Vec<Override>, _> = sets.iter().map(|set| set.parse()).collect();
    let overrides =
        overrides.map_err(|error: ddrank_configuration::ConfigurationError| error.to_string())?;
    Configuration::parse(Path::new("x.toml"), text, &overrides).map_err(|error| error.to_string())
}

fn refused(set: &str) -> String {
    parsed(FILE, &[set]).unwrap_err()
}

/// A text that looks like a number keeps its spelling, on the command line and in a file.
#[test]
fn numbers_are_texts_where_texts_are_wanted() {
    for written in [
        "0",
        "0.0",
        "0.10",
        "1_000",
        "0x10",
        "+1",
        "1e3",
        "nan",
        "true",
        "2024-01-31",
        "07",
        "a.b",
    ] {
        let set = format!("synthetic.images_key={written}");
        let read = parsed(FILE, &[&set]).unwrap();
        assert_eq!(read.synthetic.images_key.as_deref(), Some(written));
        let set = format!("synthetic.images={written}");
        let read = parsed(FILE, &[&set]).unwrap();
        assert_eq!(read.synthetic.images.as_deref(), Some(Path::new(written)));
    }
    let text = FILE.replace("ipc = 10", "ipc = 10\nimages_key = 0.10");
    let read = parsed(&text, &[]).unwrap();
    assert_eq!(read.synthetic.images_key.as_deref(), Some("0.10"));
    assert_eq!(parsed(FILE, &["name=2024"]).unwrap().name, "2024");
    let error = refused("synthetic.images_key=[0]");
    assert!(
        error.contains("[0] is not allowed; expected a text"),
        "{error}"
    );
}

/// A name alone stands for a table with it, also where the file has a table.
#[test]
fn a_name_alone_replaces_a_table() {
    let short = parsed(FILE, &["augmentation=dsa"]).unwrap();
    let long = parsed(FILE, &["augmentation={ name = \"dsa\" }"]).unwrap();
    assert_eq!(short.training.augmentation, long.training.augmentation);
    assert!(short.training.augmentation.to_string().contains("DSA"));
    let short = parsed(FILE, &["training.optimizer=adam"]).unwrap();
    let long = parsed(FILE, &["training.optimizer={ name = \"adam\" }"]).unwrap();
    assert_eq!(short.training.optimizer, long.training.optimizer);
}

/// No line is shown that is not in the file, whatever `--set` added above it.
#[test]
fn what_was_set_has_no_line() {
    for (set, part) in [
        (
            "training.epochs=x",
            "key `training.epochs`: \"x\" is not allowed",
        ),
        ("agent.width=0", "key `agent.width`: 0 is not allowed"),
        ("trainin.epochs=3", "did you mean `training`?"),
        ("agent.wdith=3", "did you mean `width`?"),
        ("labels.mode=multiple", "needs `teachers`"),
        (
            "dataset=demo",
            "expected a table such as `{ name = \"demo\" }`",
        ),
    ] {
        let error = refused(set);
        assert!(error.starts_with("x.toml: key"), "{error}");
        assert!(error.contains(part), "{part} is not in {error}");
        assert!(error.ends_with("(set with --set)"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    // A key of the file keeps its own line, and the line is the file's.
    let text = FILE.replace("epochs = 10", "epochs = 0");
    let sets = ["synthetic.images_key=0", "agent.width=8", "seed=1"];
    let error = parsed(&text, &sets).unwrap_err();
    assert!(
        error.starts_with("x.toml:9:10: key `training.epochs`"),
        "{error}"
    );
    assert!(error.contains("\n 9 | epochs = 0\n"), "{error}");
}

#[test]
fn values_are_told_with_what_was_probably_meant() {
    for (set, part) in [
        ("agent.model=ConvNet3", "did you mean \"ConvNet-3\"?"),
        ("agent.model=Resnet18", "did you mean \"resnet18\"?"),
        (
            "agent.model=[1]",
            "expected a model's name such as \"ConvNet-3\"",
        ),
        ("agent.source=torchvison", "did you mean \"torchvision\"?"),
        (
            "agent.source=1",
            "1 is not a source; allowed: \"ddranking\", \"torchvision\"",
        ),
        ("agent.activation=rellu", "did you mean \"relu\"?"),
        (
            "agent.pooling=[1]",
            "allowed: \"average\", \"max\", \"none\"",
        ),
        ("dataset.name=cifar-10", "did you mean \"cifar10\"?"),
        ("dataset.transform=3", "a list of steps such as"),
        ("dataset.transform=[3]", "a step such as"),
        (
            "dataset.transform=[{ name = \"resiz\", size = 3 }]",
            "did you mean \"resize\"?",
        ),
        (
            "dataset.transform=[{ name = \"resize\", size = 0.3 }]",
            "0.3 is not allowed",
        ),
        (
            "dataset.transform=[{ name = \"resize\" }]",
            "missing key `size`",
        ),
        ("training.optimizer=3", "a table such as { name = \"sgd\" }"),
        ("training.learning_rates=0.1", "such as `[0.01, 0.1]`"),
        (
            "real_training.preset=CIFAR10-ConvNet3",
            "did you mean \"CIFAR10-ConvNet-3\"?",
        ),
        ("augmentation=3", "a name such as \"flip\""),
        ("augmentation=[dsa]", "need quotes"),
    ] {
        let error = refused(set);
        assert!(error.contains(part), "{set}: {part} is not in {error}");
        for jargon in [
            "invalid type",
            "unit variant",
            "sequence",
            "expected string",
            "map",
        ] {
            assert!(!error.contains(jargon), "{set}: {error}");
        }
    }
    assert!(parsed(FILE, &["agent.activation=leakyrelu"]).is_ok());
    let error = parsed("name = demo", &[]).unwrap_err();
    assert!(error.contains("a text needs quotes, \"demo\""), "{error}");
    let error = parsed("name = ten", &[]).unwrap_err();
    assert!(error.contains("a text needs quotes, \"ten\""), "{error}");
}

/// Sizes that no machine holds are refused by their bound.
#[test]
fn sizes_have_bounds() {
    for key in [
        "rounds",
        "agent.width",
        "training.epochs",
        "training.batch_size",
        "training.test_interval",
        "synthetic.ipc",
        "real_training.epochs",
    ] {
        for value in ["4294967295", "9223372036854775807", "-1", "0"] {
            let error = refused(&format!("{key}={value}"));
            let part = format!(
                "key `{key}`: {value} is not allowed; expected a whole number of at least 1 and at most"
            );
            assert!(error.contains(&part), "{error}");
        }
    }
    let error = refused("dataset.size=[8192, 8193]");
    assert!(error.contains("at most 8192"), "{error}");
    let rates: Vec<String> = (1..30_000).map(|rate| format!("{rate}e-9")).collect();
    let error = refused(&format!("training.learning_rates=[{}]", rates.join(",")));
    assert!(
        error.contains("at most 256") && error.len() < 500,
        "{error}"
    );
    let rates: Vec<String> = (1..257).map(|rate| format!("{rate}e-9")).collect();
    let many = format!("training.learning_rates=[{}]", rates.join(","));
    assert!(parsed(FILE, &[&many]).is_ok());
    let error = parsed(FILE, &[&many, "rounds=1000"]).unwrap_err();
    assert!(error.contains("trainings; at most 50000"), "{error}");
    let error = refused(&format!("{}x=1", "a.".repeat(20_000)));
    assert!(
        error.contains("20001 parts") && error.len() < 500,
        "{error}"
    );
    let sets = vec!["{ name = \"a\" }"; 101].join(",");
    assert!(refused(&format!("compare=[{sets}]")).contains("at most 100"));
}

/// The command line is about one run: an accuracy given there wins over the file's training, and the report says so.
#[test]
fn an_accuracy_of_the_command_line_wins() {
    let text = format!("{FILE}[real_training]\nepochs = 5\n");
    let read = parsed(&text, &["real_accuracy=0.8"]).unwrap();
    assert!(matches!(read.real, RealArm::Given(accuracy) if accuracy.fraction() == 0.8));
    let notice = "key `real_training` is not used: the accuracy is given on the command line";
    assert!(
        read.notices.iter().any(|said| said.starts_with(notice)),
        "{:?}",
        read.notices
    );
    // Both in one place say two things at once.
    let both = text.replace("rounds = 2", "rounds = 2\nreal_accuracy = 0.8");
    assert!(
        parsed(&both, &[])
            .unwrap_err()
            .contains("leave one of the two out")
    );
    let set = ["real_accuracy=0.8", "real_training.epochs=3"];
    assert!(parsed(FILE, &set).is_err());
    let wrong = text.replace("epochs = 5", "epochs = 0");
    assert!(parsed(&wrong, &["real_accuracy=0.8"]).is_err());
}

/// What makes a score say less than it seems to is said.
#[test]
fn a_quick_look_says_that_it_is_one() {
    let read = parsed(FILE, &["rounds=1", "real_accuracy=0.8"]).unwrap();
    for part in ["is given (80.00 %)", "one round has no interval"] {
        assert!(
            read.notices.iter().any(|said| said.contains(part)),
            "{:?}",
            read.notices
        );
    }
    assert!(parsed(FILE, &[]).unwrap().notices.is_empty());
}

/// A file that is something else is told where it belongs.
#[test]
fn other_files_are_no_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Configuration::read(&path, &[]).unwrap_err().to_string()
    };
    for (name, bytes, part) in [
        (
            "images.pt",
            &b"PK\x03\x04\xff\xff"[..],
            "`synthetic.images`",
        ),
        ("images", b"\x93NUMPY\x01\x00", "`synthetic.images`"),
        ("dc.yaml", b"dataset: CIFAR10\nipc: 10\n", "ddrank import"),
        ("latin.toml", b"name = \"\xe9\"", "UTF-8"),
    ] {
        let error = read(name, bytes);
        assert!(error.contains("is not a configuration"), "{error}");
        assert!(error.contains(part), "{error}");
    }
    // A configuration is one, whatever it is called.
    let error = read("x.yaml", b"name = \"x\"\n");
    assert!(error.contains("missing key"), "{error}");
    let error = Configuration::read(folder.path(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("it is a folder"), "{error}");
    let large = read("large.toml", &vec![b'#'; (256 << 10) + 1]);
    assert!(large.contains("cannot read"), "{large}");
}
