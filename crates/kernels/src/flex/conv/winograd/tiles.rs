//! How images are cut into tiles and strips.
//!
//! The work comes in strips: rows of tiles, of several small images or of a part of a large one. A strip's factors and
//! products fit the cache. They are `[product][tile][channel]`, the last padded to whole vectors and one more: with
//! rows of 128 or 256 channels, a power of two apart, all tiles would fall on the same few cache sets.

use super::transform::TILE;
use crate::flex::images::Images;
use crate::flex::simd::LANES;

/// Fewest and most tiles that a strip should have: more use a filter better once it is in the cache, fewer give more
/// threads something to do.
const STRIP_TILES: (usize, usize) = (32, 64);

/// How the tiles of images are laid out.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// The images.
    pub(super) images: Images,
    /// Rows of tiles in an image.
    pub(super) rows: usize,
    /// Tiles in a row.
    pub(super) columns: usize,
    /// Rows of tiles in a strip.
    pub(super) strip: usize,
}

/// A strip's share of one image: some rows of tiles.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Rows of pixels of the image.
    pub(super) height: usize,
    /// Columns of pixels of the image.
    pub(super) width: usize,
    /// The image's place.
    pub(super) image: usize,
    /// First row of tiles.
    pub(super) first: usize,
    /// Rows of tiles.
    pub(super) rows: usize,
    /// Tiles in a row.
    pub(super) columns: usize,
    /// Place of the first tile in the strip.
    pub(super) tile: usize,
    /// Tiles of the strip.
    pub(super) count: usize,
}

impl Tiles {
    /// The tiles of `images`.
    pub(super) fn new(images: Images) -> Self {
        let (rows, columns) = (images.height.div_ceil(TILE), images.width.div_ceil(TILE));
        let tiles = rows * columns;
        // Four strips, where they still have tiles enough. Nothing here asks for the number of threads: each strip has
        // a partial sum of the bias's gradient, whose last bits must not depend on threads.
        let wanted = (images.batch * tiles / 4).clamp(STRIP_TILES.0, STRIP_TILES.1);
        let strip = if tiles >= wanted {
            // Whole rows of tiles of an image, so that a part's pixels are one run of each plane.
            wanted.div_ceil(columns).min(rows)
        } else {
            // Several whole images.
            (wanted / tiles).min(images.batch) * rows
        };
        Self {
            images,
            rows,
            columns,
            strip,
        }
    }

    /// Room for the pixels of the largest part, with a border of one, sixteen channels at a time.
    pub(super) fn pixels(&self) -> usize {
        (self.strip.min(self.rows) * TILE + 2) * (self.columns * TILE + 2) * LANES
    }

    /// Images that one task of the convolution works on: whole ones, as many as make a strip.
    pub(super) fn task(&self) -> usize {
        (self.strip / self.rows).max(1)
    }

    /// The parts of a strip: rows of tiles `from .. to` counted through all images.
    pub(super) fn parts(&self, from: usize, to: usize) -> impl Iterator<Item = Part> + use<> {
        let Self { rows, columns, .. } = *self;
        let Images { height, width, .. } = self.images;
        (from / rows..to.div_ceil(rows)).map(move |image| {
            let first = from.max(image * rows) - image * rows;
            let last = to.min((image + 1) * rows) - image * rows;
            // A strip that begins in the middle of an image may go on in the next: rows are counted through.
            Part {
                height,
                width,
                image,
                first,
                rows: last - first,
                columns,
                tile: (image * rows + first - from) * columns,
                count: (to - from) * columns,
            }
        })
    }
}

/// Length of a tile's row of numbers for so many channels.
pub(super) fn padded(channels: usize) -> usize {
    channels.next_multiple_of(LANES) + LANES
}
