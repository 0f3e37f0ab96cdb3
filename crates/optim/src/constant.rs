//! A constant learning rate.

use std::fmt;

use ddrank_keys::{Documented, KeyError, Table};
use serde::Serialize;

/// The rate never changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Constant {}

impl Constant {
    pub(crate) const MEANING: &'static str = "the rate never changes";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[];

    #[expect(
        clippy::unnecessary_wraps,
        reason = "schedules with keys can be refused"
    )]
    pub(crate) fn read(_table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {})
    }

    pub(crate) fn factor(self, _epoch: u32, _epochs: u32) -> f64 {
        1.0
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("constant rate")
    }
}
