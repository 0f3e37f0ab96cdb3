//! How the house is built, checked on the workspace as it is; each check is first tried on a small one that breaks it.

mod comments;
mod dependencies;
mod imports;
mod packaging;
mod scanner;
mod size;

use std::path::Path;
use std::sync::LazyLock;

use ddrank_tests::layout::{Picture, Workspace};

/// The workspace that these tests are part of.
static WORKSPACE: LazyLock<Workspace> =
    LazyLock::new(|| Workspace::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap());

static PICTURE: LazyLock<Picture> = LazyLock::new(|| Picture::take(&WORKSPACE).unwrap());

/// Fails with all offences, one a line.
fn none(rule: &str, offences: &[String]) {
    let count = offences.len();
    assert!(
        offences.is_empty(),
        "{rule}: {count} offences\n{}",
        offences.join("\n")
    );
}
