//! A folder of pictures in class folders, whatever they show.

use super::class_folders::{FolderKind, open};
use super::class_rule::ClassRule;
use super::descriptor::Dataset;
use crate::Normalisation;

pub(super) static FOLDER: Dataset = Dataset {
    title: "a folder of pictures",
    classes: None,
    side: None,
    normalisation: Normalisation::imagenet,
    root: Some(
        "`train/<class>/` and `test/<class>/` or `val/<class>/`; the labels are the numbers of the folders where these are 0 to n - 1 (`7`, `class_7`), else the sorted folder names",
    ),
    open: |source| {
        let kind = FolderKind {
            held_out: &["test", "val"],
            classes: ClassRule::All,
        };
        open(&kind, source)
    },
};
