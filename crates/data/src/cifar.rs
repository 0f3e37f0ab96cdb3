//! CIFAR-10 and CIFAR-100 from the official files, binary or Python.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cifar_classes::{CIFAR10_CLASSES, CIFAR100_CLASSES};
use crate::cifar_pickle::read_pickled;
use crate::{
    DataError, DatasetName, ImageShape, LabelledImages, Normalisation, Pixels, RealDataset,
};

/// Shape of every image.
const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 32,
    width: 32,
};
/// Bytes of one image.
pub(crate) const IMAGE_BYTES: usize = 3 * 32 * 32;
/// No batch file is larger: the largest official one has 155 MB.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// What distinguishes the two datasets.
pub(crate) struct Cifar {
    name: DatasetName,
    classes: &'static [&'static str],
    /// Label bytes in front of a binary record; the last one is the label.
    label_bytes: usize,
    /// Key of the labels in a pickled file.
    label_key: &'static str,
    binary: Layout,
    pickled: Layout,
}

/// The files of one layout.
struct Layout {
    folder: &'static str,
    train: &'static [&'static str],
    test: &'static str,
}

pub(crate) const CIFAR10: Cifar = Cifar {
    name: DatasetName::Cifar10,
    classes: &CIFAR10_CLASSES,
    label_bytes: 1,
    label_key: "labels",
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
    },
};

pub(crate) const CIFAR100: Cifar = Cifar {
    name: DatasetName::Cifar100,
    classes: &CIFAR100_CLASSES,
    label_bytes: 2,
    label_key: "fine_labels",
    binary: Layout {
        folder: "cifar-100-binary",
        train: &["train.bin"],
        test: "test.bin",
    },
    pickled: Layout {
        folder: "cifar-100-python",
        train: &["train"],
        test: "test",
    },
};

/// Pixel bytes and labels read so far.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u32>,
}

/// Loads a CIFAR dataset from `root`: one of the two official folders, or the folder that holds one. Where both
/// layouts are there, the binary one is read. Files with fewer records than the official ones are fine.
pub(crate) fn load(cifar: Cifar, root: &Path) -> Result<RealDataset, DataError> {
    let (folder, layout) = find(&cifar, root)?;
    let missing: Vec<String> = (layout.train.iter().copied())
        .chain([layout.test])
        .filter(|file| !folder.join(file).is_file())
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(DataError::Incomplete {
            dataset: cifar.name,
            folder,
            missing,
        });
    }
    let pickled = layout.folder == cifar.pickled.folder;
    let read = |files: &[&str]| -> Result<LabelledImages, DataError> {
        let mut records = Records::default();
        for file in files {
            let path = folder.join(file);
            let before = records.labels.len();
            let bytes = read_whole(&path)?;
            if pickled {
                read_pickled(&path, &bytes, cifar.label_key, &mut records)?;
            } else {
                read_binary(&path, &bytes, cifar.label_bytes, &mut records)?;
            }
            check_labels(&path, &records.labels[before..], cifar.classes.len())?;
        }
        Ok(LabelledImages::new(
            SHAPE,
            cifar.classes.len(),
            Pixels::Bytes(records.pixels),
            records.labels,
        )?)
    };
    Ok(RealDataset {
        name: cifar.name,
        class_names: cifar.classes.iter().map(|&name| name.to_owned()).collect(),
        train: read(layout.train)?,
        test: read(&[layout.test])?,
        normalisation: Normalisation::cifar10(),
    })
}

/// The folder and layout to read: the first of the possible places that holds any of its files.
fn find<'a>(cifar: &'a Cifar, root: &Path) -> Result<(PathBuf, &'a Layout), DataError> {
    for layout in [&cifar.binary, &cifar.pickled] {
        for folder in [root.to_owned(), root.join(layout.folder)] {
            let mut files = layout.train.iter().chain([&layout.test]);
            if files.any(|file| folder.join(file).is_file()) {
                return Ok((folder, layout));
            }
        }
    }
    Err(DataError::NotFound {
        dataset: cifar.name,
        root: root.to_owned(),
        expected: format!(
            "{} (with {} and {}) or {} (with {} and {})",
            cifar.binary.folder,
            cifar.binary.train.join(", "),
            cifar.binary.test,
            cifar.pickled.folder,
            cifar.pickled.train.join(", "),
            cifar.pickled.test
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
