//! A configuration with its data resolved: loaded, checked, prepared and fingerprinted.

use std::path::Path;

use burn::tensor::Device;
use ddrank_augment::{Augmentation, AugmentationError};
use ddrank_data::files::FileError;
use ddrank_data::synthetic::SyntheticError;
use ddrank_data::{
    CacheNotice, DataError, DatasetSource, Fingerprint, ImageShape, ImagesError, LabelledImages,
    Normalisation, SelectionError, Whitening, WhiteningError, ZcaVariant, load_dataset,
    random_selection,
};
use ddrank_models::{InputShape, ModelError};

use crate::configuration::Configuration;
use crate::distilled::{learning_rate, load};
use crate::randomness::{Purpose, Randomness};
use crate::trial::Preparation;

/// Why an experiment cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The real dataset.
    #[error("key `dataset`: {0}")]
    Dataset(#[from] DataError),
    /// The distilled set.
    #[error("key `synthetic`: {0}")]
    Synthetic(#[from] SyntheticError),
    /// The learning rate of the distilled set.
    #[error(
        "key `synthetic.learning_rate`: {0} is not a learning rate; expected a positive number"
    )]
    LearningRate(f64),
    /// The file with the learning rate of the distilled set.
    #[error("key `synthetic.learning_rate`: no learning rate in that file")]
    LearningRateFile(#[source] FileError),
    /// Too few real images for a random selection.
    #[error("random selection: {0}")]
    Selection(#[from] SelectionError),
    /// The augmentation cannot be applied to these images.
    #[error("key `augmentation`: {0}")]
    Augmentation(#[from] AugmentationError),
    /// The augmentation makes images of another size than the agent model is tested on.
    #[error(
        "key `augmentation`: makes training images of {made:?} (channels, height, width), but the agent model is tested on {tested}"
    )]
    AugmentedShape {
        /// Channels, height and width after augmentation.
        made: [usize; 3],
        /// The shape of the test images.
        tested: ImageShape,
    },
    /// Images and labels that do not fit together.
    #[error("key `synthetic`: {0}")]
    Images(#[from] ImagesError),
    /// Whitening.
    #[error("key `dataset.zca`: {0}")]
    Whitening(#[from] WhiteningError),
    /// The agent model cannot be built for these images.
    #[error("key `agent`: {0}")]
    Agent(#[from] ModelError),
}

/// Everything that the trials of an experiment need, on the host.
#[derive(Debug)]
pub struct Experiment {
    configuration: Configuration,
    agent_parameters: usize,
    class_names: Vec<String>,
    train: LabelledImages,
    test: LabelledImages,
    synthetic: LabelledImages,
    synthetic_labels: &'static str,
    synthetic_learning_rate: Option<f64>,
    preparation: Preparation,
    pipeline: Pipeline,
    selections: Vec<Vec<usize>>,
    fingerprints: Fingerprints,
    warnings: Vec<String>,
}

/// What identifies the data of an experiment.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprints {
    /// Real training images, after any limit.
    pub train: Fingerprint,
    /// Test images, after any limit.
    pub test: Fingerprint,
    /// The distilled set as it reaches the network.
    pub synthetic: Fingerprint,
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

impl Experiment {
    /// Loads and checks the data of a configuration, and that the agent model can be built for it on `device`. Whitening
    /// matrices are kept in `whitening_cache`.
    ///
    /// # Errors
    /// If data is missing, malformed or does not fit together.
    pub fn open(
        configuration: Configuration,
        whitening_cache: &Path,
        device: &Device,
    ) -> Result<Self, ExperimentError> {
        let dataset = &configuration.dataset;
        let real = load_dataset(&DatasetSource {
            name: dataset.name,
            root: dataset.root.clone(),
            size: dataset.size,
            train_limit: None,
            test_limit: None,
            normalisation: dataset.normalisation.clone(),
        })?;
        let mut warnings = Vec::new();
        // Whitening is a property of the dataset, so it is fitted before any limit.
        let (pipeline, preparation) = match dataset.zca {
            None => {
                let normalisation = real.normalisation.clone();
                let (mean, std) = (normalisation.mean().to_vec(), normalisation.std().to_vec());
                (
                    Pipeline::Normalise(normalisation),
                    Preparation::Normalise { mean, std },
                )
            }
            Some(variant) => {
                let whitening =
                    fit_whitening(&real.train, variant, whitening_cache, &mut warnings)?;
                (
                    Pipeline::Whiten(whitening),
                    Preparation::Whiten {
                        variant,
                        fitted_on: real.train.fingerprint(),
                    },
                )
            }
        };
        let train = limited(
            real.train,
            dataset.train_limit,
            "dataset.train_limit",
            &mut warnings,
        );
        let test = limited(
            real.test,
            dataset.test_limit,
            "dataset.test_limit",
            &mut warnings,
        );

        let loaded = load(&configuration, train.shape(), train.classes(), &pipeline)?;
        warnings.extend(loaded.warnings);
        let synthetic_learning_rate = learning_rate(&configuration)?;

        let selections = (0..configuration.rounds)
            .map(|round| {
                let mut stream =
                    Randomness::new(configuration.seed, round).stream(Purpose::Selection);
                random_selection(
                    train.labels(),
                    train.classes(),
                    configuration.synthetic.ipc,
                    &mut stream,
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        let fingerprints = Fingerprints {
            train: train.fingerprint(),
            test: test.fingerprint(),
            synthetic: loaded.images.fingerprint(),
        };
        check_augmented_shape(&configuration.training.augmentation, train.shape())?;
        let input = InputShape {
            channels: train.shape().channels,
            height: train.shape().height,
            width: train.shape().width,
        };
        let mut weights = Randomness::new(configuration.seed, 0).stream(Purpose::Initialisation);
        let agent = configuration
            .agent
            .build(input, train.classes(), &mut weights, device)?;
        Ok(Self {
            configuration,
            agent_parameters: agent.parameter_count(),
            class_names: real.class_names,
            train,
            test,
            synthetic: loaded.images,
            synthetic_labels: loaded.labels,
            synthetic_learning_rate,
            preparation,
            pipeline,
            selections,
            fingerprints,
            warnings,
        })
    }

    /// The checked configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.train.classes()
    }

    /// Names of the classes, by label.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Shape of one image.
    pub fn shape(&self) -> ImageShape {
        self.train.shape()
    }

    /// Number of real training and test images, after any limit.
    pub fn sizes(&self) -> (usize, usize) {
        (self.train.len(), self.test.len())
    }

    /// Number of distilled images.
    pub fn synthetic_len(&self) -> usize {
        self.synthetic.len()
    }

    /// What the labels of the distilled set are, in words.
    pub fn synthetic_labels(&self) -> &'static str {
        self.synthetic_labels
    }

    /// The learning rate that came with the distilled set.
    pub fn synthetic_learning_rate(&self) -> Option<f64> {
        self.synthetic_learning_rate
    }

    /// How real pixels are prepared.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// What identifies the data.
    pub fn fingerprints(&self) -> Fingerprints {
        self.fingerprints
    }

    /// Indices of the random selection of a round into the real training set, class-major.
    ///
    /// # Panics
    /// If the round is not below the configured number.
    pub fn selection(&self, round: u32) -> &[usize] {
        &self.selections[round as usize]
    }

    /// What identifies the random selection of a round.
    ///
    /// # Panics
    /// If the round is not below the configured number.
    pub fn selection_fingerprint(&self, round: u32) -> Fingerprint {
        Fingerprint::of_indices(self.selection(round))
    }

    /// Number of parameters of the agent model.
    pub fn agent_parameters(&self) -> usize {
        self.agent_parameters
    }

    /// What a reader of the report should know about the data.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The whole real training set, ready for a network: four bytes a pixel and channel, made anew on each call.
    pub fn real_training_set(&self) -> LabelledImages {
        self.pipeline.apply(&self.train)
    }

    /// The random selection of a round, ready for a network.
    ///
    /// # Panics
    /// If the round is not below the configured number.
    pub fn random_set(&self, round: u32) -> LabelledImages {
        self.pipeline
            .apply(&self.train.select(self.selection(round)))
    }

    /// The distilled set, ready for a network.
    pub fn synthetic_set(&self) -> LabelledImages {
        self.synthetic.clone()
    }

    /// The test set, ready for a network.
    pub fn test_set(&self) -> LabelledImages {
        self.pipeline.apply(&self.test)
    }
}

/// Training images must keep the shape of the test images through augmentation: one network sees both.
fn check_augmented_shape(
    augmentation: &Augmentation,
    shape: ImageShape,
) -> Result<(), ExperimentError> {
    let made = augmentation.output_shape([shape.channels, shape.height, shape.width])?;
    if made != [shape.channels, shape.height, shape.width] {
        return Err(ExperimentError::AugmentedShape {
            made,
            tested: shape,
        });
    }
    Ok(())
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
