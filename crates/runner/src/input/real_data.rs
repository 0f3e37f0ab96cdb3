//! The real dataset of a configuration: loaded, limited, and how its pixels reach a network.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use ddrank_augment::{Augmentation, AugmentationError};
use ddrank_data::{
    CacheNotice, DataError, DatasetName, DatasetSource, Fingerprint, Geometry, ImageShape,
    LabelledImages, Normalisation, Pictures, Whitening, WhiteningError, ZcaVariant, open_dataset,
    total_memory,
};
use ddrank_models::InputShape;

use crate::input::host_images::HostImages;
use crate::input::other_preparation::PreparedReal;
use crate::input::preparation::Preparation;
use crate::input::stream::PictureStream;
use ddrank_configuration::DatasetSection;

/// Why a real dataset cannot be used. The messages begin with the key.
#[derive(Debug, thiserror::Error)]
pub enum RealDataError {
    /// Its files.
    #[error("key `dataset`: {0}")]
    Dataset(#[from] DataError),
    /// No folder is given.
    #[error(
        "key `dataset.root`: not given, the folder with the files of {0}; add it, or use --set dataset.root=PATH"
    )]
    Root(DatasetName),
    /// Whitening.
    #[error("key `dataset.zca`: {0}")]
    Whitening(#[from] WhiteningError),
    /// An augmentation cannot be applied to these images.
    #[error("key `{key}`: {source}")]
    Augmentation {
        /// Which augmentation.
        key: &'static str,
        /// What is wrong.
        source: AugmentationError,
    },
    /// An augmentation makes images of another size than the agent model is tested on.
    #[error(
        "key `{key}`: makes training images of {made:?} (channels, height, width), but the agent model is tested on {tested}"
    )]
    AugmentedShape {
        /// Which augmentation.
        key: &'static str,
        /// Channels, height and width after augmentation.
        made: [usize; 3],
        /// The shape of the test images.
        tested: ImageShape,
    },
}

/// A real dataset on the host, or still in its files.
#[derive(Debug)]
pub(crate) struct RealData {
    pub(crate) class_names: Vec<String>,
    /// Each with its own size.
    pub(crate) train: Pictures,
    pub(crate) test: Pictures,
    /// How pictures that no augmentation touches are brought to the size that a network sees.
    pub(crate) geometry: Geometry,
    pub(crate) pipeline: Pipeline,
    pub(crate) preparation: Preparation,
    pub(crate) fingerprints: Fingerprints,
    /// The training images brought to size, where they fit into memory.
    pub(super) prepared: Option<LabelledImages>,
    /// What some of the training images look like, when it has been asked for; absent where a picture cannot be read.
    pub(super) looks: OnceLock<Option<PreparedReal>>,
}

/// What identifies the data of an experiment.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprints {
    /// Real training images, after any limit.
    pub train: Fingerprint,
    /// Test images, after any limit.
    pub test: Fingerprint,
}

impl RealData {
    /// Opens a dataset; what a reader of a report should know is added to the warnings.
    pub(crate) fn open(
        dataset: &DatasetSection,
        whitening_cache: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<Self, RealDataError> {
        if dataset.root.is_none() && dataset.name.has_files() {
            return Err(RealDataError::Root(dataset.name));
        }
        let opened = open_dataset(&DatasetSource {
            name: dataset.name,
            root: dataset.root.clone(),
            size: dataset.size,
            transform: dataset.transform.clone(),
            train_limit: None,
            test_limit: None,
            normalisation: dataset.normalisation.clone(),
        })?;
        let geometry = opened.geometry;
        let (pipeline, preparation) = prepare(
            dataset,
            &opened.train,
            &geometry,
            &opened.normalisation,
            whitening_cache,
            warnings,
        )?;
        let (train, test) = ("dataset.train_limit", "dataset.test_limit");
        let train = limited(opened.train, dataset.train_limit, train, warnings);
        let test = limited(opened.test, dataset.test_limit, test, warnings);
        let prepared = in_memory(&train, &geometry)?;
        // Small test sets are decoded once; their content, not their files, is what counts.
        let test = match in_memory(&test, &geometry)? {
            Some(images) => Pictures::uniform(images)?,
            None => test,
        };
        let fingerprints = Fingerprints {
            train: match &prepared {
                Some(images) if geometry.steps().is_empty() || train.is_in_memory() => {
                    images.fingerprint()
                }
                _ => train.fingerprint()?,
            },
            test: test.fingerprint()?,
        };
        Ok(Self {
            looks: OnceLock::new(),
            class_names: opened.class_names,
            train,
            test,
            geometry,
            pipeline,
            preparation,
            fingerprints,
            prepared,
        })
    }

    /// The shape of the images that a network sees.
    pub(crate) fn shape(&self) -> ImageShape {
        self.geometry.shape()
    }

    /// The same as a network is built for it.
    pub(crate) fn input(&self) -> InputShape {
        let shape = self.shape();
        InputShape {
            channels: shape.channels,
            height: shape.height,
            width: shape.width,
        }
    }

    /// The whole training set for this augmentation.
    pub(crate) fn training_set(
        &self,
        augmentation: &Augmentation,
    ) -> Result<HostImages, DataError> {
        match &self.prepared {
            Some(images) if !self.takes_own_sizes(augmentation) => Ok(self.ready(images)?),
            _ => self.host(&self.train, augmentation),
        }
    }

    /// Some of the training images, by their positions, for this augmentation.
    pub(crate) fn selection(
        &self,
        positions: &[usize],
        augmentation: &Augmentation,
    ) -> Result<HostImages, DataError> {
        match &self.prepared {
            Some(images) if !self.takes_own_sizes(augmentation) => {
                self.ready(&images.select(positions))
            }
            _ => self.host(&self.train.select(positions), augmentation),
        }
    }

    /// The test set.
    pub(crate) fn test_set(&self) -> Result<HostImages, DataError> {
        self.host(&self.test, &Augmentation::None)
    }

    /// Pictures for this augmentation: as they are where it brings them to size itself, otherwise brought to size.
    pub(crate) fn host(
        &self,
        pictures: &Pictures,
        augmentation: &Augmentation,
    ) -> Result<HostImages, DataError> {
        let Pipeline::Normalise(normalisation) = &self.pipeline else {
            return self.ready(&pictures.prepared(&self.geometry)?);
        };
        let stream = |pictures: Pictures, geometry| {
            HostImages::Streamed(PictureStream {
                pictures: Arc::new(pictures),
                normalisation: normalisation.clone(),
                geometry,
            })
        };
        let small = pictures.len() as u64 * LARGE_PICTURE <= memory_share();
        if self.takes_own_sizes(augmentation) {
            if !small {
                return Ok(stream(pictures.clone(), None));
            }
            let decoded = pictures.decoded()?;
            if !decoded.all_have(self.geometry.size()) {
                return Ok(stream(decoded, None));
            }
            let same = Geometry::new(Vec::new(), self.geometry.size())?;
            return self.ready(&decoded.prepared(&same)?);
        }
        match in_memory(pictures, &self.geometry)? {
            Some(images) => self.ready(&images),
            None => Ok(stream(pictures.clone(), Some(self.geometry.clone()))),
        }
    }

    /// Bytes of the network's size as floats if these fit, otherwise as a stream.
    fn ready(&self, images: &LabelledImages) -> Result<HostImages, DataError> {
        let floats = images.len() as u64 * images.shape().len() as u64 * 4;
        match &self.pipeline {
            Pipeline::Normalise(normalisation) if floats > memory_share() => {
                Ok(HostImages::Streamed(PictureStream {
                    pictures: Arc::new(Pictures::uniform(images.clone())?),
                    normalisation: normalisation.clone(),
                    geometry: Some(Geometry::new(Vec::new(), self.geometry.size())?),
                }))
            }
            pipeline => Ok(HostImages::Ready(pipeline.apply(images))),
        }
    }

    /// Whether an augmentation brings pictures of any size to that of the network, so that it takes them as they are.
    fn takes_own_sizes(&self, augmentation: &Augmentation) -> bool {
        let shape = self.shape();
        let wanted = [shape.channels, shape.height, shape.width];
        matches!(self.pipeline, Pipeline::Normalise(_))
            && augmentation
                .output_shape_ragged(shape.channels)
                .is_ok_and(|made| made == wanted)
    }

    /// Training images must have the shape of the test images after augmentation: one network sees both.
    pub(crate) fn check_augmentation(
        &self,
        augmentation: &Augmentation,
        key: &'static str,
    ) -> Result<(), RealDataError> {
        if self.takes_own_sizes(augmentation) {
            return Ok(());
        }
        let tested = self.shape();
        let shape = [tested.channels, tested.height, tested.width];
        let made = augmentation
            .output_shape(shape)
            .map_err(|source| RealDataError::Augmentation { key, source })?;
        if made != shape {
            return Err(RealDataError::AugmentedShape { key, made, tested });
        }
        Ok(())
    }
}

/// Bytes that a picture of a photograph collection may take when it is decoded.
const LARGE_PICTURE: u64 = 600_000;

/// Names the environment variable that replaces [`memory_share`].
const MEMORY_VARIABLE: &str = "DDRANK_SET_BYTES";

/// Bytes that one set of images may take in memory. Larger sets are read batch by batch.
fn memory_share() -> u64 {
    static SHARE: OnceLock<u64> = OnceLock::new();
    *SHARE.get_or_init(|| {
        let asked = std::env::var(MEMORY_VARIABLE).ok();
        asked
            .and_then(|bytes| bytes.parse().ok())
            .unwrap_or_else(|| share_of(total_memory()))
    })
}

/// A third of the memory, at most 8 GB.
fn share_of(total: u64) -> u64 {
    (total / 3).clamp(500_000_000, 8_000_000_000)
}

/// The pictures brought to size, if that fits into memory.
fn in_memory(
    pictures: &Pictures,
    geometry: &Geometry,
) -> Result<Option<LabelledImages>, DataError> {
    let fits = pictures.prepared_bytes(geometry) <= memory_share();
    fits.then(|| pictures.prepared(geometry)).transpose()
}

/// Turns real pixels into what a network sees.
#[derive(Debug)]
pub(crate) enum Pipeline {
    Normalise(Normalisation),
    Whiten(Whitening),
}

impl Pipeline {
    /// Prepares images of bytes that have the dataset's shape.
    #[expect(
        clippy::expect_used,
        reason = "datasets and image folders are bytes, and shapes agree since loading"
    )]
    pub(crate) fn apply(&self, images: &LabelledImages) -> LabelledImages {
        match self {
            Self::Normalise(normalisation) => images
                .normalised(normalisation)
                .expect("bytes with as many channels"),
            Self::Whiten(whitening) => whitening.apply(images).expect("bytes of the fitted shape"),
        }
    }
}

/// How real pixels reach a network. Whitening is a property of the dataset, so it is fitted before any limit.
fn prepare(
    dataset: &DatasetSection,
    train: &Pictures,
    geometry: &Geometry,
    normalisation: &Normalisation,
    whitening_cache: &Path,
    warnings: &mut Vec<String>,
) -> Result<(Pipeline, Preparation), RealDataError> {
    let Some(variant) = dataset.zca else {
        let (mean, std) = (normalisation.mean().to_vec(), normalisation.std().to_vec());
        return Ok((
            Pipeline::Normalise(normalisation.clone()),
            Preparation::Normalise { mean, std },
        ));
    };
    let train = train.prepared(geometry)?;
    let whitening = fit_whitening(&train, variant, whitening_cache, warnings)?;
    let preparation = Preparation::Whiten {
        variant,
        fitted_on: train.fingerprint(),
    };
    Ok((Pipeline::Whiten(whitening), preparation))
}

fn fit_whitening(
    train: &LabelledImages,
    variant: ZcaVariant,
    cache: &Path,
    warnings: &mut Vec<String>,
) -> Result<Whitening, WhiteningError> {
    let cached = Whitening::fit_cached(train, variant, cache)?;
    if let CacheNotice::Replaced { problem } = cached.notice {
        let path = cached.path.display();
        warnings.push(format!(
            "the whitening matrix {path} was damaged ({problem}) and has been computed again"
        ));
    }
    Ok(cached.whitening)
}

/// The first `limit` images. Says so, and which classes that leaves without an image.
fn limited(
    images: Pictures,
    limit: Option<usize>,
    key: &str,
    warnings: &mut Vec<String>,
) -> Pictures {
    let Some(limit) = limit.filter(|&limit| limit < images.len()) else {
        return images;
    };
    warnings.push(format!(
        "key `{key}`: only the first {limit} of {} images are used",
        images.len()
    ));
    let limited = images.first(limit);
    let mut counts = vec![0_usize; limited.classes()];
    for &label in limited.labels() {
        counts[label as usize] += 1;
    }
    let empty = counts.iter().filter(|&&count| count == 0).count();
    if empty > 0 {
        warnings.push(format!(
            "key `{key}`: the first {limit} images hold none of {empty} of the {} classes",
            limited.classes()
        ));
    }
    limited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_takes_a_third_of_the_memory_that_the_container_has() {
        assert_eq!(share_of(6_000_000_000), 2_000_000_000);
        assert_eq!(share_of(512_000_000_000), 8_000_000_000);
        assert_eq!(share_of(0), 500_000_000);
        if std::env::var_os(MEMORY_VARIABLE).is_none() {
            assert_eq!(memory_share(), share_of(total_memory()));
        }
    }
}
