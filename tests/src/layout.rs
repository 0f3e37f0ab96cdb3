//! How the house is built: which crate depends on which, how its size is shared out, which file imports which, and where
//! comments say why.
//!
//! [`Workspace::read`] asks cargo for the crates, [`Lines::of`] tells code from comments, and [`SourceTree::read`] parses one
//! target and follows its imports, re-exports included, to the files that define what is imported. The checks themselves
//! are in `tests/it/layout`; `cargo run -p ddrank-tests --example layout` prints what they look at.

mod arrows;
mod circles;
mod collect;
mod comments;
mod containment;
mod error;
mod lines;
mod mention;
mod modules;
mod picture;
mod resolve;
mod sources;
mod tokens;
mod workspace;

pub use arrows::Arrow;
pub use circles::Circle;
pub use comments::{CommentCount, unreasoned_unsafe};
pub use error::LayoutError;
pub use lines::{Line, Lines};
pub use modules::SourceTree;
pub use picture::{PackagePicture, Picture};
pub use sources::{Folder, SourceFiles, rust_files};
pub use workspace::{Package, Target, Workspace};
