//! The recipes say what the published configurations say, their files are those of the library, and the command shows
//! them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::published::{Facts, row::Row};
use crate::workbench::Workbench;
use ddrank_configuration::recipes::{self, MethodRecipe};
use ddrank_configuration::{Configuration, RealArm};
use ddrank_optim::{CosineAnnealing, Optimizer, Schedule, Sgd, Step};

fn parsed(recipe: &MethodRecipe) -> Configuration {
    Configuration::parse(Path::new("recipe.toml"), recipe.toml(), &[])
        .unwrap_or_else(|error| panic!("{}: {error}", recipe.name()))
}

fn methods() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/methods")
}

#[test]
fn the_files_are_those_of_the_library() {
    let mut found = BTreeSet::new();
    for folder in std::fs::read_dir(methods()).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let relative = path.strip_prefix(methods()).unwrap();
            found.insert(
                relative
                    .with_extension("")
                    .to_string_lossy()
                    .replace('\\', "/"),
            );
        }
    }
    let expected: BTreeSet<String> = recipes::all()
        .iter()
        .map(|recipe| recipe.name().to_owned())
        .collect();
    assert_eq!(found, expected);
    for recipe in recipes::all() {
        let path = methods().join(format!("{}.toml", recipe.name()));
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace("\r\n", "\n");
        assert_eq!(
            text,
            recipe.toml(),
            "{} differs: run `cargo run -p ddrank-runner --example write_recipes`",
            path.display()
        );
    }
}

#[test]
fn every_recipe_is_a_configuration_with_nothing_but_paths_to_give() {
    for recipe in recipes::all() {
        let configuration = parsed(recipe);
        assert_eq!(
            configuration.missing_paths(),
            recipe.missing_paths(),
            "{}",
            recipe.name()
        );
        assert_eq!(configuration.name, recipe.name().replace('/', "-"));
        assert_eq!(configuration.metric.name(), recipe.metric());
        assert_eq!(configuration.rounds, 5);
        assert_eq!(i64::from(configuration.training.epochs), recipe.epochs());
        let interval = if recipe.labels() == "hard" { 10 } else { 20 };
        assert_eq!(configuration.training.test_interval, interval);
        assert_eq!(
            configuration.training.learning_rates,
            [0.001, 0.005, 0.01, 0.05, 0.1]
        );
        for line in recipe.toml().lines() {
            assert!(line.len() <= 140, "{}: {line}", recipe.name());
        }
    }
}

/// Table 1 of the paper and its tables of scores say which methods have which sets.
#[test]
fn methods_without_published_files_follow_the_table_of_the_paper() {
    let of = |name: &str| Facts::of(&parsed(recipes::find(name).unwrap()), "");
    for ipc in [1, 10, 50] {
        for dataset in ["cifar10", "cifar100"] {
            let datadam = of(&format!("datadam/{dataset}-ipc{ipc}"));
            assert_eq!(datadam, of(&format!("dm/{dataset}-ipc{ipc}")));
            assert_eq!((datadam.epochs, datadam.batch_size), (1000, 256));
        }
        let edf = of(&format!("edf/tiny-imagenet-ipc{ipc}"));
        assert_eq!(edf, of(&format!("datm/tiny-imagenet-ipc{ipc}")));
        let cda = of(&format!("cda/imagenet1k-ipc{ipc}"));
        assert_eq!(cda, of(&format!("dwa/imagenet1k-ipc{ipc}")));
        assert_eq!((cda.epochs, cda.batch_size), (300, 128));

        let ars = of(&format!("edc/imagenet1k-ipc{ipc}"));
        let lrs = of(&format!("edc/imagenet1k-ipc{ipc}-lrs"));
        assert_eq!(
            (lrs.metric.as_str(), ars.metric.as_str()),
            ("lrs_soft", "ars")
        );
        assert_eq!((lrs.epochs, lrs.batch_size), (300, 100));
        assert_eq!(
            (&lrs.train, &lrs.criterion, &lrs.teachers),
            (&ars.train, &ars.criterion, &ars.teachers)
        );

        let lrs = of(&format!("g-vbsm/imagenet1k-ipc{ipc}-lrs"));
        assert_eq!((lrs.epochs, lrs.batch_size), (300, 1024));
        assert_eq!(lrs.criterion.unwrap().name, "mse_gt");
        assert_eq!(lrs.teachers.len(), 4);
    }
    assert!(recipes::find("datadam/tiny-imagenet-ipc1").is_err());
}

/// Rows of the table of full-data trainings, and what stands for those that it lacks.
#[test]
fn the_real_arm_is_known_or_trained_as_it_should_be() {
    for recipe in recipes::all() {
        let name = recipe.name();
        let configuration = parsed(recipe);
        let agent = configuration.agent.name.to_string();
        match (&configuration.real, name) {
            (_, _) if recipe.metric() == "ars" => {}
            (RealArm::Given(accuracy), _) => {
                assert_eq!(agent, "ResNet-18-BN", "{name}");
                let known = if name.contains("tiny") { 0.464 } else { 0.565 };
                assert_eq!(accuracy.fraction(), known, "{name}");
            }
            (RealArm::Trained(training), _) => {
                assert_eq!(training.batch_size, 512, "{name}");
                let (epochs, schedule, rate) = match (agent.as_str(), name.contains("tiny")) {
                    ("ResNet-18-BN", false) => {
                        (200, Schedule::CosineAnnealing(CosineAnnealing {}), 0.1)
                    }
                    (_, true) => (
                        100,
                        Schedule::Step(Step {
                            step_size: 50,
                            gamma: 0.1,
                        }),
                        0.01,
                    ),
                    (_, false) => (
                        200,
                        Schedule::Step(Step {
                            step_size: 100,
                            gamma: 0.1,
                        }),
                        0.01,
                    ),
                };
                assert_eq!(
                    (training.epochs, training.schedule),
                    (epochs, schedule),
                    "{name}"
                );
                assert_eq!(training.learning_rates, [rate], "{name}");
                assert_eq!(
                    training.optimizer,
                    Optimizer::Sgd(Sgd {
                        momentum: 0.9,
                        weight_decay: 5e-4
                    })
                );
            }
        }
    }
}

/// Every row of the tables in the folders that `DDRANK_REFERENCE` lists: `recipes.csv`, one published file a row.
#[test]
fn recipes_agree_with_the_published_ones_row_by_row() {
    let Some(folders) = std::env::var_os("DDRANK_REFERENCE") else {
        return;
    };
    let mut rows = 0;
    for folder in std::env::split_paths(&folders) {
        let mut table = csv::Reader::from_path(folder.join("recipes.csv")).unwrap();
        let headers = table.headers().unwrap().clone();
        for record in table.records() {
            let record = record.unwrap();
            let row = Row {
                headers: &headers,
                record: &record,
            };
            let expected = Facts::of_row(&row).corrected();
            let recipe = recipes::find(&expected.recipe_name()).unwrap();
            assert_eq!(
                Facts::of(&parsed(recipe), &expected.method),
                expected,
                "{}",
                recipe.name()
            );
            rows += 1;
        }
    }
    assert!(rows >= 90, "{rows} rows");
}

#[test]
fn the_command_lists_and_shows_recipes() {
    let bench = Workbench::new();
    let all = bench.run(&["recipes"]).succeeded();
    assert!(all.out.contains("108 recipes"), "{}", all.out);
    let some = bench.run(&["recipes", "cifar10-ipc10", "sce"]);
    some.failed(2, &["cifar10-ipc10 sce"]);
    let some = bench.run(&["recipes", "DATM", "ipc10"]).succeeded();
    assert_eq!(some.out.matches("datm/").count(), 3, "{}", some.out);
    for part in [
        "lrs",
        "ConvNet-3",
        "stored, sce, 1 teacher",
        "1000",
        "dsa",
        "synthetic.labels",
    ] {
        assert!(some.out.contains(part), "{part} is not in\n{}", some.out);
    }
    let shown = bench
        .run(&["recipes", "--show", "datm/cifar10-ipc10"])
        .succeeded();
    assert_eq!(
        shown.out,
        recipes::find("datm/cifar10-ipc10").unwrap().toml()
    );
    bench
        .run(&["recipes", "--show", "datm/cifar-ipc10"])
        .failed(2, &["did you mean `datm/cifar10-ipc10`"]);
    bench
        .run(&["recipes", "datn/cifar10-ipc10"])
        .failed(2, &["did you mean `datm/cifar10-ipc10`"]);
}

#[test]
fn a_recipe_runs_instead_of_a_file_and_says_what_is_to_give() {
    let bench = Workbench::new();
    let outline = bench
        .run(&["plan", "--recipe", "datm/cifar10-ipc10"])
        .succeeded();
    for part in [
        "syn-any",
        "random-any",
        "dataset.root",
        "labels.teachers.0.weights",
    ] {
        assert!(
            outline.out.contains(part),
            "{part} is not in\n{}",
            outline.out
        );
    }
    bench
        .run(&["score", "--recipe", "dc/cifar10-ipc1"])
        .failed(2, &["dataset.root", "synthetic.images"]);
    bench
        .run(&["score", "--recipe", "dc/cifar10-ipc1", "bench.toml"])
        .failed(2, &["--recipe"]);
    bench.run(&["score"]).failed(2, &["CONFIG"]);
    bench
        .run(&["plan", "--recipe", "dc/cifar10-ipc2"])
        .failed(2, &["did you mean `dc/cifar10-ipc1`"]);
    bench
        .run(&[
            "plan",
            "--recipe",
            "dc/cifar10-ipc1",
            "--set",
            "training.epochs=0",
        ])
        .failed(
            2,
            &["recipe dc/cifar10-ipc1", "`training.epochs`", "at least 1"],
        );
}

/// A recipe on images at hand: paths of `--set` are those of the working directory.
#[test]
fn a_recipe_scores_the_set_that_it_is_given() {
    let bench = Workbench::new();
    let set = |text: &'static str| ["--set", text];
    let mut arguments = vec!["score", "--recipe", "dc/cifar10-ipc1", "--quiet"];
    for pair in [
        set("dataset={ name = \"folder\", root = \"real\" }"),
        set("synthetic.images=syn"),
        set("synthetic.ipc=2"),
        set("agent.model=ConvNet-2"),
        set("agent.width=8"),
        set("training.epochs=4"),
        set("training.learning_rates=[0.01]"),
        set("rounds=1"),
        set("real_training={ epochs = 2, batch_size = 8 }"),
    ] {
        arguments.extend(pair);
    }
    let done = bench.run(&arguments).succeeded();
    assert!(done.out.contains("LRS"), "{}", done.out);
    assert!(bench.join("runs/dc-cifar10-ipc1/report.json").exists());
    let written = bench.read("runs/dc-cifar10-ipc1/configuration.toml");
    assert!(written.contains("epochs = 4"), "{written}");
}
