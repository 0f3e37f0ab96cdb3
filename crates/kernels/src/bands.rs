//! Banded matrices: how one side of a picture is resampled.

#[cfg(feature = "flex")]
use std::ops::Range;

/// A sparse matrix `[outputs, inputs]` whose rows are a few neighbouring numbers each: how one side of a picture is
/// resampled.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    pub(crate) inputs: usize,
    /// Numbers of a row, at least one.
    pub(crate) taps: usize,
    /// Input of the first number of each row; the last one of a row is an input too.
    pub(crate) first: Vec<usize>,
    /// Row after row.
    pub(crate) weights: Vec<f32>,
}

impl Bands {
    /// A matrix from its rows: the column of the first number, then the numbers.
    ///
    /// # Panics
    ///
    /// If there are no inputs, or numbers are beyond the last one.
    #[must_use]
    pub fn new(inputs: usize, rows: &[(usize, Vec<f32>)]) -> Self {
        assert!(inputs > 0, "nothing can be resampled from no inputs");
        let taps = rows.iter().map(|(_, numbers)| numbers.len()).max();
        let taps = taps.unwrap_or(0).max(1);
        let mut weights = vec![0.0; rows.len() * taps];
        let mut firsts = Vec::with_capacity(rows.len());
        for ((first, numbers), weights) in rows.iter().zip(weights.chunks_exact_mut(taps)) {
            assert!(
                first + numbers.len() <= inputs,
                "{} numbers from input {first} are beyond the last of {inputs}",
                numbers.len()
            );
            // Every row has the same number of taps, so that a kernel can be compiled for it. A short row is filled up
            // with zeros, before it where there is no room behind it: a kernel reads `taps` inputs from `first` on
            // without asking.
            let start = (*first).min(inputs - taps);
            weights[first - start..][..numbers.len()].copy_from_slice(numbers);
            firsts.push(start);
        }
        Self {
            inputs,
            taps,
            first: firsts,
            weights,
        }
    }

    /// Rows.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.first.len()
    }

    /// The inputs that any output depends on.
    #[cfg(feature = "flex")]
    pub(crate) fn reach(&self) -> Range<usize> {
        let first = self.first.iter().min().copied().unwrap_or(0);
        let last = self.first.iter().max().map_or(0, |first| first + self.taps);
        first..last
    }
}
