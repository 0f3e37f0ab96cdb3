//! Datasets as folders of pictures: `train/<class>/` and a held-out folder, with a rule for the classes.

use std::path::{Path, PathBuf};

use super::class_rule::ClassRule;
use super::dataset_name::DatasetName;
use super::folder_listing::{Listing, class_names};
use super::opened::Opened;
use super::source::DatasetSource;
use crate::DataError;

/// What distinguishes the datasets in folders.
pub(super) struct FolderKind {
    /// Names of the held-out folder; the first one that is there is used. Where a folder has both `test/` and `val/`,
    /// `test/` comes first, since `val/` is then meant for choosing settings.
    pub(super) held_out: &'static [&'static str],
    pub(super) classes: ClassRule,
}

/// Lists both splits. Nothing is decoded.
pub(super) fn open(kind: &FolderKind, source: &DatasetSource) -> Result<Opened, DataError> {
    let (train, folder) = training(kind, source)?;
    let test = held_out(kind, &train, &folder, source, &[])?;
    Opened::in_files(train, test)
}

/// The training split, and the folder of the other.
pub(super) fn training(
    kind: &FolderKind,
    source: &DatasetSource,
) -> Result<(Listing, PathBuf), DataError> {
    let (train, held_out) = find(kind, source.needed_root()?, source.name)?;
    let names = class_names(&train)?;
    let classes = kind.classes.pick(&train, names, source.name)?;
    let train = Listing::read(&train, classes, source.train_limit)?;
    Ok((train, held_out))
}

/// The held-out split in class folders: the same as those of the training split. Folders in `no_classes` are passed over.
pub(super) fn held_out(
    kind: &FolderKind,
    train: &Listing,
    folder: &Path,
    source: &DatasetSource,
    no_classes: &[&str],
) -> Result<Listing, DataError> {
    let mut others = class_names(folder)?;
    others.retain(|name| !no_classes.contains(&name.as_str()));
    let classes = &train.classes;
    // Labels are positions in the list of the training split: a class that only one split has would shift or lose
    // labels.
    let missing = |class: &&String| !others.contains(class);
    if let Some(class) = classes.iter().find(missing) {
        return Err(lacks(folder, class, &train.folder));
    }
    if !kind.classes.passes_over_others() {
        let unknown = |class: &&String| !classes.contains(class);
        if let Some(class) = others.iter().find(unknown) {
            return Err(lacks(&train.folder, class, folder));
        }
    }
    Listing::read(folder, classes.clone(), source.test_limit)
}

/// The folder of training pictures and the held-out one.
fn find(
    kind: &FolderKind,
    root: &Path,
    dataset: DatasetName,
) -> Result<(PathBuf, PathBuf), DataError> {
    let mut held_out = kind.held_out.iter().map(|name| root.join(name));
    let train = root.join("train");
    match held_out.find(|folder| folder.is_dir()) {
        Some(held_out) if train.is_dir() => Ok((train, held_out)),
        _ => {
            let names: Vec<_> = (kind.held_out.iter())
                .map(|name| format!("{name}/<class>/"))
                .collect();
            Err(DataError::NotFound {
                dataset,
                root: root.to_owned(),
                expected: format!("train/<class>/ and {}", names.join(" or ")),
            })
        }
    }
}

fn lacks(folder: &Path, class: &str, other: &Path) -> DataError {
    let problem = format!(
        "no class folder `{class}`, which {} has: expected the same classes in both",
        other.display()
    );
    DataError::content(folder, problem)
}
