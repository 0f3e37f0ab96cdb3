//! What the command says of itself, and how it fits a terminal of 80 columns.

use crate::workbench::Workbench;

const VERBS: [&str; 13] = [
    "score", "plan", "train", "keys", "recipes", "import", "inspect", "augment", "rank", "relabel",
    "report", "devices", "doctor",
];

fn at_80_columns(arguments: &[&str]) -> String {
    let bench = Workbench::new();
    let output = bench
        .command(arguments)
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_opens_with_what_ddrank_is_and_names_every_verb() {
    let help = at_80_columns(&["--help"]);
    assert!(
        help.starts_with("ddrank scores distilled datasets"),
        "{help}"
    );
    for verb in VERBS {
        assert!(help.contains(&format!("\n  {verb} ")), "{verb}: {help}");
    }
}

/// A paragraph that was broken by hand and then again by the terminal has lines of a word or two inside it.
#[test]
fn help_is_wrapped_once() {
    for verb in VERBS {
        let help = at_80_columns(&[verb, "--help"]);
        let lines: Vec<&str> = help.lines().collect();
        // The usage is one line, whatever the terminal.
        let fits = |line: &str| line.starts_with("Usage:") || line.chars().count() <= 80;
        assert!(lines.iter().all(|line| fits(line)), "{verb}: {help}");
        for pair in lines.windows(2) {
            let (line, next) = (pair[0].chars().count(), pair[1]);
            let word = next.split_whitespace().next().unwrap_or("");
            let is_prose = |line: &str| line.starts_with(char::is_alphabetic);
            let fits = line + 1 + word.chars().count() <= 80;
            let ends = pair[0].ends_with(['.', ':', ']']);
            let goes_on = is_prose(pair[0]) && is_prose(next) && !ends;
            assert!(!(goes_on && fits), "{verb}: {pair:?} was broken early");
        }
    }
}

#[test]
fn recipes_fit_80_columns_and_words_stay_whole() {
    for filter in [
        &["recipes"][..],
        &["recipes", "g-vbsm"],
        &["recipes", "edc", "ipc10"],
    ] {
        let text = at_80_columns(filter);
        assert!(
            text.lines()
                .all(|line| line.trim_end().chars().count() <= 80),
            "{text}"
        );
        assert!(text.contains("ResNet-18-BN (torchvision)"), "{text}");
    }
}

/// Both words, not either.
#[test]
fn several_words_narrow_the_recipes() {
    let bench = Workbench::new();
    let count = |words: &[&str]| {
        let mut arguments = vec!["recipes"];
        arguments.extend(words);
        let text = bench.run(&arguments).succeeded().out;
        let line = text
            .lines()
            .find(|line| line.contains("Only the paths"))
            .unwrap()
            .to_owned();
        line.split_whitespace()
            .next()
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let (both, one, other) = (count(&["dsa", "ipc10"]), count(&["dsa"]), count(&["ipc10"]));
    assert!(both < one && both < other, "{both} {one} {other}");
}

#[test]
fn jobs_and_threads_are_explained_and_change_no_result() {
    let help = at_80_columns(&["score", "--help"]);
    assert!(help.contains("--threads <N>"), "{help}");
    let bench = Workbench::new();
    let run = |name: &str, extra: &[&str]| {
        let name = format!("name={name}");
        let mut arguments = vec!["score", "bench.toml", "--quiet", "--set", &name];
        arguments.extend(extra);
        bench.run(&arguments).succeeded();
    };
    run("a", &["--jobs", "1", "--threads", "1"]);
    run("b", &["--jobs", "2", "--threads", "3"]);
    let arms = |run: &str| bench.report(&format!("runs/{run}"))["arms"].clone();
    assert_eq!(arms("a"), arms("b"));
    bench
        .run(&["score", "bench.toml", "--threads", "0"])
        .failed(2, &["--threads", "0"]);
}
