//! The file as typed but unchecked tables. Field names are the keys.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTable {
    pub(super) name: String,
    pub(super) metric: Option<String>,
    pub(super) rounds: Option<i64>,
    pub(super) seed: Option<i64>,
    pub(super) weight: Option<f64>,
    pub(super) real_accuracy: Option<f64>,
    pub(super) baselines: Option<Vec<String>>,
    pub(super) dataset: DatasetTable,
    pub(super) synthetic: SyntheticTable,
    pub(super) compare: Option<Vec<CompareTable>>,
    pub(super) agent: Option<ModelTable>,
    pub(super) training: Option<TrainingTable>,
    pub(super) real_training: Option<TrainingTable>,
    pub(super) augmentation: Option<toml::Value>,
    pub(super) labels: Option<LabelsTable>,
}

/// The file of `ddrank train`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainFileTable {
    pub(super) seed: Option<i64>,
    pub(super) dataset: DatasetTable,
    pub(super) agent: Option<ModelTable>,
    pub(super) training: Option<TrainingTable>,
    pub(super) augmentation: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetTable {
    pub(super) name: String,
    pub(super) root: Option<String>,
    pub(super) size: Option<[i64; 2]>,
    pub(super) transform: Option<toml::Value>,
    pub(super) mean: Option<Vec<f64>>,
    pub(super) std: Option<Vec<f64>>,
    pub(super) zca: Option<toml::Value>,
    pub(super) train_limit: Option<i64>,
    pub(super) test_limit: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SyntheticTable {
    pub(super) images: Option<String>,
    pub(super) images_key: Option<String>,
    pub(super) labels: Option<String>,
    pub(super) labels_key: Option<String>,
    pub(super) learning_rate: Option<toml::Value>,
    pub(super) ipc: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareTable {
    pub(super) name: String,
    pub(super) images: Option<String>,
    pub(super) images_key: Option<String>,
    pub(super) labels: Option<String>,
    pub(super) labels_key: Option<String>,
    pub(super) learning_rate: Option<toml::Value>,
}

/// An agent model, or (with `weights`) a teacher.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelTable {
    pub(super) model: Option<String>,
    pub(super) source: Option<toml::Value>,
    pub(super) width: Option<i64>,
    pub(super) activation: Option<toml::Value>,
    pub(super) pooling: Option<toml::Value>,
    pub(super) weights: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelsTable {
    pub(super) mode: Option<String>,
    pub(super) criterion: Option<toml::Value>,
    pub(super) teachers: Option<Vec<ModelTable>>,
    pub(super) mix: Option<bool>,
    pub(super) hard_augmentation: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainingTable {
    pub(super) preset: Option<String>,
    pub(super) epochs: Option<i64>,
    pub(super) batch_size: Option<i64>,
    pub(super) optimizer: Option<OptimizerTable>,
    pub(super) schedule: Option<ScheduleTable>,
    pub(super) learning_rates: Option<Vec<f64>>,
    pub(super) search: Option<String>,
    pub(super) test_interval: Option<i64>,
    pub(super) selection: Option<String>,
    pub(super) augmentation: Option<toml::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OptimizerTable {
    pub(super) name: String,
    pub(super) momentum: Option<f64>,
    pub(super) betas: Option<[f64; 2]>,
    pub(super) eps: Option<f64>,
    pub(super) weight_decay: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleTable {
    pub(super) name: String,
    pub(super) step_size: Option<i64>,
    pub(super) gamma: Option<f64>,
}
