//! What every recipe starts from.

use super::method_recipe::MethodRecipe;
use crate::Metric;
use crate::template::{
    Dataset, LEARNING_RATE_GRID, Labels, Model, Named, RealArm, ReferenceDataset, Source,
    Synthetic, Template, Training, full_data,
};

/// Where the facts of a recipe come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// DD-Ranking's published configuration for this method, dataset and IPC.
    Published,
    /// The paper's Table 1: there is no published configuration.
    Paper,
}

/// One method on one dataset with so many images per class.
#[derive(Clone, Copy)]
pub(super) struct Case {
    /// The method as the paper writes it.
    pub(super) method: &'static str,
    pub(super) dataset: ReferenceDataset,
    pub(super) ipc: i64,
    pub(super) metric: Metric,
    pub(super) origin: Origin,
    /// Appended to the name where a method has a recipe for each metric.
    pub(super) suffix: &'static str,
}

impl Case {
    /// The published LRS configuration.
    pub(super) fn published(method: &'static str, dataset: ReferenceDataset, ipc: i64) -> Self {
        Self {
            method,
            dataset,
            ipc,
            metric: Metric::Lrs,
            origin: Origin::Published,
            suffix: "",
        }
    }

    fn slug(&self) -> String {
        self.method.to_lowercase()
    }

    fn file(&self) -> String {
        format!("{}-ipc{}{}", self.dataset.name(), self.ipc, self.suffix)
    }

    /// The recipe of a finished template.
    pub(super) fn recipe(&self, mut template: Template) -> MethodRecipe {
        let name = format!("{}/{}", self.slug(), self.file());
        let metric = template.metric.name().to_uppercase();
        let (method, dataset) = (self.method, self.dataset.reference_name());
        let images = match self.ipc {
            1 => "1 image per class".to_owned(),
            many => format!("{many} images per class"),
        };
        let origin = match self.origin {
            Origin::Published => "as DD-Ranking 0.2.0's published configuration has it",
            Origin::Paper => "which has no published configuration",
        };
        template.head.insert(
            0,
            format!("{method} on {dataset}, {images}: {metric}, {origin}."),
        );
        template.head.push("Paths are left to give:".to_owned());
        template
            .head
            .push(format!("    ddrank score --recipe {name} \\"));
        let missing = template.missing_paths();
        for (index, key) in missing.iter().enumerate() {
            let end = if index + 1 == missing.len() {
                ""
            } else {
                " \\"
            };
            template.head.push(format!("        --set {key}=PATH{end}"));
        }
        template.head.push("Written by `cargo run -p ddrank-runner --example write_recipes` and compared by a test: copy it rather than change it.".to_owned());
        MethodRecipe::new(name, template)
    }

    /// What all recipes share: five rounds, hard labels, the reference's step schedule.
    pub(super) fn template(&self, agent: Model) -> Template {
        let epochs = 1000;
        let (real, note) = if self.metric.has_own(ddrank_metrics::Source::Real) {
            full_data(self.dataset, &agent)
        } else {
            (RealArm::None, None)
        };
        let mut template = Template {
            head: Vec::new(),
            name: format!("{}-{}", self.slug(), self.file()),
            metric: self.metric,
            rounds: 5,
            dataset: Dataset {
                reference: self.dataset,
                root: None,
                size: None,
                transform: Vec::new(),
                statistics: None,
                zca: false,
            },
            synthetic: Synthetic {
                learning_rate: None,
                ipc: self.ipc,
            },
            agent,
            training: Training {
                epochs,
                batch_size: 256,
                optimizer: Named::new("sgd")
                    .with("momentum", 0.9)
                    .with("weight_decay", 5e-4),
                schedule: Named::new("step")
                    .with("step_size", epochs / 2)
                    .with("gamma", 0.1),
                learning_rates: LEARNING_RATE_GRID.to_vec(),
                test_interval: Some(10),
            },
            real,
            augmentation: Vec::new(),
            labels: Labels::Hard,
            notes: Vec::new(),
        };
        if let Some(note) = note {
            template.note("real_training", note);
        }
        template
    }
}

/// The numbers of images per class that recipes exist for.
pub(super) const IPC: [i64; 3] = [1, 10, 50];

/// One of DD-Ranking's own networks.
pub(super) fn ddranking(name: &str) -> Model {
    Model {
        name: name.to_owned(),
        source: Source::Ddranking,
    }
}

/// One of torchvision's networks.
pub(super) fn torchvision(name: &str) -> Model {
    Model {
        name: name.to_owned(),
        source: Source::Torchvision,
    }
}

/// DD-Ranking's own ConvNet for a small dataset.
pub(super) fn convnet(dataset: ReferenceDataset) -> Model {
    ddranking(match dataset {
        ReferenceDataset::TinyImagenet => "ConvNet-4",
        _ => "ConvNet-3",
    })
}

/// DSA with the strengths that every recipe has.
pub(super) fn dsa() -> Named {
    Named::new("dsa")
        .with("flip", 0.5)
        .with("rotate", 15.0)
        .with("saturation", 2.0)
        .with("brightness", 1.0)
        .with("contrast", 0.5)
        .with("scale", 1.2)
        .with("crop", 0.125)
        .with("cutout", 0.5)
}
