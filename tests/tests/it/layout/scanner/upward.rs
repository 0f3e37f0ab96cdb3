//! Imports from modules around the importing file.

use super::arrows;

#[test]
fn items_of_modules_around_are_upward() {
    let files = [
        ("lib.rs", "mod a;\npub struct Top;"),
        (
            "a/mod.rs",
            "mod b; mod c;\npub struct Middle; pub use c::Sibling;",
        ),
        (
            "a/b.rs",
            "use super::Middle;\nuse super::super::Top;\nuse super::Sibling;",
        ),
        ("a/c.rs", "pub struct Sibling;"),
    ];
    let expected = [
        "a/b.rs:1 -> ^a/mod.rs super::Middle",
        "a/b.rs:2 -> ^lib.rs super::super::Top",
        "a/b.rs:3 -> a/c.rs super::Sibling",
        "a/mod.rs:2 -> a/c.rs c::Sibling",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn a_file_beside_its_folder_is_around_it_too() {
    let files = [
        ("lib.rs", "mod a; mod d;"),
        ("a.rs", "mod b;\npub struct Around;"),
        ("a/b.rs", "mod inline { use crate::a::Around; }"),
        ("d.rs", "use crate::a::Around;"),
    ];
    let expected = [
        "a/b.rs:1 -> ^a.rs crate::a::Around",
        "d.rs:1 -> a.rs crate::a::Around",
    ];
    assert_eq!(arrows(&files), expected);
}

#[test]
fn inside_one_file_nothing_is_upward() {
    let files = [(
        "lib.rs",
        "pub struct Top; mod inline { use super::Top; mod more { use crate::Top; } }",
    )];
    assert_eq!(arrows(&files), [""; 0]);
}
