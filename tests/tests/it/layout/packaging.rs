//! What every crate has: a README, and at most one binary of integration tests.

use std::path::{Path, PathBuf};

use ddrank_tests::layout::{Package, Target};

use super::{WORKSPACE, none};

/// Packages without a README in their folder.
fn without_readme(root: &Path, packages: &[Package]) -> Vec<String> {
    let readmes = packages
        .iter()
        .map(|package| package.folder.join("README.md"));
    let absent = readmes.filter(|readme| !root.join(readme).is_file());
    absent
        .map(|readme| format!("{} does not exist", readme.display()))
        .collect()
}

/// Packages with several binaries of integration tests. A crate whose tests all stand beside the code needs none.
fn test_binaries(packages: &[Package]) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages {
        let sources: Vec<String> = package
            .targets_of("test")
            .map(|target| target.source.display().to_string())
            .collect();
        if sources.len() > 1 {
            offences.push(format!("{}: {} {sources:?}", package.name, sources.len()));
        }
    }
    offences
}

#[test]
fn every_crate_has_a_readme() {
    none(
        "every crate has a README.md",
        &without_readme(&WORKSPACE.root, &WORKSPACE.packages),
    );
}

#[test]
fn no_crate_has_two_test_binaries() {
    none(
        "no crate has two binaries of integration tests",
        &test_binaries(&WORKSPACE.packages),
    );
}

fn package(folder: &str, tests: &[&str]) -> Package {
    let target = |kind: &str, source: &str| Target {
        name: source.to_owned(),
        kinds: vec![kind.to_owned()],
        source: PathBuf::from(source),
    };
    let mut targets: Vec<Target> = tests.iter().map(|source| target("test", source)).collect();
    targets.push(target("lib", "src/lib.rs"));
    Package {
        name: folder.to_owned(),
        folder: PathBuf::from(folder),
        dependencies: Default::default(),
        targets,
    }
}

#[test]
fn several_test_binaries_are_found() {
    let packages = [
        package("crates/one", &["it"]),
        package("crates/two", &["it", "that"]),
        package("crates/none", &[]),
        package("benches", &[]),
    ];
    let expected = ["crates/two: 2 [\"it\", \"that\"]"];
    assert_eq!(test_binaries(&packages), expected);
}

#[test]
fn a_missing_readme_is_found() {
    let packages = [package("tests", &[]), package("tests/goldens/zoo", &[])];
    let expected = ["tests/goldens/zoo/README.md does not exist"];
    assert_eq!(without_readme(&WORKSPACE.root, &packages), expected);
}
