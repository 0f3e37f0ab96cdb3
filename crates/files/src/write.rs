//! Writing tensors.
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use crate::replace::replace_file;
use crate::{ElementType, FileError, FileTensor};

/// Writes tensors as safetensors. The file appears whole or not at all: it is written under a temporary name in the
/// same folder, synced and renamed. An existing file is replaced.
///
/// # Errors
/// [`FileError::Write`] with the cause: a name used twice or reserved (`__metadata__`), or an I/O error.
pub fn write_safetensors(path: &Path, tensors: &[FileTensor]) -> Result<(), FileError> {
    write(path, tensors).map_err(|source| FileError::Write {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn write(path: &Path, tensors: &[FileTensor]) -> Result<(), FileError> {
    let mut ordered: Vec<&FileTensor> = tensors.iter().collect();
    // Wide elements first keeps every tensor aligned; the sort is stable otherwise.
    ordered.sort_by_key(|tensor| std::cmp::Reverse(tensor.element().size()));
    let header = header(ordered.iter().map(|tensor| Entry {
        name: tensor.name(),
        shape: tensor.shape(),
        element: tensor.element(),
        bytes: tensor.bytes().len(),
    }))?;

    replace_file(path, |writer| {
        writer.write_all(&(header.len() as u64).to_le_bytes())?;
        writer.write_all(&header)?;
        ordered
            .iter()
            .try_for_each(|tensor| writer.write_all(tensor.bytes()))
    })?;
    Ok(())
}

/// What the header says about a tensor.
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a str,
    pub(crate) shape: &'a [usize],
    pub(crate) element: ElementType,
    pub(crate) bytes: usize,
}

/// The JSON header, padded with spaces to a multiple of 8 bytes.
pub(crate) fn header<'a>(
    tensors: impl IntoIterator<Item = Entry<'a>>,
) -> Result<Vec<u8>, FileError> {
    let mut names = std::collections::HashSet::new();
    let mut infos = Vec::new();
    let mut start = 0_usize;
    for tensor in tensors {
        if tensor.name == "__metadata__" {
            return Err(FileError::Unsupported {
                seen: "the tensor name `__metadata__`".to_owned(),
                expected: "safetensors reserves it, choose another".to_owned(),
            });
        }
        // JSON would keep the last of two equal keys, and the file would hold bytes that nobody can name.
        if !names.insert(tensor.name) {
            return Err(FileError::DuplicateName(tensor.name.to_owned()));
        }
        let end = start + tensor.bytes;
        infos.push((
            tensor.name.to_owned(),
            TensorInfo {
                dtype: dtype(tensor.element),
                shape: tensor.shape.to_vec(),
                data_offsets: (start, end),
            },
        ));
        start = end;
    }
    let metadata = Metadata::new(None, infos).map_err(|error| FileError::Unsupported {
        seen: format!("a tensor shape ({error})"),
        expected: "safetensors needs the product of all sizes to fit in memory".to_owned(),
    })?;
    let mut header = serde_json::to_vec(&metadata)
        .map_err(|error| FileError::damaged(format!("header: {error}")))?;
    // The format allows trailing spaces; they align the data, as the reference writer does.
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}

fn dtype(element: ElementType) -> Dtype {
    match element {
        ElementType::F64 => Dtype::F64,
        ElementType::F32 => Dtype::F32,
        ElementType::F16 => Dtype::F16,
        ElementType::BF16 => Dtype::BF16,
        ElementType::I64 => Dtype::I64,
        ElementType::I32 => Dtype::I32,
        ElementType::I16 => Dtype::I16,
        ElementType::I8 => Dtype::I8,
        ElementType::U64 => Dtype::U64,
        ElementType::U32 => Dtype::U32,
        ElementType::U16 => Dtype::U16,
        ElementType::U8 => Dtype::U8,
        ElementType::Bool => Dtype::BOOL,
    }
}
