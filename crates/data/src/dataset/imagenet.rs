//! ImageNet-1K.

use super::class_folders::{FolderKind, open};
use super::class_rule::{ClassRule, IMAGENET_CLASSES};
use super::descriptor::Dataset;
use crate::Normalisation;

/// ImageNet's own `test/` has no labels.
pub(super) const HELD_OUT: &[&str] = &["val"];

pub(super) static IMAGENET1K: Dataset = Dataset {
    title: "ImageNet-1K",
    classes: Some(IMAGENET_CLASSES),
    side: Some(224),
    normalisation: Normalisation::imagenet,
    root: Some(
        "`train/<class>/` and `val/<class>/`. The labels are the sorted folder names, or the numbers 0 to 999",
    ),
    open: |source| {
        let kind = FolderKind {
            held_out: HELD_OUT,
            classes: ClassRule::Count(IMAGENET_CLASSES),
        };
        open(&kind, source)
    },
};
