//! A configuration with its data resolved: loaded, checked, prepared and fingerprinted.

use std::path::Path;

use burn::tensor::Device;
use ddrank_augment::Augmentation;
use ddrank_configuration::{Configuration, RealArm};
use ddrank_data::{
    DataError, Fingerprint, Geometry, ImageShape, LabelledImages, SelectionError, random_selection,
};
use ddrank_labels::Teachers;
use ddrank_metrics::{Accuracy, Source};
use ddrank_models::{InputShape, ModelError};

use crate::input::{
    DistilledError, DistilledSet, Expectation, ExperimentTeachers, ExperimentTeachersError,
    Fingerprints, HostImages, Preparation, RealData, RealDataError, TeacherDescription,
    TrainingSet, load, noise_images,
};
use crate::needed_memory::{NeededMemory, check_selections, check_training};
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
    /// The teachers.
    #[error(transparent)]
    Teachers(#[from] ExperimentTeachersError),
    /// Too few real images for a random selection.
    #[error("random selection: {0}")]
    Selection(#[from] SelectionError),
    /// The agent model cannot be built for these images.
    #[error("key `agent`: {0}")]
    Agent(#[from] ModelError),
    /// More memory is needed than there is.
    #[error(transparent)]
    Memory(#[from] NeededMemory),
}

/// Everything that the trials of an experiment need, on the host.
#[derive(Debug)]
pub struct Experiment {
    configuration: Configuration,
    agent_parameters: usize,
    real: RealData,
    synthetic: DistilledSet,
    compare: Vec<DistilledSet>,
    teachers: ExperimentTeachers,
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
        let teachers = ExperimentTeachers::load(&configuration, &real, device, &mut warnings)?;

        let drawn = configuration.synthetic.ipc.saturating_mul(classes);
        if let Some(problem) = check_selections(configuration.rounds, drawn) {
            return Err(problem.into());
        }
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
        let trained = match &configuration.real {
            RealArm::Trained(recipe) => recipe.batch_size.min(train.len()),
            RealArm::Given(_) => 0,
        };
        let distilled = configuration
            .training
            .batch_size
            .min(synthetic.images.len());
        let problem = check_training(
            &configuration.agent,
            input,
            classes,
            trained.max(distilled),
            &mut weights,
            device,
        )?;
        if let Some(problem) = problem {
            return Err(problem.into());
        }
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
        self.teachers.networks()
    }

    /// What identifies the teachers.
    pub fn teacher_descriptions(&self) -> impl Iterator<Item = &TeacherDescription> {
        let each = self.teachers.each().iter();
        each.map(|teacher| &teacher.description)
    }

    /// The accuracy of each teacher on the test images, where it was measured.
    pub fn teacher_accuracies(&self) -> impl Iterator<Item = Option<Accuracy>> {
        self.teachers.each().iter().map(|teacher| teacher.accuracy)
    }

    /// Each teacher with what it knows of the test images, in words.
    pub fn teachers_in_words(&self) -> Vec<(String, String)> {
        self.teachers.in_words(self.sizes().1)
    }

    /// Takes note of what the teachers know, and warns of those that know nothing.
    pub(crate) fn set_teacher_accuracies(&mut self, accuracies: Vec<Option<Accuracy>>) {
        let (images, classes) = (self.sizes().1, self.classes());
        let found = self.teachers.set_accuracies(accuracies, images, classes);
        self.warnings.extend(found);
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
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
