//! Methods whose sets carry hard labels: DC, DSA, DM, MTT, DataDAM.

use super::method::{Case, IPC, Origin, convnet, dsa};
use super::method_recipe::MethodRecipe;
use crate::template::ReferenceDataset::{Cifar10, Cifar100, TinyImagenet};

/// All recipes of the family.
pub(super) fn recipes() -> Vec<MethodRecipe> {
    let published = ["DC", "DSA", "DM", "MTT"].into_iter().flat_map(|method| {
        [Cifar10, Cifar100, TinyImagenet]
            .into_iter()
            .flat_map(move |dataset| {
                IPC.into_iter()
                    .map(move |ipc| recipe(Case::published(method, dataset, ipc)))
            })
    });
    let datadam = [Cifar10, Cifar100].into_iter().flat_map(|dataset| {
        IPC.into_iter().map(move |ipc| {
            recipe(Case {
                origin: Origin::Paper,
                ..Case::published("DataDAM", dataset, ipc)
            })
        })
    });
    published.chain(datadam).collect()
}

fn recipe(case: Case) -> MethodRecipe {
    let mut template = case.template(convnet(case.dataset));
    if case.method != "DC" {
        template.augmentation.push(dsa());
    }
    if case.origin == Origin::Paper {
        template.head.push("It follows the paper's Table 1, whose row is that of DSA and DM: 1000 epochs, batch 256, SGD, step, hard labels, DSA. The paper prints this method for CIFAR only.".to_owned());
    }
    if case.method == "MTT" {
        template.note(
            "dataset.zca",
            "The paper's Table 1 has ZCA for this method; its published configurations have it off.",
        );
    }
    if let Some((key, note)) = correction(&case) {
        template.note(key, note);
    }
    case.recipe(template)
}

/// What is wrong in the published file and right here.
fn correction(case: &Case) -> Option<(&'static str, &'static str)> {
    match (case.method, case.dataset, case.ipc) {
        ("DC", Cifar100, 1) => Some((
            "synthetic.ipc",
            "Corrected: the published file for 1 image per class says 10.",
        )),
        ("MTT", TinyImagenet, 10 | 50) => Some((
            "training.schedule",
            "Corrected: the published file has no step size, which its schedule needs; this is the one of all others.",
        )),
        _ => None,
    }
}
