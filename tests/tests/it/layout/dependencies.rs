//! Which crate may depend on which.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ddrank_tests::layout::Package;

use super::{WORKSPACE, none};

/// A line of the table of crates.
struct Allowed {
    package: &'static str,
    /// Our crates that it may depend on, beside [`LEAF`].
    ours: &'static [&'static str],
    /// Whether it may depend on burn and what is below it.
    burn: bool,
}

const fn allowed(package: &'static str, ours: &'static [&'static str], burn: bool) -> Allowed {
    Allowed {
        package,
        ours,
        burn,
    }
}

const BURN: bool = true;
const NO_BURN: bool = false;

/// What a configuration key is: every crate may say which keys its ingredients have.
const LEAF: &str = "ddrank-keys";

/// The crates in the order of the path of the data, each with all it may depend on.
const TABLE: &[Allowed] = &[
    allowed(LEAF, &[], NO_BURN),
    allowed("ddrank-files", &[], NO_BURN),
    allowed("ddrank-metrics", &[], NO_BURN),
    allowed("ddrank-kernels", &[], BURN),
    allowed("ddrank-data", &["ddrank-files"], BURN),
    // Checkpoints are read from tensor files.
    allowed("ddrank-models", &["ddrank-files", "ddrank-kernels"], BURN),
    allowed("ddrank-optim", &["ddrank-kernels"], BURN),
    allowed("ddrank-augment", &["ddrank-data", "ddrank-kernels"], BURN),
    allowed("ddrank-labels", &["ddrank-kernels", "ddrank-models"], BURN),
    allowed(
        "ddrank-report",
        &["ddrank-files", "ddrank-metrics"],
        NO_BURN,
    ),
    allowed("ddrank-configuration", INGREDIENTS, BURN),
    allowed("ddrank-device", INGREDIENTS_AND_KERNELS, BURN),
    allowed("ddrank-runner", BELOW_RUNNER, BURN),
    allowed("ddrank", ALL, BURN),
];

const INGREDIENTS: &[&str] = &[
    "ddrank-augment",
    "ddrank-data",
    "ddrank-files",
    "ddrank-labels",
    "ddrank-metrics",
    "ddrank-models",
    "ddrank-optim",
];

const INGREDIENTS_AND_KERNELS: &[&str] = &[
    "ddrank-augment",
    "ddrank-data",
    "ddrank-files",
    "ddrank-kernels",
    "ddrank-labels",
    "ddrank-metrics",
    "ddrank-models",
    "ddrank-optim",
];

const BELOW_RUNNER: &[&str] = &[
    "ddrank-augment",
    "ddrank-configuration",
    "ddrank-data",
    "ddrank-device",
    "ddrank-files",
    "ddrank-kernels",
    "ddrank-labels",
    "ddrank-metrics",
    "ddrank-models",
    "ddrank-optim",
    "ddrank-report",
];

const ALL: &[&str] = &[
    "ddrank-augment",
    "ddrank-configuration",
    "ddrank-data",
    "ddrank-device",
    "ddrank-files",
    "ddrank-kernels",
    "ddrank-labels",
    "ddrank-metrics",
    "ddrank-models",
    "ddrank-optim",
    "ddrank-report",
    "ddrank-runner",
];

/// burn itself and the crates that it is made of.
fn is_burn(dependency: &str) -> bool {
    ["burn", "cubecl", "cubek"]
        .iter()
        .any(|prefix| dependency.starts_with(prefix))
}

/// Dependencies that the table does not allow; crates without a line in it are passed over.
fn forbidden<'a>(packages: impl Iterator<Item = &'a Package>) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages {
        let name = package.name.as_str();
        let Some(line) = TABLE.iter().find(|line| line.package == name) else {
            continue;
        };
        for dependency in package.dependencies.iter().map(String::as_str) {
            let is_ours = dependency == "ddrank" || dependency.starts_with("ddrank-");
            let may = dependency == LEAF && name != LEAF || line.ours.contains(&dependency);
            if (is_ours && !may) || (is_burn(dependency) && !line.burn) {
                let manifest = package.folder.join("Cargo.toml");
                offences.push(format!(
                    "{}: {name} depends on {dependency}",
                    manifest.display()
                ));
            }
        }
    }
    offences
}

/// Lines of the table without a crate, and crates without a line.
fn missing<'a>(packages: impl Iterator<Item = &'a Package>) -> Vec<String> {
    let exist: BTreeSet<&str> = packages.map(|package| package.name.as_str()).collect();
    let expected: BTreeSet<&str> = TABLE.iter().map(|line| line.package).collect();
    let absent = expected
        .difference(&exist)
        .map(|name| format!("{name} does not exist"));
    let unknown = exist
        .difference(&expected)
        .map(|name| format!("{name} is not in the table"));
    absent.chain(unknown).collect()
}

#[test]
fn crates_depend_on_what_the_table_allows() {
    none(
        "a crate depends on what the table allows",
        &forbidden(WORKSPACE.crates()),
    );
}

#[test]
fn the_crates_are_those_of_the_table() {
    none(
        "the crates are those of the table",
        &missing(WORKSPACE.crates()),
    );
}

#[test]
fn the_table_has_an_order() {
    for (at, line) in TABLE.iter().enumerate() {
        for ours in line.ours {
            assert!(
                TABLE[..at].iter().any(|above| above.package == *ours),
                "{} is not above {}",
                ours,
                line.package
            );
        }
    }
}

fn package(name: &str, dependencies: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: PathBuf::from("crates").join(name),
        dependencies: dependencies.iter().map(|&name| name.to_owned()).collect(),
        targets: Vec::new(),
    }
}

#[test]
fn a_forbidden_dependency_is_found() {
    let packages = [
        package("ddrank-files", &["burn-core", "zip", "ddrank-keys"]),
        package("ddrank-data", &["ddrank-files", "burn", "ddrank-models"]),
        package("ddrank-keys", &["ddrank-keys"]),
        package("ddrank-optim", &["ddrank"]),
    ];
    let expected = [
        "crates/ddrank-files/Cargo.toml: ddrank-files depends on burn-core",
        "crates/ddrank-data/Cargo.toml: ddrank-data depends on ddrank-models",
        "crates/ddrank-keys/Cargo.toml: ddrank-keys depends on ddrank-keys",
        "crates/ddrank-optim/Cargo.toml: ddrank-optim depends on ddrank",
    ];
    assert_eq!(forbidden(packages.iter()), expected);
}

#[test]
fn a_crate_beside_the_table_is_found() {
    let all: Vec<Package> = TABLE
        .iter()
        .map(|line| package(line.package, &[]))
        .collect();
    assert_eq!(missing(all.iter()), [""; 0]);
    let other = package("ddrank-misc", &[]);
    let packages = all
        .iter()
        .filter(|package| package.name != "ddrank-optim")
        .chain([&other]);
    let expected = [
        "ddrank-optim does not exist",
        "ddrank-misc is not in the table",
    ];
    assert_eq!(missing(packages), expected);
}

#[test]
fn what_only_tests_need_is_no_dependency() {
    let tests = WORKSPACE
        .packages
        .iter()
        .find(|package| package.name == "ddrank-tests")
        .unwrap();
    assert!(tests.dependencies.contains("ddrank-data"));
    assert!(!tests.dependencies.contains("assert_cmd"));
}
