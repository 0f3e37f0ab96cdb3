//! A small pickle reader that builds data and never runs anything.
//!
//! A pickle is a program for a stack machine. This machine knows the opcodes that build values, and a fixed list of
//! Python names that stand for tensors and plain containers ([`rebuild`]). Any other name becomes an opaque value:
//! it may lie in the file (training arguments, for instance) but nothing is made of it. Names that exist only to run
//! code are refused.
//!
//! All values live in one arena and refer to each other by index, so that shared and recursive values cost nothing
//! extra and nothing is copied. Every value comes from at least one byte of the file.

mod containers;
mod globals;
mod literal;
mod machine;
mod node;
mod rebuild;
mod scalar;
mod source;
mod tensors;
mod value;

pub(super) use machine::unpickle;
pub(super) use node::{Node, NodeId, NumpyArray, Pickle, Strided};
pub(super) use source::Source;
pub use value::{PickledArray, PickledData, PickledValue};
