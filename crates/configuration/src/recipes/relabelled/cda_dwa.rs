//! CDA and DWA.

use super::shared_recipe::{
    cutmix, flip, prepare, relabelled, resize_crop, resnet, take_cached_accuracy,
};
use crate::recipes::method::Case;
use crate::recipes::method::{IPC, Origin};
use crate::recipes::method_recipe::MethodRecipe;
use crate::template::ReferenceDataset::Imagenet1k;

pub(super) fn recipes() -> Vec<MethodRecipe> {
    let cda = IPC.into_iter().map(|ipc| {
        recipe(Case {
            origin: Origin::Paper,
            ..Case::published("CDA", Imagenet1k, ipc)
        })
    });
    let dwa = IPC
        .into_iter()
        .map(|ipc| recipe(Case::published("DWA", Imagenet1k, ipc)));
    cda.chain(dwa).collect()
}

fn recipe(case: Case) -> MethodRecipe {
    let mut template = relabelled(&case, resnet(), 128);
    template.augmentation = vec![resize_crop(case.dataset.side(), 0.08), flip(), cutmix()];
    prepare(&mut template, case.dataset, case.dataset.side() / 7 * 8);
    take_cached_accuracy(&mut template);
    if case.origin == Origin::Paper {
        template.head.push("It follows the paper's Table 1, whose row is that of DWA; what the table does not say (weight decay, temperature, flip) is as in DWA's published configuration. The paper prints this method for ImageNet1K only.".to_owned());
        template.notes.retain(|(key, _)| *key != "real_accuracy");
        template.note("real_accuracy", "DD-Ranking's own figure.");
    }
    case.recipe(template)
}
