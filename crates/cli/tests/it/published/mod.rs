//! What a recipe says, in DD-Ranking's terms: from a row of a table of its published configurations, from a parsed
//! configuration of ddrank, and as the YAML that DD-Ranking would read.
#![allow(dead_code, reason = "every test file uses its own part")]

mod parsed;
pub mod row;
mod yaml;

/// The facts of one recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub method: String,
    /// DD-Ranking's name.
    pub dataset: String,
    pub ipc: i64,
    /// `lrs_hard`, `lrs_soft` or `ars`.
    pub metric: String,
    pub model: String,
    /// `ddranking` or `torchvision`.
    pub source: String,
    pub teachers: Vec<String>,
    pub teacher_source: String,
    /// The augmentation of whole batches.
    pub batch_augmentation: Option<Operation>,
    /// Random operations on images.
    pub train: Vec<Operation>,
    /// The preparation of test images.
    pub validation: Vec<Operation>,
    /// `cifar10` or `imagenet`: the statistics of the normalisation; nothing with ZCA.
    pub statistics: Option<String>,
    pub zca: bool,
    pub augmented_hard_arms: Option<bool>,
    /// `S` or `M`; nothing for hard labels.
    pub label_mode: Option<String>,
    pub criterion: Option<Operation>,
    pub optimizer: String,
    pub schedule: String,
    pub step_size: Option<i64>,
    pub weight_decay: f64,
    /// Of SGD.
    pub momentum: Option<f64>,
    pub epochs: i64,
    pub batch_size: i64,
    pub learning_rate: Option<f64>,
    /// Whether the accuracy on all real data is trained; nothing for ARS.
    pub trains_real: Option<bool>,
}

/// A name and numbers; flags are 0 and 1, lists are numbered.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub name: String,
    pub options: Vec<(String, f64)>,
}

impl Operation {
    pub fn new(name: &str, options: impl IntoIterator<Item = (String, f64)>) -> Self {
        let mut options: Vec<(String, f64)> = options.into_iter().collect();
        options.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            name: name.to_owned(),
            options,
        }
    }

    pub fn option(&self, key: &str) -> Option<f64> {
        let (_, value) = self.options.iter().find(|(name, _)| name == key)?;
        Some(*value)
    }
}

impl Facts {
    /// The name of the library's recipe.
    pub fn recipe_name(&self) -> String {
        let dataset = match self.dataset.as_str() {
            "TinyImageNet" => "tiny-imagenet".to_owned(),
            other => other.to_lowercase(),
        };
        format!("{}/{dataset}-ipc{}", self.method.to_lowercase(), self.ipc)
    }
}
