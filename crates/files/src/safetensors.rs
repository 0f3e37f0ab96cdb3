//! Reading safetensors.
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use safetensors::tensor::{Dtype, Metadata};

use crate::limits::reserve;
use crate::tensor::element_count;
use crate::torch::Content;
use crate::{ElementType, FileError, FileTensor, Limits, Skipped};

/// The format's own bound on its header.
const MAX_HEADER: u64 = 100_000_000;

/// Whether `start` (the first bytes of the file) looks like safetensors: a header length, then `{`.
pub(crate) fn recognise(start: &[u8]) -> bool {
    // A header below 4 GiB that begins a JSON object: no other format starts so.
    start.len() > 8 && start[4..8] == [0; 4] && start[8] == b'{'
}

/// All tensors, in the order of their data.
pub(crate) fn read(
    file: &mut File,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    let mut length = [0; 8];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    // The reference implementation refuses longer headers too.
    if length > MAX_HEADER || length > file_bytes - 8 {
        return Err(FileError::damaged(format!(
            "the safetensors header is said to have {length} bytes, the file has {file_bytes}"
        )));
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header)?;
    let metadata: Metadata = serde_json::from_slice(&header)
        .map_err(|error| FileError::damaged(format!("safetensors header: {error}")))?;
    let data = file_bytes - 8 - length;
    // Offsets that end early or late mean a truncated download, or bytes hidden behind the tensors.
    if metadata.data_len() as u64 != data {
        return Err(FileError::damaged(format!(
            "the safetensors header describes {} bytes of tensors, the file has {data}",
            metadata.data_len()
        )));
    }
    let names = metadata.offset_keys();
    if names.len() > limits.max_entries {
        return Err(FileError::TooMany {
            what: "tensors",
            limit: limits.max_entries,
        });
    }
    let mut budget = limits.budget(file_bytes);
    let mut content = Content::default();
    for name in names {
        let Some(info) = metadata.info(&name) else {
            continue; // not reached: the names come from the same map
        };
        let (start, end) = info.data_offsets;
        let Some(element) = element(info.dtype) else {
            // The tensors follow each other without gaps, so what is not read is stepped over.
            file.seek(SeekFrom::Current((end - start) as i64))?;
            let what = format!(
                "a tensor of type {:?}, which is not supported: allowed are {}",
                info.dtype,
                ElementType::SUPPORTED
            );
            content.skipped.push(Skipped::new(name, what));
            continue;
        };
        let what = format!("tensor `{name}`");
        let bytes = budget.take(&what, (end - start) as u64)?;
        if element_count(&info.shape).and_then(|n| n.checked_mul(element.size())) != Some(bytes) {
            return Err(FileError::damaged(format!(
                "{what} of shape {:?} has {bytes} bytes",
                info.shape
            )));
        }
        let mut buffer = reserve(&what, bytes)?;
        buffer.resize(bytes, 0);
        // The tensors follow each other without gaps: the metadata was validated on reading.
        file.read_exact(&mut buffer)?;
        content
            .tensors
            .push(FileTensor::new(name, info.shape.clone(), element, buffer)?);
    }
    Ok(content)
}

fn element(dtype: Dtype) -> Option<ElementType> {
    Some(match dtype {
        Dtype::F64 => ElementType::F64,
        Dtype::F32 => ElementType::F32,
        Dtype::F16 => ElementType::F16,
        Dtype::BF16 => ElementType::BF16,
        Dtype::I64 => ElementType::I64,
        Dtype::I32 => ElementType::I32,
        Dtype::I16 => ElementType::I16,
        Dtype::I8 => ElementType::I8,
        Dtype::U64 => ElementType::U64,
        Dtype::U32 => ElementType::U32,
        Dtype::U16 => ElementType::U16,
        Dtype::U8 => ElementType::U8,
        Dtype::BOOL => ElementType::Bool,
        _ => return None,
    })
}
