//! How the accuracy of the full real data is found: the reference's cache and its table of trainings.

use super::model::{Model, Named, RealArm, Training};
use super::reference_dataset::ReferenceDataset;

/// The accuracies that the reference knows, as fractions.
pub(crate) fn cached_accuracy(dataset: ReferenceDataset, model: &Model) -> Option<f64> {
    match (dataset, model.name.as_str()) {
        (ReferenceDataset::Imagenet1k, "ResNet-18-BN") => Some(0.565),
        (ReferenceDataset::TinyImagenet, "ResNet-18-BN") => Some(0.464),
        _ => None,
    }
}

/// The pairs that the reference's table of full-data trainings has an entry for.
const TABLE: [(ReferenceDataset, &str); 7] = [
    (ReferenceDataset::Imagenet1k, "ResNet-18-BN"),
    (ReferenceDataset::TinyImagenet, "ResNet-18-BN"),
    (ReferenceDataset::TinyImagenet, "ConvNet-4-BN"),
    (ReferenceDataset::Cifar10, "ConvNet-3"),
    (ReferenceDataset::Cifar10, "ConvNet-3-BN"),
    (ReferenceDataset::Cifar100, "ConvNet-3"),
    (ReferenceDataset::Cifar100, "ConvNet-3-BN"),
];

/// How the full real data is trained on: the entry of the reference's table, or the nearest one that makes sense, with a
/// sentence that says so.
pub(crate) fn full_data(dataset: ReferenceDataset, model: &Model) -> (RealArm, Option<String>) {
    let name = model.name.as_str();
    let key = format!("{}-{name}", dataset.reference_name());
    if TABLE.contains(&(dataset, name)) {
        return (RealArm::Preset(key), None);
    }
    let residual = !["ConvNet", "MLP", "LeNet", "AlexNet"]
        .iter()
        .any(|family| name.starts_with(family));
    let (training, like) = match (dataset, residual) {
        (ReferenceDataset::Cifar10 | ReferenceDataset::Cifar100, false) => (
            sgd(200, 0.01, 5e-4, step(100)),
            "these are the values of its ConvNets on CIFAR",
        ),
        (ReferenceDataset::TinyImagenet, false) => (
            sgd(100, 0.01, 5e-4, step(50)),
            "these are the values of TinyImageNet-ConvNet-4-BN",
        ),
        (ReferenceDataset::Cifar10 | ReferenceDataset::Cifar100, true) => (
            sgd(200, 0.1, 5e-4, Named::new("cosine-annealing")),
            "this is the usual training of residual networks on CIFAR, without augmentation as all of its entries",
        ),
        (ReferenceDataset::TinyImagenet, true) => (
            sgd(100, 0.1, 5e-4, Named::new("cosine-annealing")),
            "this is the usual training of residual networks on small images, without augmentation as all of its entries",
        ),
        _ => (
            sgd(90, 0.1, 1e-4, step(30)),
            "these are the values of ImageNet1K-ResNet-18-BN",
        ),
    };
    let note = format!(
        "DD-Ranking's table of full-data trainings has no entry {key}; {like}. A measured real_accuracy at the top of this file spares the training."
    );
    (RealArm::Table(training), Some(note))
}

fn step(size: i64) -> Named {
    Named::new("step")
        .with("step_size", size)
        .with("gamma", 0.1)
}

fn sgd(epochs: i64, learning_rate: f64, weight_decay: f64, schedule: Named) -> Training {
    Training {
        epochs,
        batch_size: 512,
        optimizer: Named::new("sgd")
            .with("momentum", 0.9)
            .with("weight_decay", weight_decay),
        schedule,
        learning_rates: vec![learning_rate],
        test_interval: None,
    }
}
