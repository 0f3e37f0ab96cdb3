//! RDED.

use super::shared_recipe::{
    cutmix, flip, prepare, relabelled, resize_crop, resnet, take_cached_accuracy,
};
use crate::recipes::method::Case;
use crate::recipes::method::{IPC, ddranking};
use crate::recipes::method_recipe::MethodRecipe;
use crate::template::ReferenceDataset::{self, Cifar10, Cifar100, Imagenet1k, TinyImagenet};
use crate::template::{Model, Statistics};

pub(super) fn recipes() -> Vec<MethodRecipe> {
    [Cifar10, Cifar100, TinyImagenet, Imagenet1k]
        .into_iter()
        .flat_map(|dataset| {
            IPC.into_iter()
                .map(move |ipc| recipe(Case::published("RDED", dataset, ipc)))
        })
        .collect()
}

fn agent(dataset: ReferenceDataset, ipc: i64) -> Model {
    match (dataset, ipc) {
        (Imagenet1k, _) => resnet(),
        (TinyImagenet, _) | (Cifar100, 50) => ddranking("ConvNet-4-BN"),
        _ => ddranking("ConvNet-3-BN"),
    }
}

fn batch_size(dataset: ReferenceDataset, ipc: i64) -> i64 {
    match (dataset, ipc) {
        (Cifar10, 1) => 10,
        (Cifar10 | Cifar100, 10) => 50,
        (Cifar10, _) => 100,
        (Cifar100 | Imagenet1k, 1) => 20,
        (TinyImagenet, 1) | (_, 10) => 100,
        _ => 200,
    }
}

fn recipe(case: Case) -> MethodRecipe {
    let (dataset, ipc) = (case.dataset, case.ipc);
    let batch_size = batch_size(dataset, ipc);
    let mut template = relabelled(&case, agent(dataset, ipc), batch_size);
    template.synthetic.learning_rate = Some(0.001);
    template.augmentation = vec![resize_crop(dataset.side(), 1.0), flip(), cutmix()];
    template.note("augmentation", "The paper's Table 1 has patch shuffle and resized crops of 0.5 to 1; the published configuration has crops of 1 to 1, which change nothing at this size, and shuffles by the factor 1, which is left out.");
    if batch_size != 100 {
        let note =
            format!("The paper's Table 1 has 100; the published configuration has {batch_size}.");
        template.note("training.batch_size", note);
    }
    prepare(&mut template, dataset, dataset.side() / 7 * 8);
    if matches!(dataset, Cifar10 | Cifar100) {
        template.dataset.statistics = Some(Statistics::IMAGENET);
        template.note("dataset.mean", "The published configuration normalises these images with ImageNet's statistics; a teacher's checkpoint must have seen the same.");
    }
    if dataset == Imagenet1k {
        take_cached_accuracy(&mut template);
        template.note("agent.source", "Corrected, teacher included: the published configuration asks for DD-Ranking's own ResNet, which cannot take 224 pixels there; the known accuracy is that of torchvision's.");
    }
    case.recipe(template)
}
