//! Both splits of a dataset, as its files have them.

use super::folder_listing::Listing;
use super::source::DatasetSource;
use crate::{DataError, LabelledImages, Pictures};

/// The classes and pictures of a dataset before anything is brought to size.
pub(super) struct Opened {
    /// Names of the classes; the label is the position.
    pub(super) class_names: Vec<String>,
    pub(super) train: Pictures,
    pub(super) test: Pictures,
}

impl Opened {
    /// Images in memory, as many as the source asks for.
    pub(super) fn in_memory(
        class_names: Vec<String>,
        train: LabelledImages,
        test: LabelledImages,
        source: &DatasetSource,
    ) -> Result<Self, DataError> {
        let limited = |images: LabelledImages, limit: Option<usize>| {
            Pictures::uniform(match limit {
                Some(limit) => images.first(limit),
                None => images,
            })
        };
        Ok(Self {
            class_names,
            train: limited(train, source.train_limit)?,
            test: limited(test, source.test_limit)?,
        })
    }

    /// Files that were listed; nothing of them is decoded.
    pub(super) fn in_files(train: Listing, test: Listing) -> Result<Self, DataError> {
        let pictures = |listing: Listing| {
            Pictures::files(&listing.folder, listing.classes.len(), listing.pictures)
        };
        Ok(Self {
            class_names: train.classes.clone(),
            train: pictures(train)?,
            test: pictures(test)?,
        })
    }
}
