//! Names are resolved to the file that defines them.

use super::arrows;

const NONE: [&str; 0] = [];

#[test]
fn use_trees_are_followed() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub struct One; pub struct Two; pub mod deep { pub struct Three; }",
        ),
        (
            "b.rs",
            "use std::fmt;\nuse crate::{\n    a::{One, Two as Second},\n    a::deep::Three,\n};\nuse crate::a::{self};",
        ),
    ];
    let expected = [
        "b.rs:3 -> a.rs crate::a::One",
        "b.rs:3 -> a.rs crate::a::Two",
        "b.rs:4 -> a.rs crate::a::deep::Three",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn re_exports_lead_to_the_definition() {
    let files = [
        ("lib.rs", "mod a; mod b;\npub use a::Item;"),
        ("a/mod.rs", "mod inner;\npub use self::inner::*;"),
        ("a/inner.rs", "pub struct Item; pub const LIMIT: usize = 1;"),
        (
            "b.rs",
            "use crate::Item;\nfn f() -> usize { crate::a::LIMIT }",
        ),
    ];
    let expected = [
        "b.rs:1 -> a/inner.rs crate::Item",
        "b.rs:2 -> a/inner.rs crate::a::LIMIT",
        "lib.rs:2 -> a/inner.rs a::Item",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn paths_in_code_count() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub fn f() {} pub enum Kind { Left } pub struct Item; impl Item { pub fn new() {} }",
        ),
        (
            "b.rs",
            "use super::a;\nfn g() {\n    a::f();\n    println!(\"{:?}\", super::a::Kind::Left);\n    super::a::Item::new();\n}",
        ),
    ];
    let expected = [
        "b.rs:3 -> a.rs a::f",
        "b.rs:4 -> a.rs super::a::Kind::Left",
        "b.rs:5 -> a.rs super::a::Item::new",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn globs_count_for_the_names_that_are_used() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "pub struct Used; pub struct Unused; pub enum Kind { Left }",
        ),
        (
            "b.rs",
            "use crate::a::*;\nfn f(_: Used) { use crate::a::Kind::*; }",
        ),
    ];
    let expected = ["b.rs:2 -> a.rs Used", "b.rs:2 -> a.rs crate::a::Kind"];
    assert_eq!(arrows(&files), expected);
    let unused = [
        files[0],
        files[1],
        ("b.rs", "use crate::a::*; use std::fmt::*;"),
    ];
    assert_eq!(arrows(&unused), NONE);
}

#[test]
fn tests_import_nothing() {
    let files = [
        ("lib.rs", "mod a; #[cfg(test)] mod gone;\npub fn top() {}"),
        (
            "a.rs",
            "#[cfg(test)]\nmod tests { use super::*; use crate::top; }\n#[cfg(test)]\nfn f() { crate::top(); }\nstruct S;\nimpl S { #[cfg(test)] fn g() { crate::top(); } }",
        ),
    ];
    assert_eq!(arrows(&files), NONE);
    let conditional = [
        files[0],
        ("a.rs", "#[cfg(not(test))]\nfn f() { crate::top(); }"),
    ];
    assert_eq!(arrows(&conditional), ["a.rs:2 -> ^lib.rs crate::top"]);
}

#[test]
fn comments_strings_and_visibilities_import_nothing() {
    let files = [
        ("lib.rs", "mod a;\npub fn top() {}"),
        (
            "a.rs",
            "// use crate::top;\n/// [`crate::top`]\npub(super) fn f() -> &'static str { \"crate::top\" }",
        ),
    ];
    assert_eq!(arrows(&files), NONE);
}

#[test]
fn a_function_may_have_the_name_of_its_module() {
    let files = [
        ("lib.rs", "mod conv; mod user;\npub use conv::conv;"),
        ("conv.rs", "pub fn conv() {} pub struct Layer;"),
        (
            "user.rs",
            "use crate::conv;\nfn f(_: conv::Layer) { conv(); }",
        ),
    ];
    let expected = [
        "lib.rs:2 -> conv.rs conv::conv",
        "user.rs:1 -> conv.rs crate::conv",
        "user.rs:2 -> conv.rs conv::Layer",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn macros_lead_to_their_definition() {
    let files = [
        ("lib.rs", "#[macro_use] mod a; mod b; mod c;"),
        (
            "a.rs",
            "macro_rules! make { ($name:ident) => { pub struct Made; impl Made { fn write() {} const N: usize = 0; } $crate::c::call() } }",
        ),
        ("b.rs", "make! { x }\nfn write() { write!(x, \"\"); }"),
        (
            "c.rs",
            "use crate::b::Made;\nuse crate::b::Hidden;\npub fn call() { write!(x) }",
        ),
    ];
    let expected = [
        "a.rs:1 -> c.rs crate::c::call",
        "b.rs:1 -> a.rs make!",
        "c.rs:1 -> b.rs crate::b::Made",
        // Nothing shows where it comes from: the module answers for it.
        "c.rs:2 -> b.rs crate::b::Hidden",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn attributes_can_name_functions() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub fn epochs() -> u32 { 1 }"),
        (
            "b.rs",
            "use crate::a;\nstruct S {\n    #[serde(default = \"a::epochs\")]\n    epochs: u32,\n}",
        ),
    ];
    assert_eq!(arrows(&files), ["b.rs:3 -> a.rs a::epochs"]);
}

#[test]
fn other_crates_stay_other_crates_under_whatever_name() {
    let files = [
        (
            "lib.rs",
            "mod a;\npub use other as files;\npub use other::make;\npub mod all { pub use other::*; }\nuse std::fmt;",
        ),
        (
            "a.rs",
            "use crate::files::File;\nuse super::fmt::Write;\nuse crate::all::Any;\nfn f() { crate::make!(); crate::files::read() }",
        ),
    ];
    assert_eq!(arrows(&files), NONE);
    // A private glob says nothing about what macros generate beside it.
    let hidden = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::Hidden;"),
        ("b.rs", "use other::prelude::*; generate! {}"),
    ];
    assert_eq!(arrows(&hidden), ["a.rs:1 -> b.rs crate::b::Hidden"]);
}
