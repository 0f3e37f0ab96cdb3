//! Which folders are classes, and which label each has.

use std::path::Path;

use super::dataset_name::DatasetName;
use crate::{ClassNumbers, DataError};

/// Which folders are classes, and which label they have.
pub(super) enum ClassRule {
    /// All, labels by their numbers or in the order of their names.
    All,
    /// The same, and there are so many.
    Count(usize),
    /// Ten classes of ImageNet, labels in the order of this list.
    Subset(&'static Subset),
}

/// Classes of ImageNet-1K.
pub(super) const IMAGENET_CLASSES: usize = 1000;

/// A class of ImageNet-1K: its position in the sorted WordNet ids, and its id.
pub(super) struct Class {
    pub(super) position: usize,
    pub(super) wordnet_id: &'static str,
}

/// Ten classes; the label is the position in the list.
pub(super) type Subset = [Class; 10];

impl ClassRule {
    /// The class folders in the order of their labels, of the sorted names of all folders in `folder`.
    pub(super) fn pick(
        &self,
        folder: &Path,
        names: Vec<String>,
        dataset: DatasetName,
    ) -> Result<Vec<String>, DataError> {
        match self {
            Self::All => Ok(by_label(names)),
            Self::Count(count) => {
                counted(folder, &names, *count, dataset)?;
                Ok(by_label(names))
            }
            Self::Subset(subset) => chosen(folder, &names, subset),
        }
    }

    /// Whether folders of other classes may lie beside those that are picked.
    pub(super) fn passes_over_others(&self) -> bool {
        match self {
            Self::All | Self::Count(_) => false,
            Self::Subset(_) => true,
        }
    }
}

/// The numbers 0 to n - 1 are labels; other names have their place in the order of the text.
fn by_label(names: Vec<String>) -> Vec<String> {
    let order = ClassNumbers::of(&names).by_label(names.len());
    order.iter().map(|&place| names[place].clone()).collect()
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
    // WordNet ids win over positions: they are right whatever else lies in the folder.
    if missing.is_empty() {
        let ids = subset.iter().map(|class| class.wordnet_id.to_owned());
        return Ok(ids.collect());
    }
    // With some of the ids there, the others are lost rather than named otherwise.
    if names.len() == IMAGENET_CLASSES && missing.len() == subset.len() {
        let numbers = ClassNumbers::of(names);
        if let ClassNumbers::TwoOrders { .. } = numbers {
            return Err(two_orders(folder, &numbers, names));
        }
        let order = numbers.by_label(names.len());
        let picked = (subset.iter()).map(|class| names[order[class.position]].clone());
        return Ok(picked.collect());
    }
    let problem = format!(
        "no class folders {}: expected folders named by WordNet ids, or the {IMAGENET_CLASSES} classes of ImageNet-1K in order ({} are there)",
        missing.join(", "),
        names.len()
    );
    Err(DataError::content(folder, problem))
}

/// Numbers that are not the positions, and stand in two orders: which folder has which position is not known.
fn two_orders(folder: &Path, numbers: &ClassNumbers, names: &[String]) -> DataError {
    let readings = numbers.readings(names).unwrap_or_default();
    let problem = format!(
        "the numbers of the class folders are not 0 to {}, and have no leading zeros, so their order as text is not that of \
         the numbers ({readings}): expected names such as 0007, or WordNet ids",
        names.len() - 1
    );
    DataError::content(folder, problem)
}
