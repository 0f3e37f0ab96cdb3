//! NumPy archives: a zip of `.npy` entries.
use crate::archive::Archive;
use crate::{FileError, FileTensor, Limits, npy};

/// All arrays, named by their entry without `.npy`.
pub(crate) fn read(
    archive: &mut Archive,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Vec<FileTensor>, FileError> {
    let mut budget = limits.budget(file_bytes);
    let mut tensors = Vec::new();
    for entry in archive.names()? {
        let Some(name) = entry.strip_suffix(".npy") else {
            return Err(FileError::Unsupported {
                seen: format!("archive entry `{entry}`"),
                expected: "an .npz archive holds only .npy entries".to_owned(),
            });
        };
        let content = archive.read(&entry)?;
        let tensor = npy::read(name, content, &mut budget).map_err(|error| named(&entry, error))?;
        tensors.push(tensor);
    }
    Ok(tensors)
}

/// Says which entry is meant where the message alone would not.
fn named(entry: &str, error: FileError) -> FileError {
    match error {
        FileError::Damaged(what) => FileError::Damaged(format!("`{entry}`: {what}")),
        FileError::Unsupported { seen, expected } => FileError::Unsupported {
            seen: format!("`{entry}`: {seen}"),
            expected,
        },
        other => other,
    }
}
