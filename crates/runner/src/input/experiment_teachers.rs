//! The teachers of an experiment: their networks, what identifies each, and what is known of it.

use burn::tensor::Device;
use ddrank_configuration::Configuration;
use ddrank_labels::Teachers;
use ddrank_metrics::Accuracy;

use crate::input::real_data::RealData;
use crate::input::teacher_description::TeacherDescription;
use crate::input::teacher_files::{TeacherFile, TeacherFileError, load_teachers};
use crate::input::teacher_knowledge::suspicion;
use crate::input::teacher_record::{TeacherRecord, TeacherUse};

/// Why the teachers of a recipe cannot be used. The messages begin with the key.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentTeachersError {
    /// A teacher without weights.
    #[error(
        "key `labels.teachers.{index}.weights`: not given, the checkpoint of this {model}; add it, or use --set labels.teachers.{index}.weights=PATH"
    )]
    Weights {
        /// Its place in the list.
        index: usize,
        /// Its model.
        model: String,
    },
    /// The files.
    #[error("key `labels.teachers`: {0}")]
    Files(#[from] TeacherFileError),
}

/// The teachers of an experiment, in the order of its configuration; none where the recipe has none.
#[derive(Debug, Default)]
pub(crate) struct ExperimentTeachers {
    networks: Option<Teachers>,
    each: Vec<KnownTeacher>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct KnownTeacher {
    /// What identifies it.
    pub(crate) description: TeacherDescription,
    /// What `ddrank train` wrote beside its weights.
    record: Option<TeacherRecord>,
    /// On the test images, where it is known.
    pub(crate) accuracy: Option<Accuracy>,
}

impl ExperimentTeachers {
    /// Loads the teachers of the recipe onto the device, and compares their records with this experiment.
    pub(crate) fn load(
        configuration: &Configuration,
        real: &RealData,
        device: &Device,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ExperimentTeachersError> {
        let sections = &configuration.labels.teachers;
        if sections.is_empty() {
            return Ok(Self::default());
        }
        let mut files = Vec::new();
        for (index, section) in sections.iter().enumerate() {
            let Some(weights) = section.weights.clone() else {
                return Err(ExperimentTeachersError::Weights {
                    index,
                    model: section.model.name.to_string(),
                });
            };
            files.push(TeacherFile {
                model: section.model.clone(),
                weights,
                weights_key: section.weights_key.clone(),
            });
        }
        let loaded = load_teachers(&files, real.input(), real.train.classes(), device)?;
        let shape = real.shape();
        let dataset = configuration.dataset.name.to_string();
        let mut each = Vec::new();
        for (index, (file, origin)) in files.into_iter().zip(loaded.origins).enumerate() {
            let key = format!("key `labels.teachers.{index}`");
            warnings.extend(origin.remark().map(|remark| format!("{key}: {remark}")));
            let record = TeacherRecord::beside(&file.weights);
            if let Some(record) = &record {
                let mismatches = record.mismatches(&TeacherUse {
                    model: &file.model,
                    weights: &origin.fingerprint,
                    image: [shape.channels, shape.height, shape.width],
                    dataset: Some(&dataset),
                    preparation: Some(&real.preparation),
                    class_names: Some(&real.class_names),
                });
                warnings.extend(mismatches.iter().map(|found| format!("{key}: {found}")));
            }
            each.push(KnownTeacher {
                record: record.filter(|record| record.is_of(&origin.fingerprint)),
                description: TeacherDescription {
                    model: file.model,
                    weights: origin.fingerprint.to_string(),
                },
                accuracy: None,
            });
        }
        Ok(Self {
            networks: Some(loaded.teachers),
            each,
        })
    }

    /// Their networks.
    pub(crate) fn networks(&self) -> Option<&Teachers> {
        self.networks.as_ref()
    }

    /// What is known of each.
    pub(crate) fn each(&self) -> &[KnownTeacher] {
        &self.each
    }

    /// Takes note of what they know of so many test images of so many classes, in their order. Those that know nothing, or
    /// less than in their training, are warned of.
    pub(crate) fn set_accuracies(
        &mut self,
        accuracies: impl IntoIterator<Item = Option<Accuracy>>,
        images: usize,
        classes: usize,
    ) -> Vec<String> {
        let mut warnings = Vec::new();
        for (index, (teacher, accuracy)) in self.each.iter_mut().zip(accuracies).enumerate() {
            teacher.accuracy = accuracy;
            let record = teacher.record.as_ref();
            let record = record.and_then(|record| record.accuracy.zip(record.test_images));
            let found = accuracy.and_then(|found| suspicion(found, images, classes, record));
            let model = &teacher.description.model.name;
            warnings.extend(
                found.map(|found| format!("key `labels.teachers.{index}`: this {model} {found}")),
            );
        }
        warnings
    }

    /// Each with what it knows of so many test images, in words.
    pub(crate) fn in_words(&self, images: usize) -> Vec<(String, String)> {
        let words = |(index, teacher): (usize, &KnownTeacher)| {
            let known = match teacher.accuracy {
                Some(accuracy) => format!("{accuracy} of the {images} real test images right"),
                None => "what it knows of the test images is not measured yet; `ddrank score` does"
                    .to_owned(),
            };
            let model = &teacher.description.model.name;
            (format!("teacher {} ({model})", index + 1), known)
        };
        self.each.iter().enumerate().map(words).collect()
    }
}
