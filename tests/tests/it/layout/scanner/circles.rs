//! Circles of files, and those that types make.

use std::path::PathBuf;

use super::tree;

/// The files of each circle, and whether types make it.
fn circles(files: &[(&str, &str)]) -> Vec<(Vec<PathBuf>, bool)> {
    let tree = tree(files);
    let circles = tree.circles(&tree.arrows());
    let written = circles
        .into_iter()
        .map(|circle| (circle.files.into_iter().collect(), circle.recursion));
    written.collect()
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

#[test]
fn a_chain_is_no_circle() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::f;"),
        ("b.rs", "use crate::c::g; pub fn f() {}"),
        ("c.rs", "pub fn g() {}"),
    ];
    assert_eq!(circles(&files), []);
}

#[test]
fn circles_go_through_re_exports() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; pub use a::h;"),
        ("a.rs", "use crate::b::f; pub fn h() {}"),
        ("b.rs", "use crate::c::g; pub fn f() {}"),
        ("c.rs", "pub fn g() { crate::h() }"),
    ];
    assert_eq!(circles(&files), [(paths(&["a.rs", "b.rs", "c.rs"]), false)]);
}

#[test]
fn types_that_contain_each_other_make_a_natural_one() {
    let files = [
        ("lib.rs", "mod step; mod sequence;"),
        (
            "step.rs",
            "use crate::sequence::Sequence; pub enum Step { Flip, All(Sequence) }",
        ),
        (
            "sequence.rs",
            "use crate::step::Step; pub struct Sequence { steps: Vec<Step> }",
        ),
    ];
    assert_eq!(
        circles(&files),
        [(paths(&["sequence.rs", "step.rs"]), true)]
    );
}

#[test]
fn a_macro_contains_what_it_is_given() {
    let files = [
        ("lib.rs", "mod step; mod sequence;"),
        (
            "step.rs",
            "use crate::sequence::Sequence; macro_rules! steps { ($($of:ident)+) => { pub enum Step { $($of($of)),+ } } } steps! { Sequence }",
        ),
        (
            "sequence.rs",
            "use crate::step::Step; pub struct Sequence { steps: Vec<Step> }",
        ),
    ];
    assert_eq!(
        circles(&files),
        [(paths(&["sequence.rs", "step.rs"]), true)]
    );
}

#[test]
fn containing_one_way_is_not_natural() {
    let files = [
        ("lib.rs", "mod step; mod sequence;"),
        (
            "step.rs",
            "use crate::sequence::Sequence; pub enum Step { Flip } fn f(_: Sequence) {}",
        ),
        (
            "sequence.rs",
            "use crate::step::Step; pub struct Sequence { steps: Vec<Step> }",
        ),
    ];
    assert_eq!(
        circles(&files),
        [(paths(&["sequence.rs", "step.rs"]), false)]
    );
}

#[test]
fn a_file_more_in_a_natural_circle_is_not_natural() {
    let files = [
        ("lib.rs", "mod step; mod sequence; mod apply;"),
        ("apply.rs", "pub fn apply(_: crate::step::Step) {}"),
        (
            "step.rs",
            "use crate::sequence::Sequence; pub enum Step { Flip, All(Sequence) }",
        ),
        (
            "sequence.rs",
            "use crate::step::Step; use crate::apply::apply; pub struct Sequence { steps: Vec<Step> }",
        ),
    ];
    assert_eq!(
        circles(&files),
        [(paths(&["apply.rs", "sequence.rs", "step.rs"]), false)]
    );
}
