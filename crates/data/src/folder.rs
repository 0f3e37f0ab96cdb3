//! Datasets as folders of pictures: `train/<class>/` and a held-out folder, with a rule for the classes.

use std::path::{Path, PathBuf};

pub(crate) use crate::folder_listing::Listing;
use crate::folder_listing::class_names;
use crate::imagenet_subsets::Subset;
use crate::{DataError, DatasetName, DatasetSource, tiny_imagenet};

/// What distinguishes the datasets in folders.
pub(crate) struct FolderKind {
    /// Names of the held-out folder; the first one that is there is used.
    pub(crate) held_out: &'static [&'static str],
    pub(crate) classes: ClassRule,
}

/// Which folders are classes, and which label they have.
pub(crate) enum ClassRule {
    /// All, labels in the order of their names.
    All,
    /// All, labels in the order of their names, and there are so many.
    Count(usize),
    /// Ten classes of ImageNet, labels in the order of this list.
    Subset(&'static Subset),
}

/// Both splits of a dataset.
pub(crate) struct Splits {
    pub(crate) train: Listing,
    pub(crate) test: Listing,
}

/// Classes of ImageNet-1K.
pub(crate) const IMAGENET_CLASSES: usize = 1000;

/// Lists the dataset in `root`. Nothing is decoded.
///
/// Where a folder has both `test/` and `val/`, `test/` is used, since `val/` is then meant for choosing settings; ImageNet's
/// own `test/` has no labels, so there it is `val/`.
pub(crate) fn list(
    kind: &FolderKind,
    root: &Path,
    source: &DatasetSource,
) -> Result<Splits, DataError> {
    let (train, held_out) = find(kind, root, source.name)?;
    let names = class_names(&train)?;
    let classes = match kind.classes {
        ClassRule::All => names,
        ClassRule::Count(count) => {
            counted(&train, &names, count, source.name)?;
            names
        }
        ClassRule::Subset(subset) => chosen(&train, &names, subset)?,
    };
    let train = Listing::read(&train, classes.clone(), source.train_limit)?;
    if source.name == DatasetName::TinyImagenet {
        tiny_imagenet::check_wnids(root, &train)?;
        if let Some(test) = tiny_imagenet::annotated(&held_out, classes.clone(), source.test_limit)?
        {
            return Ok(Splits { train, test });
        }
    }
    let mut others = class_names(&held_out)?;
    if source.name == DatasetName::TinyImagenet {
        // Sorting the archive's test pictures into class folders leaves it behind, empty.
        others.retain(|name| name != "images");
    }
    let missing = |class: &&String| !others.contains(class);
    if let Some(class) = classes.iter().find(missing) {
        return Err(lacks(&held_out, class, &train.folder));
    }
    if !matches!(kind.classes, ClassRule::Subset(_)) {
        let unknown = |class: &&String| !classes.contains(class);
        if let Some(class) = others.iter().find(unknown) {
            return Err(lacks(&train.folder, class, &held_out));
        }
    }
    let test = Listing::read(&held_out, classes, source.test_limit)?;
    Ok(Splits { train, test })
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

fn counted(
    folder: &Path,
    names: &[String],
    count: usize,
    dataset: DatasetName,
) -> Result<(), DataError> {
    if names.len() == count {
        return Ok(());
    }
    let problem = format!(
        "{} class folders: expected the {count} of {dataset}; for other classes use the dataset `folder`",
        names.len()
    );
    Err(DataError::content(folder, problem))
}

/// The folders of a subset, in the order of its labels: by WordNet id, else by position among exactly 1000 folders.
fn chosen(folder: &Path, names: &[String], subset: &Subset) -> Result<Vec<String>, DataError> {
    let missing: Vec<&str> = (subset.iter())
        .map(|class| class.wordnet_id)
        .filter(|id| {
            names
                .binary_search_by(|name| name.as_str().cmp(id))
                .is_err()
        })
        .collect();
    if missing.is_empty() {
        let ids = subset.iter().map(|class| class.wordnet_id.to_owned());
        return Ok(ids.collect());
    }
    // With some of the ids there, the others are lost rather than named otherwise.
    if names.len() == IMAGENET_CLASSES && missing.len() == subset.len() {
        in_number_order(folder, names)?;
        let picked = subset.iter().map(|class| names[class.position].clone());
        return Ok(picked.collect());
    }
    let problem = format!(
        "no class folders {}: expected folders named by WordNet ids, or the {IMAGENET_CLASSES} classes of ImageNet-1K in order ({} are there)",
        missing.join(", "),
        names.len()
    );
    Err(DataError::content(folder, problem))
}

/// Numbered folders must sort as their numbers do: `10` sorts before `2`.
fn in_number_order(folder: &Path, names: &[String]) -> Result<(), DataError> {
    let numbers: Option<Vec<u64>> = names.iter().map(|name| name.parse().ok()).collect();
    if numbers.is_none_or(|numbers| numbers.is_sorted()) {
        return Ok(());
    }
    let problem = "the numbers of the class folders have no leading zeros, so their order as text is not that of the numbers: \
                   expected names such as 0007, or WordNet ids";
    Err(DataError::content(folder, problem))
}

fn lacks(folder: &Path, class: &str, other: &Path) -> DataError {
    let problem = format!(
        "no class folder `{class}`, which {} has: expected the same classes in both",
        other.display()
    );
    DataError::content(folder, problem)
}
