//! Methods whose sets carry one learned soft label an image: DATM, EDF.

use super::method::{Case, IPC, Origin, convnet, dsa};
use super::method_recipe::MethodRecipe;
use crate::template::ReferenceDataset::{Cifar10, Cifar100, TinyImagenet};
use crate::template::{Labels, Named, SoftMode, Teacher};

/// All recipes of the family.
pub(super) fn recipes() -> Vec<MethodRecipe> {
    let datm = [Cifar10, Cifar100, TinyImagenet]
        .into_iter()
        .flat_map(|dataset| {
            IPC.into_iter()
                .map(move |ipc| recipe(Case::published("DATM", dataset, ipc)))
        });
    let edf = IPC.into_iter().map(|ipc| {
        recipe(Case {
            origin: Origin::Paper,
            ..Case::published("EDF", TinyImagenet, ipc)
        })
    });
    datm.chain(edf).collect()
}

fn recipe(case: Case) -> MethodRecipe {
    let agent = convnet(case.dataset);
    let mut template = case.template(agent.clone());
    template.dataset.zca = true;
    template.training.test_interval = Some(20);
    template.augmentation.push(dsa());
    template.labels = Labels::Soft {
        mode: SoftMode::Single,
        criterion: Named::new("sce")
            .with("temperature", 1.0)
            .with("scale_loss", false),
        hard_augmentation: Some(true),
        teachers: vec![Teacher {
            model: agent,
            weights: None,
        }],
    };
    template.note(
        "labels.teachers",
        "It labels the random images; the labels of the distilled set are stored. Its checkpoint must have seen whitened images.",
    );
    if case.origin == Origin::Paper {
        template.head.push("The paper's Table 1 has no row for it either: it follows DATM, which it is built on. The paper prints it for TinyImageNet only.".to_owned());
    }
    case.recipe(template)
}
