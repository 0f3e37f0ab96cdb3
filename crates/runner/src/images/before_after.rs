//! A picture of images before and after an augmentation, pair by pair.

use std::collections::BTreeMap;
use std::path::Path;

use ddrank_data::inspect::{GridOptions, GridPixels, GridSummary, InspectError, draw_grid};
use ddrank_data::{ImageShape, Normalisation};

/// Pairs in a row, and rows.
const SIDE: usize = 8;

/// Up to 8 x 8 pairs of images, spread over the whole set.
#[derive(Clone, Debug)]
pub struct BeforeAfter {
    places: BTreeMap<usize, usize>,
    before: ImageShape,
    after: ImageShape,
    drawn: ImageShape,
    pixels: Vec<f32>,
}

impl BeforeAfter {
    /// Room for pairs out of `count` images of these shapes.
    #[must_use]
    pub fn new(count: usize, before: ImageShape, after: ImageShape) -> Self {
        let drawn = ImageShape {
            channels: before.channels,
            height: before.height.max(after.height),
            width: before.width.max(after.width),
        };
        let pairs = count.min(SIDE * SIDE);
        Self {
            places: spread(pairs, count).into_iter().zip(0..).collect(),
            before,
            after,
            drawn,
            pixels: vec![0.0; 2 * pairs * drawn.len()],
        }
    }

    /// Takes the pairs that are to be drawn out of a batch: its places in the whole set, and its images.
    pub(crate) fn collect(&mut self, places: &[usize], before: &[f32], after: &[f32]) {
        let images = before
            .chunks_exact(self.before.len())
            .zip(after.chunks_exact(self.after.len()));
        let size = self.drawn.len();
        for (place, (before, after)) in places.iter().zip(images) {
            if let Some(&pair) = self.places.get(place) {
                let pair = &mut self.pixels[2 * pair * size..(2 * pair + 2) * size];
                let (left, right) = pair.split_at_mut(size);
                enlarge(before, self.before, left, self.drawn);
                enlarge(after, self.after, right, self.drawn);
            }
        }
    }

    /// Draws the pairs as a PNG: each image left of its augmented copy. With statistics, values are brought back to
    /// bytes; without, the 1st percentile becomes black and the 99th white.
    ///
    /// # Errors
    ///
    /// When the images have neither 1 nor 3 channels or are too large to be drawn, or the file cannot be written.
    ///
    /// # Panics
    ///
    /// When the statistics have fewer channels than the images.
    pub fn draw(
        &self,
        normalisation: Option<&Normalisation>,
        path: &Path,
    ) -> Result<GridSummary, InspectError> {
        let pairs = self.places.len();
        let row = if pairs < SIDE * SIDE {
            (1..=SIDE).find(|side| side * side >= pairs).unwrap_or(SIDE)
        } else {
            SIDE
        };
        let options = GridOptions {
            columns: Some(2 * row),
            max_columns: 2 * SIDE,
            max_rows: SIDE,
            group: 2,
            labels: None,
        };
        let Some(normalisation) = normalisation else {
            return draw_grid(GridPixels::Floats(&self.pixels), self.drawn, &options, path);
        };
        let plane = self.drawn.height * self.drawn.width;
        let bytes: Vec<u8> = self
            .pixels
            .iter()
            .enumerate()
            .map(|(at, &value)| byte_of(value, at / plane % self.drawn.channels, normalisation))
            .collect();
        draw_grid(GridPixels::Bytes(&bytes), self.drawn, &options, path)
    }
}

/// Copies an image into a larger one by repeating pixels.
fn enlarge(from: &[f32], shape: ImageShape, to: &mut [f32], larger: ImageShape) {
    for (at, value) in to.iter_mut().enumerate() {
        let (x, rest) = (at % larger.width, at / larger.width);
        let (y, channel) = (rest % larger.height, rest / larger.height);
        let (x, y) = (
            x * shape.width / larger.width,
            y * shape.height / larger.height,
        );
        *value = from[(channel * shape.height + y) * shape.width + x];
    }
}

/// `count` positions of `total`, evenly spread, in order.
///
/// # Panics
///
/// When `count` is larger than `total`.
#[must_use]
pub fn spread(count: usize, total: usize) -> Vec<usize> {
    assert!(count <= total, "{count} of {total} images");
    let place = |index: usize| (index as u128 * total as u128 / count as u128) as usize;
    (0..count).map(place).collect()
}

/// The byte that a normalised value stands for.
pub(crate) fn byte_of(value: f32, channel: usize, normalisation: &Normalisation) -> u8 {
    let unit = value * normalisation.std()[channel] + normalisation.mean()[channel];
    // A cast from float to integer saturates, and takes NaN to 0.
    (unit * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_images_are_enlarged_by_repeating_pixels() {
        let shape = |height, width| ImageShape {
            channels: 2,
            height,
            width,
        };
        let mut out = vec![0.0; 12];
        enlarge(&[1.0, 2.0, 3.0, 4.0], shape(1, 2), &mut out, shape(2, 3));
        assert_eq!(
            out,
            [1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 3.0, 3.0, 4.0, 3.0, 3.0, 4.0]
        );
    }

    #[test]
    fn a_selection_is_spread_over_the_whole_set() {
        assert_eq!(spread(3, 9), [0, 3, 6]);
        assert_eq!(spread(4, 4), [0, 1, 2, 3]);
        assert_eq!(spread(64, 100).len(), 64);
        assert_eq!(spread(1, 1), [0]);
        for (count, total) in [(7, 10), (64, 65), (10, 1000)] {
            let places = spread(count, total);
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(places.iter().all(|&place| place < total));
        }
    }

    #[test]
    fn bytes_come_back_from_their_normalised_values() {
        let normalisation = Normalisation::cifar10();
        for byte in 0..=255_u8 {
            for channel in 0..3 {
                let value = (f32::from(byte) / 255.0 - normalisation.mean()[channel])
                    / normalisation.std()[channel];
                assert_eq!(byte_of(value, channel, &normalisation), byte);
            }
        }
        assert_eq!(byte_of(1e9, 0, &normalisation), 255);
        assert_eq!(byte_of(-1e9, 0, &normalisation), 0);
    }
}
