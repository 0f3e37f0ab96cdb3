//! Which whitening: the ingredient `dataset.zca` of a configuration.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::error::WhiteningError;

/// How images are whitened.
///
/// Both are symmetric (ZCA): images are flattened channel by channel, row by row, to D values and multiplied by a
/// D x D matrix fitted on the training images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum ZcaVariant {
    /// What DD-Ranking does, by way of `kornia.enhance.zca_mean`: bytes / 255, minus the mean image; covariance with N - 1;
    /// `eps` is added to its eigenvalues.
    Kornia {
        /// Added to every eigenvalue; DD-Ranking uses 0.1.
        eps: f64,
    },
    /// What kernel methods such as KIP, FRePo and RFAD publish their sets in: bytes standardised per channel; second
    /// moments with N, without subtracting a mean; `strength` times their mean eigenvalue is added to every eigenvalue.
    Relative {
        /// Regularisation relative to the mean eigenvalue; those methods use 0.1.
        strength: f64,
    },
}

/// What a configuration writes for a whitening and cannot.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ZcaSettingError {
    /// Neither `false`, nor a name, nor a table with one.
    #[error("expected {}", ZcaVariant::allowed())]
    Form,
    /// A key that the variant does not have.
    #[error(
        "`{key}` is not an option of the `{variant}` variant; expected {}",
        ZcaVariant::allowed()
    )]
    Option {
        /// The key.
        key: String,
        /// The variant's name.
        variant: &'static str,
    },
    /// A parameter that is not a finite number above 0.
    #[error("{value} is not a positive number")]
    NotPositive {
        /// The key of the parameter.
        key: &'static str,
        /// The value seen.
        value: f64,
    },
}

impl ZcaSettingError {
    /// The key below the setting that is wrong; `None` where it is the setting itself.
    #[must_use]
    pub fn key(&self) -> Option<&'static str> {
        match self {
            Self::Form | Self::Option { .. } => None,
            Self::NotPositive { key, .. } => Some(key),
        }
    }
}

/// What a configuration may write, before it is checked.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    // Tried in this order; the forms have nothing in common, so the order decides nothing.
    Switch(bool),
    Name(String),
    Table(BTreeMap<String, Entry>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    // `eps = 1` is a number as much as `eps = 1.0`.
    Integer(i64),
    Float(f64),
    Text(String),
    Other(IgnoredAny),
}

impl ZcaVariant {
    /// The kornia variant with DD-Ranking's eps of 0.1.
    pub const KORNIA: Self = Self::Kornia { eps: 0.1 };
    /// The relative variant with the usual strength of 0.1.
    pub const RELATIVE: Self = Self::Relative { strength: 0.1 };

    /// All variants with their usual parameters.
    const ALL: [Self; 2] = [Self::KORNIA, Self::RELATIVE];

    /// Reads the setting of a configuration: `false`, `"kornia"`, or `{ variant = "kornia", eps = 0.1 }`.
    ///
    /// # Errors
    ///
    /// When it is something else, has an option that the variant does not have, or its parameter is not above 0.
    pub fn read<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Self>, ZcaSettingError> {
        match Written::deserialize(value).map_err(|_| ZcaSettingError::Form)? {
            Written::Switch(false) => Ok(None),
            Written::Switch(true) => Err(ZcaSettingError::Form),
            Written::Name(name) => Self::named(&name).map(Some),
            Written::Table(table) => Self::of_table(table).map(Some),
        }
    }

    fn of_table(table: BTreeMap<String, Entry>) -> Result<Self, ZcaSettingError> {
        let Some(Entry::Text(name)) = table.get("variant") else {
            return Err(ZcaSettingError::Form);
        };
        let mut variant = Self::named(name)?;
        let (parameter, _) = variant.parameter();
        for (key, value) in table.into_iter().filter(|(key, _)| key != "variant") {
            if key != parameter {
                let variant = variant.name();
                return Err(ZcaSettingError::Option { key, variant });
            }
            let value = match value {
                Entry::Integer(value) => value as f64,
                Entry::Float(value) => value,
                Entry::Text(_) | Entry::Other(_) => return Err(ZcaSettingError::Form),
            };
            variant = variant.with_parameter(value);
            if !variant.is_possible() {
                let key = parameter;
                return Err(ZcaSettingError::NotPositive { key, value });
            }
        }
        Ok(variant)
    }

    /// The variant of this name with its usual parameter.
    fn named(name: &str) -> Result<Self, ZcaSettingError> {
        let mut all = Self::ALL.into_iter();
        all.find(|variant| variant.name() == name)
            .ok_or(ZcaSettingError::Form)
    }

    /// What a configuration may write, for messages and help.
    #[must_use]
    pub fn allowed() -> String {
        let names = Self::ALL.map(|variant| format!("\"{}\"", variant.name()));
        let tables = Self::ALL.map(|variant| {
            let (key, value) = variant.parameter();
            format!("{{ variant = \"{}\", {key} = {value} }}", variant.name())
        });
        format!("false, {}, {}", names.join(", "), tables.join(" or "))
    }

    /// What a configuration calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kornia { .. } => "kornia",
            Self::Relative { .. } => "relative",
        }
    }

    /// The name of its parameter and its value.
    pub(super) fn parameter(self) -> (&'static str, f64) {
        match self {
            Self::Kornia { eps } => ("eps", eps),
            Self::Relative { strength } => ("strength", strength),
        }
    }

    fn with_parameter(self, value: f64) -> Self {
        match self {
            Self::Kornia { .. } => Self::Kornia { eps: value },
            Self::Relative { .. } => Self::Relative { strength: value },
        }
    }

    fn is_possible(self) -> bool {
        let (_, value) = self.parameter();
        value.is_finite() && value > 0.0
    }

    /// The regularisation must be above 0: it is what makes the covariance invertible.
    pub(super) fn check(self) -> Result<(), WhiteningError> {
        if self.is_possible() {
            return Ok(());
        }
        let (name, value) = self.parameter();
        Err(WhiteningError::Parameter { name, value })
    }
}

/// `kornia, eps 0.1`; `relative, strength 0.1`.
impl fmt::Display for ZcaVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parameter, value) = self.parameter();
        write!(f, "{}, {parameter} {value}", self.name())
    }
}
