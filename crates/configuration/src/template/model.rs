//! A configuration to be written, as data.

use super::reference_dataset::{ReferenceDataset, Statistics};
use crate::Metric;

/// The learning rates that the reference searches, everywhere.
pub(crate) const LEARNING_RATE_GRID: [f64; 5] = [0.001, 0.005, 0.01, 0.05, 0.1];

/// A configuration to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    /// Comment lines at the top.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    pub(crate) metric: Metric,
    pub(crate) rounds: i64,
    pub(crate) dataset: Dataset,
    pub(crate) synthetic: Synthetic,
    pub(crate) agent: Model,
    pub(crate) training: Training,
    pub(crate) real: RealArm,
    pub(crate) augmentation: Vec<Named>,
    pub(crate) labels: Labels,
    /// Comments above a key, in order: the dotted key and the text.
    pub(crate) notes: Vec<(&'static str, String)>,
}

/// The real data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dataset {
    pub(crate) reference: ReferenceDataset,
    pub(crate) root: Option<String>,
    /// Height and width that the agent model sees, where they are not the dataset's own.
    pub(crate) size: Option<[i64; 2]>,
    /// Deterministic geometry.
    pub(crate) transform: Vec<Named>,
    /// Mean and standard deviation, where they are not the dataset's own.
    pub(crate) statistics: Option<Statistics>,
    pub(crate) zca: bool,
}

/// The distilled set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Synthetic {
    pub(crate) learning_rate: Option<f64>,
    pub(crate) ipc: i64,
}

/// An agent model or teacher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) source: Source,
}

/// Who defined an architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Ddranking,
    Torchvision,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ddranking => "ddranking",
            Self::Torchvision => "torchvision",
        }
    }
}

/// A training table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Training {
    pub(crate) epochs: i64,
    pub(crate) batch_size: i64,
    pub(crate) optimizer: Named,
    pub(crate) schedule: Named,
    pub(crate) learning_rates: Vec<f64>,
    /// Absent: the default.
    pub(crate) test_interval: Option<i64>,
}

/// Where the accuracy of the full real data comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RealArm {
    /// The metric has no such arm.
    None,
    /// A fraction.
    Given(f64),
    /// An entry of the reference's table.
    Preset(String),
    /// Trained as this table says.
    Table(Training),
}

/// What the synthetic and random arms learn from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Labels {
    Hard,
    Soft {
        mode: SoftMode,
        criterion: Named,
        /// LRS only.
        hard_augmentation: Option<bool>,
        teachers: Vec<Teacher>,
    },
}

/// How soft labels are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SoftMode {
    /// Stored, one row an image.
    Single,
    /// By teachers, for every augmented batch.
    Multiple,
}

impl SoftMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
        }
    }
}

/// A teacher and its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Teacher {
    pub(crate) model: Model,
    /// Absent: left to give.
    pub(crate) weights: Option<String>,
}

/// A table with a `name` and options.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) options: Vec<(&'static str, Value)>,
}

impl Named {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            options: Vec::new(),
        }
    }

    /// The same with one more option.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.options.push((key, value.into()));
        self
    }
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Whole(i64),
    Number(f64),
    Flag(bool),
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl<const N: usize> From<[i64; N]> for Value {
    fn from(values: [i64; N]) -> Self {
        Self::Wholes(values.to_vec())
    }
}

impl<const N: usize> From<[f64; N]> for Value {
    fn from(values: [f64; N]) -> Self {
        Self::Numbers(values.to_vec())
    }
}

impl Template {
    /// A comment above the line of `key`.
    pub(crate) fn note(&mut self, key: &'static str, text: impl Into<String>) {
        self.notes.push((key, text.into()));
    }

    /// The keys of paths that are left to give.
    pub(crate) fn missing_paths(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if self.dataset.root.is_none() {
            keys.push("dataset.root".to_owned());
        }
        keys.push("synthetic.images".to_owned());
        if let Labels::Soft { mode, teachers, .. } = &self.labels {
            if *mode == SoftMode::Single {
                keys.push("synthetic.labels".to_owned());
            }
            for (index, teacher) in teachers.iter().enumerate() {
                if teacher.weights.is_none() {
                    keys.push(format!("labels.teachers.{index}.weights"));
                }
            }
        }
        keys
    }
}
