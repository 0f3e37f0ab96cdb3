//! Tensors that are views of a storage: bounds, and copying out in row-major order.
use std::sync::Arc;

use crate::limits::{Budget, reserve};
use crate::pickle::Strided;
use crate::tensor::{element_count, swap_bytes};
use crate::{ElementType, FileError, FileTensor};

/// Checks that every element lies inside the storage as declared.
pub(crate) fn check(name: &str, tensor: &Strided) -> Result<(), FileError> {
    let count = element_count(&tensor.shape);
    let size = tensor.element.size() as u128;
    let inside = match count {
        Some(0) => true,
        Some(_) => {
            // 64 dimensions of 2^64 * 2^64 would overflow 128 bits: saturate.
            let last = tensor.shape.iter().zip(&tensor.strides).fold(
                u128::from(tensor.offset),
                |sum, (&n, &stride)| {
                    sum.saturating_add((n as u128 - 1).saturating_mul(stride as u128))
                },
            );
            last.saturating_add(1).saturating_mul(size) <= u128::from(tensor.storage.bytes)
        }
        None => false,
    };
    if inside {
        return Ok(());
    }
    Err(FileError::damaged(format!(
        "tensor `{name}` of shape {:?}, strides {:?} and offset {} does not fit its storage of {} bytes",
        tensor.shape, tensor.strides, tensor.offset, tensor.storage.bytes
    )))
}

/// Copies a checked view out of its storage.
pub(crate) fn build(
    name: &str,
    tensor: &Strided,
    mut data: Arc<Vec<u8>>,
    big_endian: bool,
    budget: &mut Budget,
) -> Result<FileTensor, FileError> {
    let what = format!("tensor `{name}`");
    let size = tensor.element.size();
    // `check` compared with the size that the pickle claims; this is the one that the container has.
    let needed = tensor.storage.start.saturating_add(tensor.storage.bytes);
    if needed > data.len() as u64 {
        return Err(FileError::damaged(format!(
            "{what} needs {needed} bytes of storage `{}`, which has {}",
            tensor.storage.key,
            data.len()
        )));
    }
    // `check` passed, so the product exists and the indices below are inside `data`.
    let count = element_count(&tensor.shape).unwrap_or(0);
    let length = budget.take(&what, (count as u64).saturating_mul(size as u64))?;
    // An empty view may begin anywhere, even behind its storage.
    let start = if count == 0 {
        0
    } else {
        tensor.storage.start as usize + tensor.offset as usize * size
    };
    let mut bytes;
    if contiguous(&tensor.shape, &tensor.strides) {
        // A state dict of one view per storage, which is the usual file, is read without a copy.
        bytes = match Arc::get_mut(&mut data) {
            Some(whole) if start == 0 && whole.len() == length => std::mem::take(whole),
            _ => {
                let mut bytes = reserve(&what, length)?;
                bytes.extend_from_slice(&data[start..start + length]);
                bytes
            }
        };
    } else {
        bytes = reserve(&what, length)?;
        gather(
            &data,
            size,
            start,
            &tensor.shape,
            &tensor.strides,
            &mut bytes,
        );
    }
    if big_endian {
        swap_bytes(&mut bytes, size);
    }
    if tensor.negated {
        negate(tensor.element, &mut bytes);
    }
    FileTensor::new(name, tensor.shape.clone(), tensor.element, bytes)
}

/// Turns the sign of little-endian numbers in place. Whole numbers wrap, as PyTorch's do; truth values have no sign.
fn negate(element: ElementType, bytes: &mut [u8]) {
    let size = element.size();
    match element {
        ElementType::F64 | ElementType::F32 | ElementType::F16 | ElementType::BF16 => {
            for number in bytes.chunks_exact_mut(size) {
                number[size - 1] ^= 0x80;
            }
        }
        ElementType::Bool => {}
        _ => {
            for number in bytes.chunks_exact_mut(size) {
                // Two's complement: all bits turned, plus one.
                let mut carry = true;
                for byte in number {
                    let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
                    (*byte, carry) = (sum, over);
                }
            }
        }
    }
}

/// Whether the elements already lie in row-major order without gaps.
fn contiguous(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    element_count(shape) == Some(0)
        || shape.iter().zip(strides).rev().all(|(&n, &stride)| {
            // The stride of an axis of one element is never used, and PyTorch writes any number there.
            let fits = n == 1 || stride == expected;
            expected *= n;
            fits
        })
}

/// Appends the elements of a strided view in row-major order. `start` is in bytes, strides in elements; the caller
/// has checked that the view lies inside `data` and has at least one element.
pub(crate) fn gather(
    data: &[u8],
    size: usize,
    start: usize,
    shape: &[usize],
    strides: &[usize],
    out: &mut Vec<u8>,
) {
    let count: usize = shape.iter().product();
    // An odometer instead of recursion: the number of axes comes from the file.
    let mut index = vec![0_usize; shape.len()];
    let mut at = start;
    for _ in 0..count {
        out.extend_from_slice(&data[at..at + size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis] * size;
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * size * shape[axis];
            index[axis] = 0;
        }
    }
}
