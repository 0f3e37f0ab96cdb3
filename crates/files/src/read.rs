//! Reading any tensor file: which format it is, then its tensors.
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::archive::Archive;
use crate::torch::Content;
use crate::{
    FileError, FileFormat, Limits, TensorFile, foreign, legacy, npy, npz, safetensors, torch,
};

/// Reads all tensors of a file. The format is recognised by content.
///
/// Supported: PyTorch (`torch.save`, both containers; a bare tensor or parameter, or lists, tuples and dictionaries
/// of them, nested), safetensors, `.npy`, `.npz`, and plain pickles of NumPy arrays. Strided and shared storages are
/// resolved; every tensor comes out contiguous.
///
/// # Errors
/// [`FileError::Read`], which names the file, with the cause.
pub fn read_tensor_file(path: &Path, limits: &Limits) -> Result<TensorFile, FileError> {
    let at = |source| FileError::Read {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let (format, content) = read(path, limits).map_err(at)?;
    if content.tensors.is_empty() {
        return Err(at(FileError::NoTensor(holds(&content))));
    }
    Ok(TensorFile {
        path: path.to_owned(),
        format,
        tensors: content.tensors,
        skipped: content.skipped,
    })
}

/// Reads one number, such as a learning rate: a file of any format that holds exactly one tensor of one element, or
/// one plain number (`torch.save(0.01, path)`, a pickled float).
///
/// # Errors
/// [`FileError::Read`], which names the file, with the cause; [`FileError::NotScalar`] when there is no such number
/// or more than one.
pub fn read_scalar(path: &Path) -> Result<f64, FileError> {
    let scalar = || {
        let (_, content) = read(path, &Limits::default())?;
        match (content.tensors.as_slice(), content.numbers.as_slice()) {
            ([tensor], []) if tensor.len() == 1 => Ok(tensor.to_f64()[0]),
            ([], [number]) => Ok(*number),
            ([tensor], []) => Err(FileError::NotScalar(format!(
                "tensor {}",
                tensor.describe()
            ))),
            ([], []) => Err(FileError::NotScalar(holds(&content))),
            (tensors, numbers) => Err(FileError::NotScalar(format!(
                "{} tensors and {} plain numbers",
                tensors.len(),
                numbers.len()
            ))),
        }
    };
    scalar().map_err(|source| FileError::Read {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// What a file without tensors holds.
fn holds(content: &Content) -> String {
    match content.skipped.as_slice() {
        [] if content.root.is_empty() => "nothing".to_owned(),
        [] => content.root.clone(),
        [only] if only.name.is_empty() => only.what.clone(),
        several => {
            let shown: Vec<String> = several
                .iter()
                .take(10)
                .map(|s| format!("{}: {}", s.name, s.what))
                .collect();
            let more = match several.len().saturating_sub(10) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!("{}{more}", shown.join(", "))
        }
    }
}

fn read(path: &Path, limits: &Limits) -> Result<(FileFormat, Content), FileError> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(foreign::folder(path));
    }
    // Before it is opened: opening a pipe waits for a writer, and a device has no end.
    if !metadata.is_file() {
        return Err(FileError::UnknownFormat {
            seen: "it is a pipe, a device or a socket, not a file".to_owned(),
        });
    }
    let mut file = File::open(path)?;
    let file_bytes = file.metadata()?.len();
    let mut start = Vec::new();
    // `read` may return fewer bytes than there are; a short file must not look like another format.
    (&mut file).take(foreign::START).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;

    Ok(if safetensors::recognise(&start) {
        let read = safetensors::read(&mut file, file_bytes, limits)?;
        (FileFormat::Safetensors, read)
    } else if start.starts_with(npy::MAGIC) {
        let mut budget = limits.budget(file_bytes);
        let size = budget.take("the file", file_bytes)?;
        let mut content = crate::limits::reserve("the file", size)?;
        file.read_to_end(&mut content)?;
        let read = npy::read("", content, &mut limits.budget(file_bytes))?;
        let content = Content {
            tensors: vec![read],
            ..Content::default()
        };
        (FileFormat::Npy, content)
    } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        zip(file, file_bytes, limits)?
    } else if legacy::recognise(&start) {
        let read = legacy::read(&mut file, file_bytes, limits)?;
        (FileFormat::TorchLegacy, read)
    } else if let Some(known) = foreign::recognise(&start) {
        return Err(known);
    } else if matches!(start.as_slice(), [0x80, 2..=5, ..]) {
        let read = legacy::read_plain(&mut file, file_bytes, limits)?;
        (FileFormat::Pickle, read)
    } else if foreign::may_be_old_pickle(&start) {
        // Protocols 0 and 1 have no magic number: a file that is no pickle is called what it begins with.
        let read = legacy::read_plain(&mut file, file_bytes, limits);
        let read = read.map_err(|error| match error {
            FileError::Damaged(_) => foreign::unknown(&start),
            other => other,
        })?;
        (FileFormat::Pickle, read)
    } else {
        return Err(foreign::unknown(&start));
    })
}

fn zip(file: File, file_bytes: u64, limits: &Limits) -> Result<(FileFormat, Content), FileError> {
    let mut archive = Archive::open(file, file_bytes, limits)?;
    let names = archive.names()?;
    if let Some(entry) = torch::pickle_entry(&names) {
        let read = torch::read_zip(archive, entry, file_bytes, limits)?;
        return Ok((FileFormat::TorchZip, read));
    }
    if names.iter().any(|name| name.ends_with(".npy")) {
        return Ok((
            FileFormat::Npz,
            npz::read(&mut archive, file_bytes, limits)?,
        ));
    }
    Err(FileError::UnknownFormat {
        seen: "it is a zip archive with neither a `data.pkl` (PyTorch) nor `.npy` entries (NumPy)"
            .to_owned(),
    })
}
