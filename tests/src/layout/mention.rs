//! What a file says about other items: raw, before names are resolved.

use std::fmt;

/// A path that a module mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Its segments, without generic arguments.
    pub(crate) segments: Vec<String>,
    /// The line, from 1.
    pub(crate) line: usize,
    pub(crate) how: How,
}

impl fmt::Display for Mention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.how == How::Macro { "!" } else { "" };
        write!(formatter, "{}{mark}", self.segments.join("::"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// In a `use`.
    Import,
    /// In code.
    Path,
    /// As the name of a macro that is invoked.
    Macro,
}

/// A name that a `use` brings into a module, or all of them.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    /// The name in this module; `None` with `*`.
    pub(crate) name: Option<String>,
    pub(crate) segments: Vec<String>,
    /// Whether other modules can name it through this one.
    pub(crate) shown: bool,
}

/// An item that a module defines.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Of an enum.
    pub(crate) variants: Vec<String>,
    /// The paths in the types of its fields.
    pub(crate) contains: Vec<Vec<String>>,
}

/// What an item's name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Types and traits: `::` can follow.
    Type,
    /// Functions, constants, statics.
    Value,
    Macro,
}

impl Definition {
    pub(crate) fn new(name: String, kind: Kind) -> Self {
        Self {
            name,
            kind,
            variants: Vec::new(),
            contains: Vec::new(),
        }
    }
}
