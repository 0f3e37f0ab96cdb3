//! CIFAR's Python layout: a pickled dictionary with a NumPy array of bytes and a list of labels.
//!
//! The official files were written by Python 2 (protocol 2: keys and pixels are its 8-bit texts); files that Python 3 wrote
//! again have texts or bytes for keys. [`PickledData`] reads them all alike and runs nothing.

use std::path::Path;

use ddrank_files::{FileError, Limits, PickledData, PickledValue};

use super::cifar_records::{IMAGE_BYTES, MAX_FILE_BYTES, Records};
use crate::DataError;

/// Appends the images of one pickled file whose labels lie under `label_key`.
pub(super) fn read_pickled(
    path: &Path,
    bytes: &[u8],
    label_key: &str,
    records: &mut Records,
) -> Result<(), DataError> {
    let not_a_batch = |source: FileError| DataError::Pickle {
        path: path.to_owned(),
        source,
    };
    // The pixels lie in the pickle itself, which the limits of files of tensors do not expect.
    let limits = Limits {
        max_pickle_bytes: MAX_FILE_BYTES,
        ..Limits::default()
    };
    let pickle = PickledData::parse(bytes, &limits).map_err(not_a_batch)?;
    let value = |key: &str| -> Result<PickledValue<'_>, DataError> {
        let found = pickle.root().get(key).map_err(not_a_batch)?;
        found
            .ok_or_else(|| DataError::content(path, format!("the pickled dict has no key `{key}`")))
    };
    let data = value("data")?.array().map_err(not_a_batch)?;
    let labels = value(label_key)?.whole_numbers().map_err(not_a_batch)?;
    if data.is_column_major {
        return Err(DataError::content(
            path,
            "`data` is a column-major numpy array: expected a row-major one",
        ));
    }
    let &[images, values] = data.shape else {
        return Err(DataError::content(
            path,
            format!(
                "`data` has shape {:?}: expected [images, {IMAGE_BYTES}]",
                data.shape
            ),
        ));
    };
    if values != IMAGE_BYTES || images == 0 {
        return Err(DataError::content(
            path,
            format!("`data` has shape [{images}, {values}]: expected [images, {IMAGE_BYTES}]"),
        ));
    }
    if images.checked_mul(values) != Some(data.bytes.len()) {
        return Err(DataError::content(
            path,
            format!(
                "`data` of shape [{images}, {values}] holds {} bytes: expected one per value",
                data.bytes.len()
            ),
        ));
    }
    if labels.len() != images {
        return Err(DataError::content(
            path,
            format!(
                "{} labels for {images} images in `{label_key}`: expected one each",
                labels.len()
            ),
        ));
    }
    records.pixels.extend_from_slice(&data.bytes);
    for (index, label) in labels.into_iter().enumerate() {
        let label = u32::try_from(label).map_err(|_| {
            DataError::content(
                path,
                format!("record {index} has label {label}: expected a class, from 0"),
            )
        })?;
        records.labels.push(label);
    }
    Ok(())
}
