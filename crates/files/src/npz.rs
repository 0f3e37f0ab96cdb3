//! NumPy archives: a zip of `.npy` entries.
use crate::archive::Archive;
use crate::torch::Content;
use crate::{FileError, Limits, Skipped, npy};

/// All arrays, named by their entry without `.npy`. What is no array of numbers is listed and passed over.
pub(crate) fn read(
    archive: &mut Archive,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    let mut budget = limits.budget(file_bytes);
    let mut content = Content::default();
    for entry in archive.names()? {
        let Some(name) = entry.strip_suffix(".npy") else {
            let what = "an entry that is no NumPy array (.npy)";
            content.skipped.push(Skipped::new(&*entry, what));
            continue;
        };
        let bytes = archive.read(&entry)?;
        // As NumPy has it: what does not begin like an array is raw bytes, whatever it is called (`__MACOSX/._x.npy`).
        if !bytes.starts_with(npy::MAGIC) {
            let what = "an entry that does not begin like a NumPy array";
            content.skipped.push(Skipped::new(name, what));
            continue;
        }
        match npy::read(name, bytes, &mut budget) {
            Ok(tensor) => content.tensors.push(tensor),
            Err(FileError::Unsupported { seen, expected }) => {
                let what = format!("{seen}, which is not supported: {expected}");
                content.skipped.push(Skipped::new(name, what));
            }
            Err(FileError::Damaged(what)) => {
                return Err(FileError::Damaged(format!("`{entry}`: {what}")));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(content)
}
