//! How real pixels reach a network.

use ddrank_data::Fingerprint;
use serde::Serialize;

/// What is done to real pixels before they reach a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Preparation {
    /// `(byte / 255 - mean) / std` for each channel.
    Normalise {
        /// Channel means.
        mean: Vec<f32>,
        /// Channel standard deviations.
        std: Vec<f32>,
    },
    /// ZCA whitening.
    Whiten {
        /// Which formula.
        variant: ddrank_data::ZcaVariant,
        /// Of the images that the whitening was fitted on.
        fitted_on: Fingerprint,
    },
}
