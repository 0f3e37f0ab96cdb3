//! D4M.

use super::shared_recipe::{
    cutmix, flip, kl, prepare, relabelled, resize_crop, resnet, set_criterion, take_cached_accuracy,
};
use crate::recipes::method::Case;
use crate::recipes::method::{IPC, convnet};
use crate::recipes::method_recipe::MethodRecipe;
use crate::template::ReferenceDataset::{Cifar10, Cifar100, Imagenet1k, TinyImagenet};

pub(super) fn recipes() -> Vec<MethodRecipe> {
    [Cifar10, Cifar100, TinyImagenet, Imagenet1k]
        .into_iter()
        .flat_map(|dataset| {
            IPC.into_iter()
                .map(move |ipc| recipe(Case::published("D4M", dataset, ipc)))
        })
        .collect()
}

fn recipe(case: Case) -> MethodRecipe {
    let small = matches!(case.dataset, Cifar10 | Cifar100);
    let mut template = if small {
        relabelled(&case, convnet(case.dataset), 100)
    } else {
        relabelled(&case, resnet(), 1024)
    };
    template.augmentation = vec![resize_crop(case.dataset.side(), 0.08), flip(), cutmix()];
    if small {
        template.training.epochs = 500;
        template.note(
            "training.epochs",
            "The paper's Table 1 has 300; the published configuration has 500.",
        );
        template.note(
            "training.batch_size",
            "The paper's Table 1 has 1024; the published configuration has 100.",
        );
    } else {
        prepare(&mut template, case.dataset, case.dataset.side() / 7 * 8);
        take_cached_accuracy(&mut template);
    }
    if case.dataset == Cifar100 && case.ipc == 1 {
        set_criterion(&mut template, kl(30.0));
        template.note(
            "labels.criterion",
            "Its siblings have temperature 20; the published file for 1 image per class has 30.",
        );
    }
    if case.dataset == Cifar100 && case.ipc == 10 {
        template.note("real_training", "Corrected: the published file does not say whether to train on all real data; without a known accuracy that is needed, and its siblings do.");
    }
    case.recipe(template)
}
