//! A configuration with its data resolved: loaded, checked, prepared and fingerprinted.

use std::path::Path;

use burn::tensor::Device;
use ddrank_augment::Augmentation;
use ddrank_configuration::{Configuration, RealArm};
use ddrank_data::{
    DataError, Fingerprint, Geometry, ImageShape, LabelledImages, SelectionError, random_selection,
};
use ddrank_labels::Teachers;
use ddrank_metrics::Source;
use ddrank_models::{InputShape, ModelError};

use crate::input::teacher_files::{
    TeacherFile, TeacherFileError, load_teachers, teacher_fingerprint,
};
use crate::input::{
    DistilledError, DistilledSet, Expectation, Fingerprints, HostImages, Preparation, RealData,
    RealDataError, TeacherDescription, TrainingSet, load, noise_images,
};
use crate::trial::randomness::{Purpose, Randomness};

/// Why an experiment cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The real dataset.
    #[error(transparent)]
    Real(#[from] RealDataError),
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
    /// The agent model cannot be built for these images.
    #[error("key `agent`: {0}")]
    Agent(#[from] ModelError),
}

/// Everything that the trials of an experiment need, on the host.
#[derive(Debug)]
pub struct Experiment {
    configuration: Configuration,
    agent_parameters: usize,
    real: RealData,
    synthetic: DistilledSet,
    compare: Vec<DistilledSet>,
    teachers: Option<Teachers>,
    teacher_descriptions: Vec<TeacherDescription>,
    selections: Vec<Vec<usize>>,
    warnings: Vec<String>,
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
        let mut warnings = configuration.notices.clone();
        let real = RealData::open(&configuration.dataset, whitening_cache, &mut warnings)?;
        let train = &real.train;
        let classes = train.classes();
        let distilled = |section, key: &str, warnings: &mut Vec<String>| {
            let expected = Expectation {
                key,
                classes,
                mode: configuration.labels.mode,
            };
            load(section, &expected, &real, warnings)
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
        let input = real.input();
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
        real.check_augmentation(&configuration.training.augmentation, "augmentation")?;
        if let RealArm::Trained(recipe) = &configuration.real {
            real.check_augmentation(&recipe.augmentation, "real_training.augmentation")?;
        }
        let mut weights = Randomness::new(configuration.seed, 0).stream(Purpose::Initialisation);
        let agent = configuration
            .agent
            .build(input, classes, &mut weights, device)?;
        Ok(Self {
            configuration,
            agent_parameters: agent.parameter_count(),
            real,
            synthetic,
            compare,
            teachers,
            teacher_descriptions,
            selections,
            warnings,
        })
    }

    /// The checked configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.real.train.classes()
    }

    /// Names of the classes, by label.
    pub fn class_names(&self) -> &[String] {
        &self.real.class_names
    }

    /// Shape of one image.
    pub fn shape(&self) -> ImageShape {
        self.real.shape()
    }

    /// Number of real training and test images, after any limit.
    pub fn sizes(&self) -> (usize, usize) {
        (self.real.train.len(), self.real.test.len())
    }

    /// The classes of the test images, after any limit.
    pub fn test_labels(&self) -> &[u32] {
        self.real.test.labels()
    }

    /// The distilled set of this source; `None` of sources that are no distilled sets, and of sets that there are not.
    pub fn distilled(&self, source: Source) -> Option<&DistilledSet> {
        match source {
            Source::Synthetic => Some(&self.synthetic),
            Source::Compare(index) => self.compare.get(index),
            Source::Real | Source::Random | Source::Noise => None,
        }
    }

    /// The distilled set that is scored.
    pub fn synthetic(&self) -> &DistilledSet {
        &self.synthetic
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
        &self.real.preparation
    }

    /// What identifies the data.
    pub fn fingerprints(&self) -> Fingerprints {
        self.real.fingerprints
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

    /// The images of a training set for this augmentation.
    ///
    /// # Errors
    /// If a picture cannot be decoded, or memory is short.
    ///
    /// # Panics
    /// If there is no such round or set.
    pub(crate) fn images(
        &self,
        set: TrainingSet,
        augmentation: &Augmentation,
    ) -> Result<HostImages, DataError> {
        let distilled = |set: &DistilledSet| match &set.pictures {
            Some(pictures) => self.real.host(pictures, augmentation),
            None => Ok(HostImages::Ready(set.images.clone())),
        };
        match set.source() {
            Source::Real => self.real.training_set(augmentation),
            Source::Random => {
                let selection = self.selection(set.round());
                self.real.selection(selection, augmentation)
            }
            Source::Noise => Ok(HostImages::Ready(self.noise_set(set.round()))),
            Source::Synthetic => distilled(&self.synthetic),
            Source::Compare(index) => distilled(&self.compare[index]),
        }
    }

    /// The shape of the images that a network sees.
    pub(crate) fn input(&self) -> InputShape {
        self.real.input()
    }

    /// How pictures that no augmentation touches are brought to the size that a network sees.
    pub fn geometry(&self) -> &Geometry {
        &self.real.geometry
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
        self.real.pipeline.apply(&noise)
    }

    /// The test images.
    ///
    /// # Errors
    /// If a picture cannot be decoded.
    pub(crate) fn test_images(&self) -> Result<HostImages, DataError> {
        self.real.test_set()
    }
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
