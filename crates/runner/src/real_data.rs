//! The real dataset of a configuration: loaded, limited, and how its pixels reach a network.

use std::path::Path;

use ddrank_augment::{Augmentation, AugmentationError};
use ddrank_data::{
    CacheNotice, DataError, DatasetName, DatasetSource, ImageShape, LabelledImages, Normalisation,
    Whitening, WhiteningError, ZcaVariant, load_dataset,
};
use ddrank_models::InputShape;

use crate::configuration::DatasetSection;
use crate::trial::Preparation;

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

/// A real dataset on the host.
#[derive(Debug)]
pub(crate) struct RealData {
    pub(crate) class_names: Vec<String>,
    pub(crate) train: LabelledImages,
    pub(crate) test: LabelledImages,
    pub(crate) pipeline: Pipeline,
    pub(crate) preparation: Preparation,
}

impl RealData {
    /// Loads a dataset; what a reader of a report should know is added to the warnings.
    pub(crate) fn open(
        dataset: &DatasetSection,
        whitening_cache: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<Self, RealDataError> {
        if dataset.root.is_none() && dataset.name != DatasetName::Demo {
            return Err(RealDataError::Root(dataset.name));
        }
        let real = load_dataset(&DatasetSource {
            name: dataset.name,
            root: dataset.root.clone(),
            size: dataset.size,
            transform: dataset.transform.clone(),
            train_limit: None,
            test_limit: None,
            normalisation: dataset.normalisation.clone(),
        })?;
        let (pipeline, preparation) = prepare(
            dataset,
            &real.train,
            &real.normalisation,
            whitening_cache,
            warnings,
        )?;
        let (train, test) = ("dataset.train_limit", "dataset.test_limit");
        Ok(Self {
            class_names: real.class_names,
            train: limited(real.train, dataset.train_limit, train, warnings),
            test: limited(real.test, dataset.test_limit, test, warnings),
            pipeline,
            preparation,
        })
    }

    /// The shape of images as a network is built for it.
    pub(crate) fn input(&self) -> InputShape {
        let shape = self.train.shape();
        InputShape {
            channels: shape.channels,
            height: shape.height,
            width: shape.width,
        }
    }

    /// The whole training set, ready for a network.
    pub(crate) fn training_set(&self) -> LabelledImages {
        self.pipeline.apply(&self.train)
    }

    /// The test set, ready for a network.
    pub(crate) fn test_set(&self) -> LabelledImages {
        self.pipeline.apply(&self.test)
    }

    /// Training images must keep the shape of the test images through augmentation: one network sees both.
    pub(crate) fn check_augmentation(
        &self,
        augmentation: &Augmentation,
        key: &'static str,
    ) -> Result<(), RealDataError> {
        let tested = self.train.shape();
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
    train: &LabelledImages,
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
    let whitening = fit_whitening(train, variant, whitening_cache, warnings)?;
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
    images: LabelledImages,
    limit: Option<usize>,
    key: &str,
    warnings: &mut Vec<String>,
) -> LabelledImages {
    let Some(limit) = limit.filter(|&limit| limit < images.len()) else {
        return images;
    };
    warnings.push(format!(
        "key `{key}`: only the first {limit} of {} images are used",
        images.len()
    ));
    let limited = images.first(limit);
    let empty = limited
        .class_counts()
        .iter()
        .filter(|&&count| count == 0)
        .count();
    if empty > 0 {
        warnings.push(format!(
            "key `{key}`: the first {limit} images hold none of {empty} of the {} classes",
            limited.classes()
        ));
    }
    limited
}
