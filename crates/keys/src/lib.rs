#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod choice;
mod error;
mod key;
pub mod markdown;
mod suggestion;
mod table;
mod value;
mod words;

pub use choice::{Choice, Ingredient, one_of, read_named, word};
pub use error::KeyError;
pub use key::{Documented, Key, KeyDoc};
pub use suggestion::nearest;
pub use table::Table;
pub use value::{Described, Parsed, PathText, Value, Whole, kind_of, refusal, shown};

/// What the macros need of this crate; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use toml;
}
