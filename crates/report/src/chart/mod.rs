//! The charts of the page, as inline SVG.
//!
//! A chart is a string of SVG that refers to colours by class only (`s0` to `s7` for the arms, in the order of the
//! report), so that the page decides them for light, dark and print. Every arm also has a marker of its own shape.
//! Every mark has a `<title>`, which browsers show as a tooltip.

mod arms;
mod curves;
mod frame;
mod grid;
mod sweep;

pub(crate) use arms::arms;
pub(crate) use curves::curves;
pub(crate) use frame::{SERIES, glyph};
pub(crate) use grid::grid;
pub(crate) use sweep::sweep;
