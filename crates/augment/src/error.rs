//! Images that an augmentation cannot be used on.

use thiserror::Error;

/// An augmentation that does not fit the images. One that is not described correctly is a
/// [`KeyError`](ddrank_keys::KeyError) instead.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AugmentationError {
    /// One transform of a sequence.
    #[error("transform {place}: {source}")]
    Entry {
        /// Its place, from 1.
        place: usize,
        /// What is wrong with it.
        source: Box<AugmentationError>,
    },
    /// Pictures of several sizes reach a transform that needs one size.
    #[error(
        "`{transform}` needs images of one size: put `resize-crop`, `resize` with [height, width], `center-crop` or `random-crop` before it"
    )]
    OneSize {
        /// What the transform is.
        transform: String,
    },
    /// Pictures of several sizes still have several sizes in the end.
    #[error(
        "the images have several sizes, and `{transform}` does not give them one: add `resize-crop`, `resize` with [height, width], `center-crop` or `random-crop`"
    )]
    StaysRagged {
        /// What the transform is.
        transform: String,
    },
    /// The images do not fit.
    #[error(
        "`{name}` cannot be used on images of {channels} x {height} x {width} (channels, height, width): {reason}"
    )]
    Images {
        /// The augmentation.
        name: &'static str,
        /// Channels of the images.
        channels: usize,
        /// Rows of the images.
        height: usize,
        /// Columns of the images.
        width: usize,
        /// Why, in words.
        reason: String,
    },
}

impl AugmentationError {
    /// What is wrong with the entry at `index`, from 0, of a list.
    pub(crate) fn entry(index: usize, source: Self) -> Self {
        Self::Entry {
            place: index + 1,
            source: Box::new(source),
        }
    }

    pub(crate) fn images(
        name: &'static str,
        [channels, height, width]: [usize; 3],
        reason: impl Into<String>,
    ) -> Self {
        Self::Images {
            name,
            channels,
            height,
            width,
            reason: reason.into(),
        }
    }
}
