//! A recipe in a line of a list.

use super::method_recipe::MethodRecipe;
use crate::template::{Labels, Named, SoftMode, Source};

impl MethodRecipe {
    /// The metric: `lrs` or `ars`.
    pub fn metric(&self) -> &'static str {
        self.template.metric.name()
    }

    /// The agent model, with `torchvision` where it is torchvision's.
    pub fn agent(&self) -> String {
        let agent = &self.template.agent;
        match agent.source {
            Source::Ddranking => agent.name.clone(),
            Source::Torchvision => format!("{} (torchvision)", agent.name),
        }
    }

    /// What the set is learned from: `hard`, or the kind of soft labels, the criterion and the number of teachers.
    pub fn labels(&self) -> String {
        match &self.template.labels {
            Labels::Hard => "hard".to_owned(),
            Labels::Soft {
                mode,
                criterion,
                teachers,
                ..
            } => {
                let kind = match mode {
                    SoftMode::Single => "stored",
                    SoftMode::Multiple => "relabelled",
                };
                let count = match teachers.len() {
                    1 => "1 teacher".to_owned(),
                    many => format!("{many} teachers"),
                };
                format!("{kind}, {}, {count}", criterion.name)
            }
        }
    }

    /// Epochs of the synthetic and random arms.
    pub fn epochs(&self) -> i64 {
        self.template.training.epochs
    }

    /// The names of the augmentations, in order; `none` without.
    pub fn augmentation(&self) -> String {
        let names: Vec<&str> = self
            .template
            .augmentation
            .iter()
            .map(|Named { name, .. }| *name)
            .collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(" + ")
        }
    }
}
