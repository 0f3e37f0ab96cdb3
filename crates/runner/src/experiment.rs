//! A configuration with its data resolved: loaded, checked, prepared and fingerprinted.

use std::path::Path;

use burn::tensor::Device;
use ddrank_augment::{Augmentation, AugmentationError};
use ddrank_data::{
    CacheNotice, DataError, DatasetName, DatasetSource, Fingerprint, ImageShape, LabelledImages,
    Normalisation, SelectionError, Whitening, WhiteningError, ZcaVariant, load_dataset,
    random_selection,
};
use ddrank_labels::Teachers;
use ddrank_models::{InputShape, ModelError};

use crate::configuration::{Configuration, DatasetSection, RealArm};
use crate::distilled::{DistilledError, DistilledSet, Expectation, load};
use crate::noise::noise_images;
use crate::randomness::{Purpose, Randomness};
use crate::teacher_files::{TeacherFile, TeacherFileError, load_teachers, teacher_fingerprint};
use crate::trial::{Preparation, TeacherDescription};

/// Why an experiment cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The real dataset.
    #[error("key `dataset`: {0}")]
    Dataset(#[from] DataError),
    /// No folder with the real data is given.
    #[error(
        "key `dataset.root`: not given, the folder with the files of {0}; add it, or use --set dataset.root=PATH"
    )]
    Root(DatasetName),
    /// A distilled set.
    #[error(transparent)]
    Distilled(#[from] DistilledError),
    /// A teacher without weights.
    #[error(
        "key `labels.teachers.{index}.weights`: not given, the checkpoint of this {model}; add it, or use --set labels.teachers.{index}.weights=PATH"
    )]
    TeacherWeights {
        /// Its place in the list.
        index: usize,
        /// Its model.
        model: String,
    },
    /// The teachers.
    #[error("key `labels.teachers`: {0}")]
    Teachers(#[from] TeacherFileError),
    /// Too few real images for a random selection.
    #[error("random selection: {0}")]
    Selection(#[from] SelectionError),
    /// The augmentation cannot be applied to these images.
    #[error("key `{key}`: {source}")]
    Augmentation {
        /// Which augmentation.
        key: &'static str,
        /// What is wrong.
        source: AugmentationError,
    },
    /// The augmentation makes images of another size than the agent model is tested on.
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
    synthetic: DistilledSet,
    compare: Vec<DistilledSet>,
    teachers: Option<Teachers>,
    teacher_descriptions: Vec<TeacherDescription>,
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
}

/// Which of the distilled sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetIndex {
    /// The one that is scored.
    Synthetic,
    /// One of those to compare with.
    Compare(usize),
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
        if dataset.root.is_none() && dataset.name != DatasetName::Demo {
            return Err(ExperimentError::Root(dataset.name));
        }
        let real = load_dataset(&DatasetSource {
            name: dataset.name,
            root: dataset.root.clone(),
            size: dataset.size,
            train_limit: None,
            test_limit: None,
            normalisation: dataset.normalisation.clone(),
        })?;
        let mut warnings = Vec::new();
        let (pipeline, preparation) = prepare(
            dataset,
            &real.train,
            &real.normalisation,
            whitening_cache,
            &mut warnings,
        )?;
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

        let (shape, classes) = (train.shape(), train.classes());
        let distilled = |section, key: &str, warnings: &mut Vec<String>| {
            let expected = Expectation {
                key,
                shape,
                classes,
                mode: configuration.labels.mode,
            };
            load(section, &expected, &pipeline, warnings)
        };
        let synthetic = distilled(&configuration.synthetic, "synthetic", &mut warnings)?;
        let mut compare = Vec::new();
        for (index, set) in configuration.compare.iter().enumerate() {
            compare.push(distilled(
                &set.set,
                &format!("compare.{index}"),
                &mut warnings,
            )?);
        }
        let input = InputShape {
            channels: shape.channels,
            height: shape.height,
            width: shape.width,
        };
        let (teachers, teacher_descriptions) = teachers(&configuration, input, classes, device)?;

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
        };
        check_augmented_shape(&configuration.training.augmentation, shape, "augmentation")?;
        if let RealArm::Trained(recipe) = &configuration.real {
            check_augmented_shape(&recipe.augmentation, shape, "real_training.augmentation")?;
        }
        let mut weights = Randomness::new(configuration.seed, 0).stream(Purpose::Initialisation);
        let agent = configuration
            .agent
            .build(input, classes, &mut weights, device)?;
        Ok(Self {
            configuration,
            agent_parameters: agent.parameter_count(),
            class_names: real.class_names,
            train,
            test,
            synthetic,
            compare,
            teachers,
            teacher_descriptions,
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

    /// A distilled set.
    ///
    /// # Panics
    /// If there is no set to compare with of that index.
    pub fn distilled(&self, set: SetIndex) -> &DistilledSet {
        match set {
            SetIndex::Synthetic => &self.synthetic,
            SetIndex::Compare(index) => &self.compare[index],
        }
    }

    /// Number of distilled images.
    pub fn synthetic_len(&self) -> usize {
        self.synthetic.images.len()
    }

    /// The teachers, where the recipe has some.
    pub fn teachers(&self) -> Option<&Teachers> {
        self.teachers.as_ref()
    }

    /// What identifies the teachers.
    pub fn teacher_descriptions(&self) -> &[TeacherDescription] {
        &self.teacher_descriptions
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

    /// Images of uniform noise for a round, class-major and as many per class as the distilled set has, prepared like
    /// real images.
    pub fn noise_set(&self, round: u32) -> LabelledImages {
        let mut stream = Randomness::new(self.configuration.seed, round).stream(Purpose::Noise);
        let (shape, classes) = (self.shape(), self.classes());
        let noise = noise_images(
            shape,
            classes,
            self.configuration.synthetic.ipc,
            &mut stream,
        );
        self.pipeline.apply(&noise)
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
    key: &'static str,
) -> Result<(), ExperimentError> {
    let made = augmentation
        .output_shape([shape.channels, shape.height, shape.width])
        .map_err(|source| ExperimentError::Augmentation { key, source })?;
    if made != [shape.channels, shape.height, shape.width] {
        return Err(ExperimentError::AugmentedShape {
            key,
            made,
            tested: shape,
        });
    }
    Ok(())
}

/// How real pixels reach a network. Whitening is a property of the dataset, so it is fitted before any limit.
fn prepare(
    dataset: &DatasetSection,
    train: &LabelledImages,
    normalisation: &Normalisation,
    whitening_cache: &Path,
    warnings: &mut Vec<String>,
) -> Result<(Pipeline, Preparation), ExperimentError> {
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

/// Loads the teachers of the recipe onto the device.
fn teachers(
    configuration: &Configuration,
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<(Option<Teachers>, Vec<TeacherDescription>), ExperimentError> {
    let sections = &configuration.labels.teachers;
    if sections.is_empty() {
        return Ok((None, Vec::new()));
    }
    let mut files = Vec::new();
    let mut descriptions = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let Some(weights) = section.weights.clone() else {
            return Err(ExperimentError::TeacherWeights {
                index,
                model: section.model.name.to_string(),
            });
        };
        let file = TeacherFile {
            model: section.model.clone(),
            weights,
        };
        descriptions.push(TeacherDescription {
            model: section.model.clone(),
            weights: teacher_fingerprint(&file)?.to_string(),
        });
        files.push(file);
    }
    let teachers = load_teachers(&files, input, classes, device)?;
    Ok((Some(teachers), descriptions))
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
