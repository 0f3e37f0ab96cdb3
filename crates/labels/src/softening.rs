//! The temperature of soft-label criteria.

use std::fmt;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Both sides of a soft-label criterion are divided by a temperature before their softmax.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SofteningTable")]
pub struct Softening {
    temperature: f64,
    scale_loss: bool,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SofteningTable {
    temperature: f64,
    scale_loss: bool,
}

impl Default for SofteningTable {
    fn default() -> Self {
        Self {
            temperature: 1.2,
            scale_loss: false,
        }
    }
}

impl TryFrom<SofteningTable> for Softening {
    type Error = TemperatureError;

    fn try_from(table: SofteningTable) -> Result<Self, Self::Error> {
        Self::new(table.temperature, table.scale_loss)
    }
}

/// A temperature that cannot divide logits.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("`temperature` {0} is not allowed; expected a number above 0 (between 1e-6 and 1e6)")]
pub struct TemperatureError(pub f64);

impl Softening {
    /// A softening with this temperature; with `scale_loss` the loss is multiplied by the temperature squared, which
    /// keeps the size of the gradients.
    ///
    /// # Errors
    ///
    /// When the temperature is not between 1e-6 and 1e6. Beyond that, single floats overflow or have no digits left.
    pub fn new(temperature: f64, scale_loss: bool) -> Result<Self, TemperatureError> {
        if !(1e-6..=1e6).contains(&temperature) {
            return Err(TemperatureError(temperature));
        }
        Ok(Self {
            temperature,
            scale_loss,
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
            loss * self.temperature.powi(2)
        } else {
            loss
        }
    }
}

/// The reference's: temperature 1.2, loss not scaled.
impl Default for Softening {
    fn default() -> Self {
        let table = SofteningTable::default();
        Self {
            temperature: table.temperature,
            scale_loss: table.scale_loss,
        }
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
            assert!(error.to_string().contains(&wrong.to_string()), "{error}");
        }
        for right in [1e-6, 1.0, 20.0, 1e6] {
            assert_eq!(Softening::new(right, true).unwrap().temperature(), right);
        }
    }
}
