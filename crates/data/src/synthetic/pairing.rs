//! Which label of a tensor belongs to which picture of a folder.

use std::path::{Path, PathBuf};

use super::error::SyntheticError;
use super::set::SyntheticLabels;
use super::source::{ClassesOfSoft, PictureOrder, SyntheticSource};
use crate::class_numbers::compare_naturally;

/// Labels in the order of the tensor, brought to the order of the pictures: class after class, sorted as text.
///
/// Where the orders in which a program may have listed the pictures would pair them otherwise, the source says which it
/// was, or there is an error.
pub(super) fn rows_for_pictures(
    source: &SyntheticSource,
    files: &[PathBuf],
    own: &[u32],
    labels: SyntheticLabels,
) -> Result<SyntheticLabels, SyntheticError> {
    let order = |kind| listing(kind, &source.images, files);
    if let Some(kind) = source.picture_order {
        return Ok(paired(&labels, &order(kind)));
    }
    let kinds = [
        PictureOrder::Text,
        PictureOrder::Numbers,
        PictureOrder::Classes,
    ];
    let readings = kinds.map(|kind| paired(&labels, &order(kind)));
    if readings
        .iter()
        .all(|other| is_same(source, other, &readings[0]))
    {
        return Ok(readings[0].clone());
    }
    // Classes that agree with the folders in one order only were written in it.
    if let SyntheticLabels::Hard(_) = labels {
        let agrees = |reading: &&SyntheticLabels| reading.hard() == own;
        if let Some(found) = readings.iter().find(agrees) {
            return Ok(found.clone());
        }
    }
    let first = |kind| {
        let listed = order(kind);
        let names = listed
            .iter()
            .map(|&place| relative(&source.images, &files[place]));
        names.collect::<Vec<_>>()
    };
    let [text, numbers, classes] = kinds.map(first);
    let differs = (0..files.len())
        .find(|&at| text[at] != numbers[at] || text[at] != classes[at])
        .unwrap_or_default();
    Err(SyntheticError::PictureOrder {
        path: source.images.clone(),
        place: differs,
        text: text[differs].clone(),
        numbers: numbers[differs].clone(),
        classes: classes[differs].clone(),
    })
}

/// Whether two readings train the same.
fn is_same(source: &SyntheticSource, a: &SyntheticLabels, b: &SyntheticLabels) -> bool {
    match source.classes_of_soft {
        ClassesOfSoft::Largest => a.hard() == b.hard(),
        ClassesOfSoft::Images => a == b,
    }
}

/// The places of the files, which are sorted class by class, in another order.
fn listing(kind: PictureOrder, root: &Path, files: &[PathBuf]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..files.len()).collect();
    let name = |place: usize| relative(root, &files[place]);
    match kind {
        PictureOrder::Classes => {}
        // Folder by folder, as `os.listdir` and `ImageFolder` do: `a/x` and `a b/x` in the order of the folders' names.
        PictureOrder::Text => places.sort_by_cached_key(|&place| {
            let name = name(place);
            name.split('/').map(str::to_owned).collect::<Vec<_>>()
        }),
        PictureOrder::Numbers => places.sort_by(|&a, &b| compare_naturally(&name(a), &name(b))),
    }
    places
}

/// `class/file` of a picture, as text.
fn relative(root: &Path, file: &Path) -> String {
    let steps = file.strip_prefix(root).unwrap_or(file).iter();
    let names: Vec<_> = steps.map(|step| step.to_string_lossy()).collect();
    names.join("/")
}

/// Labels whose row i belongs to the picture at `places[i]`, in the order of the pictures.
fn paired(labels: &SyntheticLabels, places: &[usize]) -> SyntheticLabels {
    let mut row_of = vec![0; places.len()];
    for (row, &place) in places.iter().enumerate() {
        row_of[place] = row;
    }
    let classes = |hard: &[u32]| row_of.iter().map(|&row| hard[row]).collect();
    match labels {
        SyntheticLabels::Hard(hard) => SyntheticLabels::Hard(classes(hard)),
        SyntheticLabels::Soft { rows, hard } => {
            let length = rows.len() / hard.len().max(1);
            let row = |&row: &usize| &rows[row * length..(row + 1) * length];
            SyntheticLabels::Soft {
                rows: row_of.iter().flat_map(row).copied().collect(),
                hard: classes(hard),
            }
        }
    }
}
