//! Batches of pictures that have not one size.

use rayon::prelude::*;

use crate::{ImageShape, ImagesError, Normalisation, memory};

/// Some pictures, each of its own size, side by side: padded below and on the right to the largest height and width.
#[derive(Clone, Debug, PartialEq)]
pub struct RaggedBatch {
    sizes: Vec<[usize; 2]>,
    side: [usize; 2],
    bytes: Vec<u8>,
    labels: Vec<u32>,
}

/// Colours.
const CHANNELS: usize = 3;

impl RaggedBatch {
    /// Pads pictures of `(height and width, planes)`.
    pub(crate) fn padded(
        pictures: &[([usize; 2], &[u8])],
        labels: Vec<u32>,
    ) -> Result<Self, String> {
        let longest = |axis: usize| pictures.iter().map(|(size, _)| size[axis]).max();
        let side = [longest(0).unwrap_or(0), longest(1).unwrap_or(0)];
        let [height, width] = side;
        let one = CHANNELS * height * width;
        let total = one.saturating_mul(pictures.len());
        let mut bytes = Vec::new();
        // Systems that overcommit grant any reservation and kill the process later: compare with what there is first.
        if !memory::holds(total as u64) || bytes.try_reserve_exact(total).is_err() {
            return Err(format!(
                "a batch of {} pictures of up to {height}x{width} pixels takes {} of memory, this machine has {}: use a smaller batch, or shrink the pictures",
                pictures.len(),
                memory::shown(total as u64),
                memory::shown(memory::total_memory())
            ));
        }
        bytes.resize(total, 0);
        // Chunks of 0 bytes are not allowed; without pixels there is nothing to copy.
        if one > 0 {
            let targets = bytes.par_chunks_mut(one).zip(pictures);
            targets.for_each(|(target, ([rows, columns], planes))| {
                let lines = planes.chunks(*columns).enumerate();
                for (index, line) in lines {
                    // Lines of a planar picture follow each other across its channels.
                    let (channel, row) = (index / rows, index % rows);
                    let start = (channel * height + row) * width;
                    target[start..start + columns].copy_from_slice(line);
                }
            });
        }
        Ok(Self {
            sizes: pictures.iter().map(|(size, _)| *size).collect(),
            side,
            bytes,
            labels,
        })
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there are no pictures.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Height and width of each picture.
    #[must_use]
    pub fn sizes(&self) -> &[[usize; 2]] {
        &self.sizes
    }

    /// Channels, height and width of every picture with its padding.
    #[must_use]
    pub fn padded_shape(&self) -> ImageShape {
        let [height, width] = self.side;
        ImageShape {
            channels: CHANNELS,
            height,
            width,
        }
    }

    /// Whether all pictures have one size, so that none is padded.
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.sizes.iter().all(|size| *size == self.side)
    }

    /// The bytes, `[pictures, 3, height, width]` in row-major order; padding is 0.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Class of each picture.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Bytes to floats: (b / 255 - mean) / std in each channel, in the layout of [`bytes`](Self::bytes). The padding
    /// becomes what black becomes.
    ///
    /// # Errors
    ///
    /// When the statistics are not of three channels.
    pub fn normalised(&self, normalisation: &Normalisation) -> Result<Vec<f32>, ImagesError> {
        if normalisation.channels() != CHANNELS {
            return Err(ImagesError::Channels {
                found: normalisation.channels(),
                shape: self.padded_shape(),
            });
        }
        Ok(normalisation.apply(&self.bytes, self.side[0] * self.side[1]))
    }
}
