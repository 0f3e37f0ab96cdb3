//! Pictures of several sizes, transforms to one size, and sets that are read batch by batch.

use crate::workbench::{CLASSES, CONFIGURATION, Finished, Workbench};
use image::{Rgb, RgbImage};
use serde_json::Value;

/// Pictures of 9 to 20 pixels a side, a tone for each class.
fn draw_several_sizes(bench: &Workbench, folder: &str, count: u32) {
    for class in 0..CLASSES as u32 {
        for index in 0..count {
            let (width, height) = (
                9 + (5 * index + class) % 12,
                9 + (7 * index + 2 * class) % 12,
            );
            let image = RgbImage::from_fn(width, height, |x, y| {
                let noise = (x * 37 + y * 101 + index * 17) % 90;
                let tone =
                    |channel: u32| (60 + noise + if channel == class { 80 } else { 0 }) as u8;
                Rgb([tone(0), tone(1), tone(2)])
            });
            let path = bench.join(&format!("{folder}/{class}/{index:02}.png"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            image.save(path).unwrap();
        }
    }
}

const CROP: &str =
    "augmentation=[{ name = \"resize-crop\", size = 8, scale = [0.5, 1.0] }, { name = \"flip\" }]";

/// A bench whose real and distilled pictures have several sizes.
fn bench() -> Workbench {
    let bench = Workbench::new();
    std::fs::remove_dir_all(bench.join("real")).unwrap();
    std::fs::remove_dir_all(bench.join("syn")).unwrap();
    draw_several_sizes(&bench, "real/train", 12);
    draw_several_sizes(&bench, "real/test", 10);
    draw_several_sizes(&bench, "syn", 2);
    let text = CONFIGURATION.replacen("root = \"real\"", "root = \"real\"\nsize = [8, 8]", 1);
    bench.write("bench.toml", text);
    bench
}

fn score(bench: &Workbench, name: &str, settings: &[&str], bytes: Option<&str>) -> Value {
    let name = format!("name={name}");
    let mut arguments = vec!["score", "bench.toml", "--set", "rounds=1", "--set", &name];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    let mut command = bench.command(&arguments);
    if let Some(bytes) = bytes {
        command.env("DDRANK_SET_BYTES", bytes);
    }
    Finished::from(command.output().unwrap()).succeeded();
    bench.report(&format!("runs/{}", &name[5..]))
}

/// Without what names the run and its trials.
fn arms(report: &Value) -> Value {
    let mut arms = report["arms"].clone();
    for arm in arms.as_array_mut().unwrap() {
        for round in arm["rounds"].as_array_mut().unwrap() {
            round.as_object_mut().unwrap().remove("training_key");
        }
    }
    arms
}

#[test]
fn pictures_of_several_sizes_are_brought_to_one() {
    let bench = bench();
    let plain = score(&bench, "plain", &["augmentation={ name = \"flip\" }"], None);
    let warnings = plain["warnings"].to_string();
    assert!(warnings.contains("pictures of other sizes"), "{warnings}");
    // Another way to the same size gives other pixels, and so other trials.
    let transform =
        "dataset.transform=[{ name = \"resize\", size = 9 }, { name = \"center-crop\", size = 8 }]";
    let cropped = score(
        &bench,
        "cropped",
        &["augmentation={ name = \"flip\" }", transform],
        None,
    );
    for arm in 0..3 {
        let key = |report: &Value| report["arms"][arm]["rounds"][0]["training_key"].clone();
        assert_ne!(key(&plain), key(&cropped));
    }
    let wrong = "dataset.transform=[{ name = \"center-crop\", size = 7 }]";
    bench
        .run(&["score", "bench.toml", "--set", wrong])
        .failed(2, &["dataset", "size", "8x8", "7x7"]);
}

/// Sets that do not fit into memory end where those that do end: they are only read in another way.
#[test]
fn reading_batch_by_batch_changes_no_number() {
    let bench = bench();
    for (name, augmentation) in [("dsa", "augmentation={ name = \"dsa\" }"), ("crop", CROP)] {
        let resident = score(&bench, &format!("{name}-resident"), &[augmentation], None);
        let streamed = score(
            &bench,
            &format!("{name}-streamed"),
            &[augmentation],
            Some("500"),
        );
        assert_eq!(arms(&resident), arms(&streamed), "{name}");
        // They really differ in how pictures are read: a set of files is told apart by names, not by content.
        let of_test = |report: &Value| report["provenance"]["fingerprints"][1]["value"].clone();
        assert_ne!(of_test(&resident), of_test(&streamed), "{name}");
    }
}

#[test]
fn an_augmentation_that_leaves_several_sizes_gets_prepared_images() {
    let bench = bench();
    // `patch-shuffle` keeps sizes, so images are brought to size first; with a resize behind it they are not.
    let shuffled = "augmentation={ name = \"patch-shuffle\", factor = 2 }";
    score(&bench, "shuffled", &[shuffled], None);
    let resized = "augmentation=[{ name = \"patch-shuffle\", factor = 2 }, { name = \"resize-crop\", size = 8 }]";
    score(&bench, "resized", &[resized], None);
    let other = "augmentation={ name = \"resize-crop\", size = 7 }";
    bench
        .run(&["score", "bench.toml", "--set", other])
        .failed(2, &["augmentation", "[3, 7, 7]", "tested on"]);
}

/// Pictures that break while they are read are an error that names the file, before anything is trained.
#[test]
fn broken_pictures_are_named() {
    let bench = bench();
    bench.write("real/train/1/03.png", b"not a picture");
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["dataset", "03.png"]);
    let bench = self::bench();
    bench.write("syn/1/01.png", b"");
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["synthetic", "01.png"]);
}

/// The loss of a batch of mixed images is that of both labels, weighted: over many batches labels that are mixed give
/// a larger loss than a network can reach that only has to know the first.
#[test]
fn labels_are_mixed_where_images_are() {
    let bench = Workbench::new();
    let cutmix = "augmentation={ name = \"mixup\", alpha = 1.0 }";
    let mixed = score(&bench, "mixed", &[cutmix], None);
    let unmixed = score(&bench, "unmixed", &[cutmix, "labels.mix=false"], None);
    let losses = |run: &str, report: &Value| -> Vec<f64> {
        let key = report["arms"][1]["rounds"][0]["training_key"]
            .as_str()
            .unwrap();
        let trials = bench.read(&format!("runs/{run}/trials.jsonl"));
        let trial = trials.lines().find(|line| line.contains(key)).unwrap();
        let trial: Value = serde_json::from_str(trial).unwrap();
        let curve = trial["curve"].as_array().unwrap().iter();
        curve.map(|point| point["loss"].as_f64().unwrap()).collect()
    };
    assert_ne!(losses("mixed", &mixed), losses("unmixed", &unmixed));
    // The real arm is not augmented: the same trial.
    let key = |report: &Value| report["arms"][0]["rounds"][0]["training_key"].clone();
    assert_eq!(key(&mixed), key(&unmixed));
    // Nothing mixes: the option means nothing, and the trials are the same.
    let flip = "augmentation={ name = \"flip\" }";
    let one = score(&bench, "one", &[flip], None);
    let other = score(&bench, "other", &[flip, "labels.mix=false"], None);
    assert_eq!(one["arms"], other["arms"]);
    let twice = "augmentation=[{ name = \"mixup\" }, { name = \"cutmix\" }]";
    bench
        .run(&["score", "bench.toml", "--set", twice])
        .failed(2, &["augmentation", "more than once"]);
}
