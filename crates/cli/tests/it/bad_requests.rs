//! Whatever is wrong with a request is a sentence and exit code 2, before anything is trained.

use crate::workbench::{CONFIGURATION, Workbench};

/// Runs `score` with one replacement in the configuration.
fn refused(from: &str, to: &str, parts: &[&str]) {
    let bench = Workbench::new();
    bench.configure(from, to);
    bench.run(&["score", "bench.toml"]).failed(2, parts);
    assert!(
        !bench.join("runs/bench/trials.jsonl").exists(),
        "nothing was begun"
    );
}

/// Runs `score` with one `--set`.
fn set_refused(argument: &str, parts: &[&str]) {
    Workbench::new()
        .run(&["score", "bench.toml", "--set", argument])
        .failed(2, parts);
}

#[test]
fn a_missing_configuration_names_the_file() {
    Workbench::new()
        .run(&["score", "none.toml"])
        .failed(2, &["none.toml", "No such file"]);
}

#[test]
fn errors_show_the_line_the_value_and_what_is_allowed() {
    refused(
        "epochs = 12",
        "epochs = 0",
        &[
            "bench.toml:18:10",
            "`training.epochs`",
            "0 is not allowed",
            "at least 1",
            "epochs = 0",
            "^",
        ],
    );
}

#[test]
fn an_unknown_key_lists_the_known_ones() {
    refused(
        "epochs = 12",
        "epoch = 12",
        &["bench.toml:18:1", "unknown field `epoch`", "`epochs`"],
    );
}

#[test]
fn broken_syntax_and_wrong_types_have_a_place() {
    refused(
        "epochs = 12",
        "epochs = ",
        &["bench.toml:18:", "not valid TOML"],
    );
    refused(
        "epochs = 12",
        "epochs = \"twelve\"",
        &[
            "bench.toml:18:10",
            "\"twelve\" is not allowed; expected a whole number",
        ],
    );
}

#[test]
fn names_that_do_not_exist_list_those_that_do() {
    refused(
        "name = \"folder\"",
        "name = \"cifar11\"",
        &["`dataset.name`", "cifar11", "cifar10"],
    );
    refused(
        "ConvNet-2",
        "ConvNet-9",
        &["`agent.model`", "ConvNet-9", "1, 2, 3, 4, 5, 6"],
    );
    refused(
        "ConvNet-2",
        "ResNeXt-50",
        &["`agent.model`", "ResNeXt", "ConvNet"],
    );
    refused(
        "name = \"dsa\"",
        "name = \"cutmax\"",
        &["`augmentation.name`", "cutmax", "dsa"],
    );
    refused(
        "name = \"step\"",
        "name = \"linear\"",
        &["`training.schedule.name`", "linear", "cosine-annealing"],
    );
    refused(
        "rounds = 3",
        "rounds = 3\nmetric = \"fid\"",
        &["`metric`", "fid", "\"lrs\""],
    );
}

#[test]
fn values_out_of_range_say_the_range() {
    refused(
        "learning_rates = [0.01, 0.05]",
        "learning_rates = []",
        &["`training.learning_rates`", "empty"],
    );
    refused(
        "learning_rates = [0.01, 0.05]",
        "learning_rates = [0.01, -1]",
        &["`training.learning_rates`", "-1", "positive"],
    );
    refused(
        "learning_rates = [0.01, 0.05]",
        "learning_rates = [0.01, 0.01]",
        &["0.01", "twice"],
    );
    refused(
        "name = \"dsa\"",
        "name = \"dsa\"\nflip = 1.5",
        &["`augmentation.flip`", "1.5", "from 0 to 1"],
    );
    refused(
        "rounds = 3",
        "rounds = 3\nweight = 1.5",
        &["`weight`", "1.5", "0 to 1"],
    );
    refused(
        "rounds = 3",
        "rounds = 3\nreal_accuracy = 80.0",
        &["`real_training`", "leave one of the two out"],
    );
    set_refused("seed=-1", &["`seed`", "-1", "set with --set"]);
    set_refused(
        "training.optimizer={ name = \"sgd\", momentum = 1.0 }",
        &["`training.optimizer.momentum`", "below 1"],
    );
}

#[test]
fn options_that_would_be_ignored_are_errors() {
    refused(
        "{ name = \"step\", step_size = 8 }",
        "{ name = \"cosine\", step_size = 8 }",
        &["`training.schedule.step_size`", "`cosine`"],
    );
    refused(
        "root = \"real\"",
        "root = \"real\"\nmean = [0.5, 0.5, 0.5]",
        &["`dataset.mean`", "`std`"],
    );
    refused(
        "root = \"real\"",
        "root = \"real\"\nzca = { variant = \"kornia\", strength = 0.1 }",
        &["`dataset.zca`", "strength"],
    );
    refused(
        "ipc = 2",
        "ipc = 2\nlearning_rate = true",
        &["`synthetic.learning_rate`", "true or false"],
    );
    refused(
        "name = \"folder\"\nroot = \"real\"",
        "name = \"demo\"\nroot = \"real\"",
        &["`dataset.root`", "built in"],
    );
}

#[test]
fn a_malformed_override_says_what_is_expected() {
    set_refused("epochs", &["path.to.key=value"]);
    set_refused(
        "training=3",
        &[
            "`training`: 3 is not allowed",
            "a table such as",
            "set with --set",
        ],
    );
    set_refused(
        "augmentation=[dsa, flip]",
        &["--set augmentation=[dsa, flip]", "need quotes"],
    );
    let long = format!("{}x=1", "a.".repeat(20_000));
    set_refused(&long, &["20001 parts", "more than 16"]);
    set_refused("name.x=3", &["`name` is a value"]);
    set_refused("training.epoch=3", &["unknown field `epoch`"]);
}

#[test]
fn what_is_no_configuration_is_told_where_it_belongs() {
    let bench = Workbench::new();
    bench.write("images.pt", b"PK\x03\x04\xff");
    for verb in ["score", "plan"] {
        bench.run(&[verb, "images.pt"]).failed(
            2,
            &["images.pt is not a configuration", "`synthetic.images`"],
        );
        bench.run(&[verb, "syn"]).failed(2, &["it is a folder"]);
    }
    #[cfg(unix)]
    bench
        .run(&["score", "/dev/zero"])
        .failed(2, &["/dev/zero", "no regular file"]);
}

/// Refused before anything is allocated: the memory of this process stays small.
#[test]
fn what_no_machine_holds_is_refused() {
    for (set, part) in [
        ("agent.width=4294967295", "at most 65536"),
        ("agent.width=9223372036854775807", "at most 65536"),
        ("agent.width=65536", "billion weights"),
        ("rounds=4294967295", "at most 10000"),
        ("dataset.size=[4294967295, 4294967295]", "at most 8192"),
    ] {
        set_refused(set, &[part]);
    }
}

#[test]
fn missing_data_names_key_and_path() {
    refused(
        "root = \"real\"",
        "root = \"nowhere\"",
        &["`dataset`", "nowhere", "there is no such folder"],
    );
    refused(
        "root = \"real\"",
        "root = \"bench.toml\"",
        &["`dataset`", "bench.toml", "it is a file"],
    );
    refused(
        "root = \"real\"",
        "root = \"nowhere\"",
        &["`dataset`", "nowhere"],
    );
    refused(
        "images = \"syn\"",
        "images = \"syn.pt\"",
        &["`synthetic`", "syn.pt"],
    );
    refused(
        "root = \"real\"",
        "",
        &["`dataset.root`", "--set dataset.root=PATH"],
    );
    refused(
        "images = \"syn\"",
        "",
        &["`synthetic.images`", "--set synthetic.images=PATH"],
    );
}

#[test]
fn a_distilled_set_of_the_wrong_size_says_what_was_seen_and_expected() {
    refused("ipc = 2", "ipc = 3", &["`synthetic`", "6", "9"]);
    let bench = Workbench::new();
    std::fs::remove_dir_all(bench.join("syn/2")).unwrap();
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["`synthetic`", "2", "3"]);
}

#[test]
fn a_random_selection_needs_enough_images() {
    let bench = Workbench::new();
    bench.draw_images("many", 13);
    bench.write(
        "bench.toml",
        CONFIGURATION
            .replace("images = \"syn\"", "images = \"many\"")
            .replace("ipc = 2", "ipc = 13"),
    );
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["random selection", "12", "13"]);
}

#[test]
fn images_too_small_for_the_depth_are_refused_before_training() {
    refused("ConvNet-2", "ConvNet-4", &["`agent`", "ConvNet-4", "16"]);
}

#[test]
fn a_broken_image_names_the_file() {
    let bench = Workbench::new();
    bench.write("syn/1/00.png", b"\x89PNG\r\n\x1a\nnot really");
    bench
        .run(&["score", "bench.toml"])
        .failed(2, &["`synthetic`", "00.png"]);
}

/// A NumPy file of `f32`, written by hand.
fn npy(shape: &str, values: impl IntoIterator<Item = f32>) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values.into_iter().flat_map(f32::to_le_bytes));
    bytes
}

fn wave(count: usize) -> impl Iterator<Item = f32> {
    (0..count).map(|index| ((index * 37 % 101) as f32 - 50.0) / 40.0)
}

fn tensor_set(images: Vec<u8>, labels: Option<Vec<u8>>) -> Workbench {
    let bench = Workbench::new();
    bench.write("syn.npy", images);
    let mut replacement = "images = \"syn.npy\"".to_owned();
    if let Some(labels) = labels {
        bench.write("labels.npy", labels);
        replacement.push_str("\nlabels = \"labels.npy\"");
    }
    bench.configure("images = \"syn\"", &replacement);
    bench
}

#[test]
fn tensor_files_of_the_wrong_shape_or_with_nan_are_refused() {
    let good = npy("(6, 3, 8, 8)", wave(6 * 192));
    tensor_set(good.clone(), None)
        .run(&["score", "bench.toml"])
        .succeeded();

    let last = npy("(6, 8, 8, 3)", wave(6 * 192));
    tensor_set(last, None)
        .run(&["score", "bench.toml"])
        .failed(2, &["[6, 8, 8, 3]", "channels-last"]);
    let nan = npy(
        "(6, 3, 8, 8)",
        wave(6 * 192).map(|value| if value == 0.0 { f32::NAN } else { value }),
    );
    tensor_set(nan, None)
        .run(&["score", "bench.toml"])
        .failed(2, &["NaN"]);
    let short = npy("(6, 3, 8, 8)", wave(100));
    tensor_set(short, None)
        .run(&["score", "bench.toml"])
        .failed(2, &["syn.npy"]);

    let labels = |values: [f32; 6]| npy("(6,)", values);
    let outside = labels([0.0, 0.0, 1.0, 1.0, 2.0, 7.0]);
    tensor_set(good.clone(), Some(outside))
        .run(&["score", "bench.toml"])
        .failed(2, &["7"]);
    let few = npy("(5,)", [0.0, 0.0, 1.0, 1.0, 2.0]);
    tensor_set(good, Some(few))
        .run(&["score", "bench.toml"])
        .failed(2, &["5", "6"]);
}

#[test]
fn suspicious_values_are_a_warning_in_the_report() {
    let bytes = npy(
        "(6, 3, 8, 8)",
        (0..6 * 192).map(|index| (index % 256) as f32),
    );
    let bench = tensor_set(bytes, None);
    let finished = bench.run(&["score", "bench.toml"]);
    // Such pixels may diverge, which is a failed run; the warning comes first in any case.
    assert!(
        finished
            .err
            .contains("warning: key `synthetic.images`: the images look like raw pixels"),
        "{}",
        finished.err
    );
    assert!(finished.err.contains("255"), "{}", finished.err);
}

#[test]
fn training_that_diverges_everywhere_is_a_failed_run_not_a_low_accuracy() {
    let bench = Workbench::new();
    bench.configure("learning_rates = [0.01, 0.05]", "learning_rates = [1e30]");
    bench
        .run(&["score", "bench.toml"])
        .failed(1, &["syn-hard", "round 1", "diverged"]);
}

#[test]
fn devices_and_jobs_are_checked() {
    let bench = Workbench::new();
    bench
        .run(&["score", "bench.toml", "--device", "cuda:3"])
        .failed(2, &["--device cuda:3", "flex"]);
    bench
        .run(&["score", "bench.toml", "--jobs", "0"])
        .failed(2, &["--jobs", "0"]);
    bench.run(&["frobnicate"]).failed(2, &["frobnicate"]);
}

#[test]
fn a_report_that_is_not_there_or_not_one_is_refused() {
    let bench = Workbench::new();
    bench
        .run(&["report", "runs/none"])
        .failed(2, &["runs/none"]);
    bench.write("runs/bad/report.json", "{\"format_version\": 99}");
    bench
        .run(&["report", "runs/bad"])
        .failed(2, &["report.json", "99"]);
}

#[test]
fn inspect_says_what_is_in_a_file_and_draws_it() {
    let bench = tensor_set(npy("(6, 3, 8, 8)", wave(6 * 192)), None);
    let seen = bench
        .run(&["inspect", "syn.npy", "--grid", "grid.png"])
        .succeeded();
    assert!(
        seen.out.contains("[6, 3, 8, 8]")
            || seen.out.contains("6x3x8x8")
            || seen.out.contains("6 x 3 x 8 x 8"),
        "{}",
        seen.out
    );
    assert!(image::open(bench.join("grid.png")).unwrap().width() > 16);
    let seen = bench
        .run(&["inspect", "syn", "--grid", "folder.png", "--json"])
        .succeeded();
    let json: serde_json::Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(json["images"], 6);
    assert!(bench.join("folder.png").exists());
    bench
        .run(&["inspect", "bench.toml"])
        .failed(2, &["bench.toml"]);
    bench
        .run(&["inspect", "syn.npy", "--key", "x"])
        .failed(2, &["`x`"]);
}

#[test]
fn an_augmentation_that_does_not_fit_the_images_is_refused_before_training() {
    refused(
        "name = \"dsa\"",
        "name = \"center-crop\"\nsize = 6",
        &["`augmentation`", "[3, 6, 6]", "tested on 3x8x8"],
    );
    refused(
        "name = \"dsa\"",
        "name = \"normalize\"\nmean = [0.5]\nstd = [0.5]",
        &["`augmentation`", "channel"],
    );
}
