//! What cannot be read is an error, not an empty tree.

use std::collections::BTreeMap;
use std::path::Path;

use ddrank_tests::layout::{LayoutError, SourceTree};

fn error(files: &[(&str, &str)]) -> LayoutError {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    SourceTree::read(&files, Path::new("lib.rs")).unwrap_err()
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let message = error(&[("lib.rs", "mod a;"), ("b.rs", "")]).to_string();
    assert_eq!(message, "lib.rs: no file of the module a");
}

#[test]
fn what_is_no_rust_is_an_error_with_its_line() {
    let error = error(&[("lib.rs", "mod a;"), ("a.rs", "\nfn (")]);
    assert!(
        matches!(&error, LayoutError::Parse { path, line: 2, .. } if path == Path::new("a.rs")),
        "{error}"
    );
}
