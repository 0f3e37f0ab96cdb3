//! Which class a label is.

use ddrank_data::ClassNumbers;
use ddrank_data::synthetic::LabelOrigin;

/// Real classes whose labels are not clear, and labels that are numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "its labels are numbers, but those of the real classes are not clear: the class folders of the dataset are numbers, but not 0, 1, 2 ..., and sort as text in another order than as numbers ({readings}). Number them from 0 on, or give them leading zeros (links will do)"
)]
pub struct ClassOrderError {
    readings: String,
}

/// What decided hard labels, in words.
pub(super) fn hard_labels(origin: &LabelOrigin) -> String {
    match origin {
        LabelOrigin::File => "hard".to_owned(),
        LabelOrigin::Beside(name) => format!("hard, the tensor `{name}` beside the images"),
        LabelOrigin::Order => "hard, from the order of the images".to_owned(),
        LabelOrigin::FolderNames => "hard, the names of the class folders".to_owned(),
        LabelOrigin::FolderNumbers => "hard, the numbers of the class folders".to_owned(),
        LabelOrigin::FolderPlaces => "hard, the places of the sorted class folders".to_owned(),
    }
}

/// Labels that are numbers need real classes whose labels are clear.
pub(super) fn check_class_order(
    origin: &LabelOrigin,
    class_names: &[String],
    warnings: &mut Vec<String>,
) -> Result<(), ClassOrderError> {
    if matches!(origin, LabelOrigin::FolderNames) {
        return Ok(());
    }
    let mut names = class_names.to_vec();
    names.sort_unstable();
    let numbers = ClassNumbers::of(&names);
    let Some(readings) = numbers.readings(&names) else {
        return Ok(());
    };
    if matches!(numbers, ClassNumbers::TwoOrders { .. }) {
        return Err(ClassOrderError { readings });
    }
    if matches!(
        origin,
        LabelOrigin::FolderNumbers | LabelOrigin::FolderPlaces
    ) {
        return Ok(());
    }
    let warning = format!(
        "the numbers of the real class folders are their labels. Sorting them as text, as torchvision's ImageFolder does, \
         gives others: {readings}. Labels of the set (and teachers) that were made so are wrong here"
    );
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
    Ok(())
}
