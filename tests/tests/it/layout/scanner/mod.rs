//! The scanner of imports on small source trees.

mod circles;
mod errors;
mod names;
mod upward;

use std::collections::BTreeMap;
use std::path::Path;

use ddrank_tests::layout::SourceTree;

/// A crate of these files, whose root is `lib.rs`.
fn tree(files: &[(&str, &str)]) -> SourceTree {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    SourceTree::read(&files, Path::new("lib.rs")).unwrap()
}

/// Its imports as `from:line -> to path`, those upward with `^`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let arrows = tree(files).arrows();
    let written = arrows.iter().map(|arrow| {
        let mark = if arrow.upward { "^" } else { "" };
        let (from, to) = (arrow.from.display(), arrow.to.display());
        format!("{from}:{} -> {mark}{to} {}", arrow.line, arrow.path)
    });
    written.collect()
}
