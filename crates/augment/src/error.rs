//! What can be wrong with an augmentation.

use thiserror::Error;

/// An augmentation that is not described correctly, or that does not fit the images.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AugmentationError {
    /// A value of the wrong kind or outside its range.
    #[error("`{key}` is {value}; it must be {allowed}")]
    Value {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// A key without a default is absent.
    #[error("`{name}` needs the key `{key}`: {allowed}")]
    Missing {
        /// The augmentation.
        name: &'static str,
        /// The key.
        key: &'static str,
        /// What it must be, in words.
        allowed: &'static str,
    },
    /// A key that the augmentation does not have.
    #[error("`{key}` is not a key of `{name}`; {known}")]
    UnknownKey {
        /// The augmentation.
        name: &'static str,
        /// The key.
        key: String,
        /// The keys that it has, in words.
        known: String,
    },
    /// No augmentation of this name.
    #[error("`{name}` is not an augmentation; allowed: {known}")]
    UnknownName {
        /// What was given.
        name: String,
        /// All names.
        known: String,
    },
    /// Something that is no table with a name and no list.
    #[error(
        "{found} describes no augmentation; expected a table with `name`, or a list of such tables"
    )]
    Form {
        /// What was given.
        found: String,
    },
    /// A table of DSA that cannot be read.
    #[error("dsa: {0}")]
    DsaTable(String),
    /// One entry of a list.
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
    pub(crate) fn value(key: &'static str, value: impl ToString, allowed: &'static str) -> Self {
        Self::Value {
            key,
            value: value.to_string(),
            allowed,
        }
    }

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
