//! A quarter of a cosine.

use std::fmt;

use ddrank_keys::{Documented, KeyError, Table};
use serde::Serialize;

/// A quarter of a cosine, from the base rate to half of it: the reference's own `cosine` (docs/reference.md, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cosine {}

impl Cosine {
    pub(crate) const MEANING: &'static str =
        "a quarter of a cosine, from the base rate to half of it: the reference's own";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[];

    #[expect(
        clippy::unnecessary_wraps,
        reason = "schedules with keys can be refused"
    )]
    pub(crate) fn read(_table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {})
    }

    pub(crate) fn factor(self, epoch: u32, epochs: u32) -> f64 {
        if epoch > epochs {
            // Beyond its horizon the reference's schedule is 0.
            return 0.0;
        }
        let progress = f64::from(epoch) / f64::from(epochs);
        0.5 * (1.0 + (std::f64::consts::FRAC_PI_2 * progress).cos())
    }
}

impl fmt::Display for Cosine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("cosine to half the rate")
    }
}
