//! Imports run down the folders and never in a circle.

use ddrank_tests::layout::Picture;

use super::{PICTURE, none};

/// Circles that may stay although no types contain each other: a file of the circle, and why.
const EXCUSED: &[(&str, &str)] = &[];

/// Imports of items that the file of a module around the importing one defines.
fn upward(picture: &Picture) -> Vec<String> {
    let packages = picture.0.iter();
    packages
        .flat_map(|package| package.upward().map(ToString::to_string))
        .collect()
}

/// Circles that are neither recursion of types nor excused.
fn circles(picture: &Picture, excused: &[(&str, &str)]) -> Vec<String> {
    let all = picture.0.iter().flat_map(|package| &package.circles);
    let open = all.filter(|circle| {
        let is_excused = excused
            .iter()
            .any(|(file, _)| circle.files.iter().any(|of| of.ends_with(file)));
        !circle.recursion && !is_excused
    });
    open.map(ToString::to_string).collect()
}

#[test]
fn no_import_runs_upward() {
    none("no file imports from a module around it", &upward(&PICTURE));
}

#[test]
fn no_circles_of_files() {
    none(
        "files do not import each other in a circle",
        &circles(&PICTURE, EXCUSED),
    );
}

#[test]
fn every_excuse_is_needed() {
    for (file, reason) in EXCUSED {
        assert!(!reason.is_empty(), "{file}: why?");
        let rest: Vec<_> = EXCUSED
            .iter()
            .filter(|(other, _)| other != file)
            .copied()
            .collect();
        let needed = circles(&PICTURE, &rest).len() > circles(&PICTURE, EXCUSED).len();
        assert!(needed, "{file} is in no circle");
    }
}

/// Otherwise the two checks above would be about nothing.
#[test]
fn every_crate_has_been_read() {
    for package in PICTURE.crates() {
        assert!(
            !package.arrows.is_empty(),
            "{} has no imports",
            package.name
        );
    }
}
