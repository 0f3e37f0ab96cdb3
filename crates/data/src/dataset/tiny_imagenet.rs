//! TinyImageNet as its archive has it: `wnids.txt`, and test pictures in one folder with a file of annotations.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ddrank_files::read_regular_text;

use super::class_folders::{FolderKind, held_out, training};
use super::class_rule::ClassRule;
use super::descriptor::Dataset;
use super::folder_listing::{Listing, class_names, pictures_in};
use super::imagenet::HELD_OUT;
use super::opened::Opened;
use super::source::DatasetSource;
use crate::{DataError, Normalisation};

const CLASSES: usize = 200;

/// The largest list that is read, in bytes; the archive's longest has 400 KB.
const LARGEST_LIST: u64 = 16 << 20;

pub(super) static TINY_IMAGENET: Dataset = Dataset {
    title: "TinyImageNet",
    classes: Some(CLASSES),
    side: Some(64),
    normalisation: Normalisation::imagenet,
    root: Some(
        "the archive as it is (`val/images/` with `val/val_annotations.txt`), or `val/` sorted into class folders, with or without an inner `images/`",
    ),
    open,
};

fn open(source: &DatasetSource) -> Result<Opened, DataError> {
    let kind = FolderKind {
        held_out: HELD_OUT,
        classes: ClassRule::Count(CLASSES),
    };
    let (train, folder) = training(&kind, source)?;
    check_wnids(source.needed_root()?, &train)?;
    let test = match annotated(&folder, train.classes.clone(), source.test_limit)? {
        Some(test) => test,
        // Sorting the archive's test pictures into class folders leaves `images` behind, empty.
        None => held_out(&kind, &train, &folder, source, &["images"])?,
    };
    Opened::in_files(train, test)
}

/// Where `wnids.txt` is there, it and the class folders name the same classes. Its order is not that of the labels.
fn check_wnids(root: &Path, train: &Listing) -> Result<(), DataError> {
    let path = root.join("wnids.txt");
    let text = match read_regular_text(&path, LARGEST_LIST) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(DataError::read(&path, error)),
    };
    let mut named: Vec<&str> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let name = line.trim();
        if name.is_empty() {
            continue;
        }
        if !train.classes.iter().any(|class| class == name) {
            let problem = format!(
                "line {number}: `{name}` has no folder in {}",
                train.folder.display()
            );
            return Err(DataError::content(&path, problem));
        }
        named.push(name);
    }
    let unnamed = |class: &&String| !named.contains(&class.as_str());
    match train.classes.iter().find(unnamed) {
        None => Ok(()),
        Some(class) => {
            let problem = format!(
                "no line for `{class}`, which is a folder in {}",
                train.folder.display()
            );
            Err(DataError::content(&path, problem))
        }
    }
}

/// The test pictures of the archive's layout: `images/<file>` with a line in `val_annotations.txt` for each. `None` where
/// there are class folders instead.
///
/// Class by class the pictures are sorted by the bytes of their names, so the order is that of class folders.
fn annotated(
    folder: &Path,
    classes: Vec<String>,
    limit: Option<usize>,
) -> Result<Option<Listing>, DataError> {
    let images = folder.join("images");
    let pictures = if images.is_dir() {
        pictures_in(&images)?
    } else {
        Vec::new()
    };
    let path = folder.join("val_annotations.txt");
    if pictures.is_empty() {
        if class_names(folder).is_ok_and(|names| names != ["images"]) {
            return Ok(None);
        }
        let problem = if path.is_file() {
            "no pictures in images/, which val_annotations.txt describes, and no class folders"
        } else {
            "expected images/ and val_annotations.txt as in the archive, or class folders"
        };
        return Err(DataError::content(folder, problem));
    }
    let text =
        read_regular_text(&path, LARGEST_LIST).map_err(|error| DataError::read(&path, error))?;
    // Every line is checked although only the labels are used: a file of another download would label at random.
    let labels = annotations(&path, &text, &classes)?;
    let mut members = vec![Vec::new(); classes.len()];
    let mut found = 0;
    for picture in pictures {
        let name = picture.strip_prefix(&images).unwrap_or(&picture);
        match labels.get(name) {
            Some(&(label, _)) => members[label].push(picture),
            None => {
                let problem = format!("no line for the picture {}", picture.display());
                return Err(DataError::content(&path, problem));
            }
        }
        found += 1;
    }
    if found < labels.len() {
        let lost = (labels.iter())
            .filter(|(name, _)| !images.join(name).is_file())
            .min_by_key(|(_, (_, line))| *line);
        if let Some((name, (_, line))) = lost {
            let problem = format!("line {line}: no picture {}", images.join(name).display());
            return Err(DataError::content(&path, problem));
        }
    }
    if let Some(class) = members.iter().position(Vec::is_empty) {
        let problem = format!("no picture of the class `{}`", classes[class]);
        return Err(DataError::content(&path, problem));
    }
    Ok(Some(Listing::in_turns(folder, classes, members, limit)))
}

/// Label and line number of each file name: lines are `file <tab> class <tab> box`.
fn annotations(
    path: &Path,
    text: &str,
    classes: &[String],
) -> Result<HashMap<PathBuf, (usize, usize)>, DataError> {
    let mut labels = HashMap::new();
    let names = classes.iter().map(String::as_str);
    let label_of: HashMap<&str, usize> = names.zip(0..).collect();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |problem: String| DataError::content(path, format!("line {number}: {problem}"));
        let mut fields = line.split_whitespace();
        let (Some(file), Some(class)) = (fields.next(), fields.next()) else {
            return Err(wrong(format!(
                "`{line}`: expected a file name and a class, such as `val_0.JPEG n03444034 0 32 44 62`"
            )));
        };
        let Some(&label) = label_of.get(class) else {
            return Err(wrong(format!(
                "`{class}` is not a class folder of the training pictures"
            )));
        };
        if let Some((_, before)) = labels.insert(PathBuf::from(file), (label, number)) {
            return Err(wrong(format!("`{file}` has a line already, line {before}")));
        }
    }
    Ok(labels)
}
