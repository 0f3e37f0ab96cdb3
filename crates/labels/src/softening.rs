//! The temperature of soft-label criteria.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use serde::Serialize;

/// Both sides of a soft-label criterion are divided by a temperature before their softmax.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Softening {
    temperature: f64,
    scale_loss: bool,
}

/// The reference's (docs/reference.md, section 4).
const USUAL: Softening = Softening {
    temperature: 1.2,
    scale_loss: false,
};

const TEMPERATURE: Key<f64> = Key::new(
    "temperature",
    || USUAL.temperature,
    "what both sides are divided by before their softmax",
)
.where_("a number above 0 (from 1e-6 to 1e6)", |temperature| {
    // Beyond these, single floats overflow or have no digits left.
    (1e-6..=1e6).contains(temperature)
});

const SCALE_LOSS: Key<bool> = Key::new(
    "scale_loss",
    || USUAL.scale_loss,
    "whether the loss is multiplied by the temperature squared",
);

impl Softening {
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&TEMPERATURE, &SCALE_LOSS];

    /// A softening with this temperature; with `scale_loss` the loss is multiplied by the temperature squared.
    ///
    /// # Errors
    ///
    /// When the temperature is not from 1e-6 to 1e6.
    pub fn new(temperature: f64, scale_loss: bool) -> Result<Self, KeyError> {
        Ok(Self {
            temperature: TEMPERATURE.check(temperature)?,
            scale_loss,
        })
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        Ok(Self {
            temperature: table.take(&TEMPERATURE)?,
            scale_loss: table.take(&SCALE_LOSS)?,
        })
    }

    /// The temperature.
    #[must_use]
    pub const fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Whether the loss is multiplied by the temperature squared.
    #[must_use]
    pub const fn scale_loss(&self) -> bool {
        self.scale_loss
    }

    pub(crate) fn soften(&self, logits: Tensor<2>) -> Tensor<2> {
        logits / self.temperature
    }

    pub(crate) fn scale(&self, loss: Tensor<1>) -> Tensor<1> {
        if self.scale_loss {
            // Gradients of softened logits shrink with the square of the temperature (Hinton et al., arXiv 1503.02531,
            // section 2).
            loss * self.temperature.powi(2)
        } else {
            loss
        }
    }
}

impl Default for Softening {
    fn default() -> Self {
        USUAL
    }
}

impl fmt::Display for Softening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "temperature {}", self.temperature)?;
        if self.scale_loss {
            formatter.write_str(", loss times temperature squared")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_checked() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-7, 1e7] {
            let error = Softening::new(wrong, false).unwrap_err();
            assert_eq!(error.key, "temperature");
            // TOML writes NaN in small letters.
            let text = wrong.to_string().to_lowercase();
            assert!(error.message.contains(&text), "{error}");
        }
        for right in [1e-6, 1.0, 20.0, 1e6] {
            assert_eq!(Softening::new(right, true).unwrap().temperature(), right);
        }
    }
}
