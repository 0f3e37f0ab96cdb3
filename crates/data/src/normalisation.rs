//! Per-channel normalisation.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Mean and standard deviation per channel, of pixels in 0 to 1: a byte b becomes (b / 255 - mean) / std.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Normalisation {
    mean: Vec<f32>,
    std: Vec<f32>,
}

/// Statistics that cannot normalise anything.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NormalisationError {
    /// The two lists differ in length, or are empty.
    #[error(
        "normalisation has {mean} means and {std} standard deviations: expected one of each per channel"
    )]
    Lengths {
        /// Number of means.
        mean: usize,
        /// Number of standard deviations.
        std: usize,
    },
    /// A mean is not a finite number.
    #[error("normalisation mean of channel {channel} is {value}: expected a finite number")]
    Mean {
        /// Channel, from 0.
        channel: usize,
        /// The mean seen.
        value: f32,
    },
    /// A standard deviation is not a finite positive number.
    #[error("normalisation std of channel {channel} is {value}: expected a finite number above 0")]
    Std {
        /// Channel, from 0.
        channel: usize,
        /// The standard deviation seen.
        value: f32,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Normalisation {
    /// Checks and takes the statistics.
    ///
    /// # Errors
    ///
    /// When the lists differ in length or are empty, a number is not finite, or a deviation is not above 0.
    pub fn new(mean: Vec<f32>, std: Vec<f32>) -> Result<Self, NormalisationError> {
        if mean.len() != std.len() || mean.is_empty() {
            return Err(NormalisationError::Lengths {
                mean: mean.len(),
                std: std.len(),
            });
        }
        for (channel, &value) in mean.iter().enumerate() {
            if !value.is_finite() {
                return Err(NormalisationError::Mean { channel, value });
            }
        }
        for (channel, &value) in std.iter().enumerate() {
            // Not `<=`: NaN must be refused too.
            if !(value.is_finite() && value > 0.0) {
                return Err(NormalisationError::Std { channel, value });
            }
        }
        Ok(Self { mean, std })
    }

    /// CIFAR-10's statistics as DD-Ranking uses them, for CIFAR-100 too.
    #[must_use]
    pub fn cifar10() -> Self {
        Self {
            mean: vec![0.4914, 0.4822, 0.4465],
            // Not the true deviations (0.2470, 0.2435, 0.2616), but what the literature copies from each other;
            // distilled sets are published in these.
            std: vec![0.2023, 0.1994, 0.2010],
        }
    }

    /// ImageNet's statistics, used for every dataset of photographs but CIFAR.
    #[must_use]
    pub fn imagenet() -> Self {
        Self {
            mean: vec![0.485, 0.456, 0.406],
            std: vec![0.229, 0.224, 0.225],
        }
    }

    /// The statistics of one channel for each of several.
    pub(crate) fn for_channels(&self, channels: usize) -> Self {
        Self {
            mean: vec![self.mean[0]; channels],
            std: vec![self.std[0]; channels],
        }
    }

    /// Number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// Mean of each channel.
    #[must_use]
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Standard deviation of each channel.
    #[must_use]
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Bytes to floats: planes of `plane` values, channel after channel.
    pub(crate) fn apply(&self, bytes: &[u8], plane: usize) -> Vec<f32> {
        // A byte has 256 values, so the division is done 256 times a channel and not once a pixel.
        let tables: Vec<_> = (0..self.channels())
            .map(|channel| self.table(channel))
            .collect();
        let mut floats = vec![0.0; bytes.len()];
        floats
            .par_chunks_mut(plane.max(1))
            .zip(bytes.par_chunks(plane.max(1)))
            .enumerate()
            .for_each(|(index, (to, from))| {
                let table = &tables[index % tables.len()];
                for (to, &from) in to.iter_mut().zip(from) {
                    *to = table[from as usize];
                }
            });
        floats
    }

    /// What each of the 256 bytes becomes in one channel, with torchvision's order of operations.
    fn table(&self, channel: usize) -> [f32; 256] {
        let (mean, std) = (self.mean[channel], self.std[channel]);
        // Dividing by 255 first and by std afterwards rounds as torchvision does; one multiplication by a folded
        // factor would not.
        std::array::from_fn(|byte| (byte as f32 / 255.0 - mean) / std)
    }
}

impl TryFrom<Unchecked> for Normalisation {
    type Error = NormalisationError;

    fn try_from(raw: Unchecked) -> Result<Self, Self::Error> {
        Self::new(raw.mean, raw.std)
    }
}

impl From<Normalisation> for Unchecked {
    fn from(checked: Normalisation) -> Self {
        Self {
            mean: checked.mean,
            std: checked.std,
        }
    }
}
