//! Prints the layout of the workspace: shares of lines and comments, imports upward, circles, and which file imports which.
//!
//! ```text
//! cargo run -p ddrank-tests --example layout
//! ```
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::path::Path;

use ddrank_tests::layout::{LayoutError, Picture, Workspace};

fn main() -> Result<(), LayoutError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    print!("{}", Picture::take(&Workspace::read(&root)?)?);
    Ok(())
}
