//! CIFAR-10 and CIFAR-100 from the official files, binary or Python.

use std::fs;
use std::path::{Path, PathBuf};

use super::cifar_classes::{CIFAR10_CLASSES, CIFAR100_CLASSES};
use super::cifar_pickle::read_pickled;
use super::cifar_records::{IMAGE_BYTES, MAX_FILE_BYTES, Records};
use super::descriptor::Dataset;
use super::opened::Opened;
use super::source::DatasetSource;
use crate::{DataError, ImageShape, LabelledImages, Normalisation, Pixels};

/// What both must have in their folder.
const ROOT: Option<&str> = Some("the official files, binary or Python");

pub(super) static CIFAR10: Dataset = Dataset {
    title: "CIFAR-10",
    classes: Some(CIFAR10_CLASSES.len()),
    side: Some(SHAPE.height),
    normalisation: Normalisation::cifar10,
    root: ROOT,
    open: |source| open(&CIFAR10_FILES, source),
};

pub(super) static CIFAR100: Dataset = Dataset {
    title: "CIFAR-100",
    classes: Some(CIFAR100_CLASSES.len()),
    side: Some(SHAPE.height),
    // DD-Ranking has no statistics of its own for CIFAR-100.
    normalisation: Normalisation::cifar10,
    root: ROOT,
    open: |source| open(&CIFAR100_FILES, source),
};

/// Shape of every image.
const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 32,
    width: 32,
};

/// What distinguishes the files of the two datasets.
struct Files {
    classes: &'static [&'static str],
    binary: Layout,
    pickled: Layout,
}

/// The files of one layout.
struct Layout {
    folder: &'static str,
    train: &'static [&'static str],
    test: &'static str,
    format: Format,
}

/// How a file is written.
#[derive(Clone, Copy)]
enum Format {
    /// Records of label bytes, the last of which is the label, and pixels.
    Binary { label_bytes: usize },
    /// A pickled dictionary with the labels under this key.
    Pickled { label_key: &'static str },
}

static CIFAR10_FILES: Files = Files {
    classes: &CIFAR10_CLASSES,
    binary: Layout {
        folder: "cifar-10-batches-bin",
        train: &[
            "data_batch_1.bin",
            "data_batch_2.bin",
            "data_batch_3.bin",
            "data_batch_4.bin",
            "data_batch_5.bin",
        ],
        test: "test_batch.bin",
        format: Format::Binary { label_bytes: 1 },
    },
    pickled: Layout {
        folder: "cifar-10-batches-py",
        train: &[
            "data_batch_1",
            "data_batch_2",
            "data_batch_3",
            "data_batch_4",
            "data_batch_5",
        ],
        test: "test_batch",
        format: Format::Pickled {
            label_key: "labels",
        },
    },
};

static CIFAR100_FILES: Files = Files {
    classes: &CIFAR100_CLASSES,
    binary: Layout {
        folder: "cifar-100-binary",
        train: &["train.bin"],
        test: "test.bin",
        format: Format::Binary { label_bytes: 2 },
    },
    pickled: Layout {
        folder: "cifar-100-python",
        train: &["train"],
        test: "test",
        format: Format::Pickled {
            label_key: "fine_labels",
        },
    },
};

/// Reads the dataset from the source's folder: one of the two official folders, or the folder that holds one. Where both
/// layouts are there, the binary one is read. Files with fewer records than the official ones are fine.
fn open(files: &Files, source: &DatasetSource) -> Result<Opened, DataError> {
    let (folder, layout) = find(files, source)?;
    let missing: Vec<String> = (layout.train.iter().copied())
        .chain([layout.test])
        .filter(|file| !folder.join(file).is_file())
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(DataError::Incomplete {
            dataset: source.name,
            folder,
            missing,
        });
    }
    let read = |names: &[&str]| -> Result<LabelledImages, DataError> {
        let mut records = Records::default();
        for name in names {
            let path = folder.join(name);
            let before = records.labels.len();
            let bytes = read_whole(&path)?;
            match layout.format {
                Format::Binary { label_bytes } => {
                    read_binary(&path, &bytes, label_bytes, &mut records)?;
                }
                Format::Pickled { label_key } => {
                    read_pickled(&path, &bytes, label_key, &mut records)?;
                }
            }
            // File by file, so that the error names the file.
            check_labels(&path, &records.labels[before..], files.classes.len())?;
        }
        Ok(LabelledImages::new(
            SHAPE,
            files.classes.len(),
            Pixels::Bytes(records.pixels),
            records.labels,
        )?)
    };
    let (train, test) = (read(layout.train)?, read(&[layout.test])?);
    let class_names = files.classes.iter().map(|&name| name.to_owned()).collect();
    Opened::in_memory(class_names, train, test, source)
}

/// The folder and layout to read: the first of the possible places that holds any of its files.
fn find<'a>(files: &'a Files, source: &DatasetSource) -> Result<(PathBuf, &'a Layout), DataError> {
    let root = source.needed_root()?;
    let (binary, pickled) = (&files.binary, &files.pickled);
    // Binary first: it is simpler to parse, and who has both expects the same images.
    for layout in [binary, pickled] {
        for folder in [root.to_owned(), root.join(layout.folder)] {
            // Any file will do: a folder that is half there should be called incomplete, not absent.
            let mut names = layout.train.iter().chain([&layout.test]);
            if names.any(|name| folder.join(name).is_file()) {
                return Ok((folder, layout));
            }
        }
    }
    Err(DataError::NotFound {
        dataset: source.name,
        root: root.to_owned(),
        expected: format!(
            "{} (with {} and {}) or {} (with {} and {})",
            binary.folder,
            binary.train.join(", "),
            binary.test,
            pickled.folder,
            pickled.train.join(", "),
            pickled.test
        ),
    })
}

fn read_whole(path: &Path) -> Result<Vec<u8>, DataError> {
    let size = fs::metadata(path)
        .map_err(|error| DataError::read(path, error))?
        .len();
    if size > MAX_FILE_BYTES {
        return Err(DataError::content(
            path,
            format!("{size} bytes: expected at most {MAX_FILE_BYTES} in a CIFAR file"),
        ));
    }
    fs::read(path).map_err(|error| DataError::read(path, error))
}

fn read_binary(
    path: &Path,
    bytes: &[u8],
    label_bytes: usize,
    records: &mut Records,
) -> Result<(), DataError> {
    let record = label_bytes + IMAGE_BYTES;
    if bytes.is_empty() || !bytes.len().is_multiple_of(record) {
        return Err(DataError::content(
            path,
            format!(
                "{} bytes: expected a multiple of {record}, records of {label_bytes} label and {IMAGE_BYTES} pixel bytes",
                bytes.len()
            ),
        ));
    }
    records.pixels.reserve(bytes.len() / record * IMAGE_BYTES);
    for one in bytes.chunks_exact(record) {
        // CIFAR-100 puts the coarse label first.
        records.labels.push(u32::from(one[label_bytes - 1]));
        records.pixels.extend_from_slice(&one[label_bytes..]);
    }
    Ok(())
}

fn check_labels(path: &Path, labels: &[u32], classes: usize) -> Result<(), DataError> {
    match labels.iter().position(|&label| label as usize >= classes) {
        None => Ok(()),
        Some(index) => Err(DataError::content(
            path,
            format!(
                "record {index} has label {}: expected 0 to {}",
                labels[index],
                classes - 1
            ),
        )),
    }
}
