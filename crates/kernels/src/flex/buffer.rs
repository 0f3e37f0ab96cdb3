//! Results in recycled memory.
//!
//! A training step makes results of tens of megabytes and drops them again. From the system allocator each one costs
//! zeroing and a page fault for every 4 KiB; here the memory of a dropped result serves the next of about that size.

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};
use burn_std::AllocationProperty;
use std::sync::{Mutex, PoisonError};

/// Results smaller than this (in numbers: 64 KiB) are left to the allocator, which recycles blocks of that size by
/// itself.
const SMALLEST: usize = 1 << 14;

/// Free numbers kept at most: 1 GiB.
const MOST: usize = 1 << 28;

/// Free buffers, the longest unused first.
static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// The free buffers. A panic cannot leave them half changed.
fn free() -> std::sync::MutexGuard<'static, Vec<Vec<f32>>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A result in the making. What it holds at first is arbitrary: kernels write every number, which their tests check by
/// starting from not-a-number.
pub(super) struct Buffer {
    numbers: Vec<f32>,
    length: usize,
}

impl Buffer {
    /// Memory for `length` numbers.
    pub(super) fn new(length: usize) -> Self {
        // A training step asks for the same sizes in the same order, so most fits are exact. The tightest fit, and none
        // that would waste more than half.
        let found = (length >= SMALLEST).then(|| {
            let mut free = free();
            let fits = free
                .iter()
                .enumerate()
                .filter(|(_, buffer)| (length..=length * 3 / 2).contains(&buffer.len()));
            let (at, _) = fits.min_by_key(|(_, buffer)| buffer.len())?;
            Some(free.remove(at))
        });
        let numbers = found.flatten().unwrap_or_else(|| vec![0.0; length]);
        Self { numbers, length }
    }

    /// The numbers.
    pub(super) fn numbers(&mut self) -> &mut [f32] {
        &mut self.numbers[..self.length]
    }

    /// The tensor with these numbers.
    pub(super) fn into_tensor(mut self, shape: Shape) -> FlexTensor {
        debug_assert_eq!(shape.num_elements(), self.length);
        let bytes = if self.length < SMALLEST {
            Bytes::from_elems(std::mem::take(&mut self.numbers))
        } else {
            // The tensor owns the buffer, whose memory comes back when the last copy of the tensor is dropped.
            Bytes::from_shared(bytes::Bytes::from_owner(self), AllocationProperty::Native)
        };
        FlexTensor::new(bytes, Layout::contiguous(shape), DType::F32)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.numbers[..self.length])
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let numbers = std::mem::take(&mut self.numbers);
        if numbers.len() < SMALLEST || numbers.len() > MOST {
            return;
        }
        let mut free = free();
        let mut kept = free.iter().map(Vec::len).sum::<usize>() + numbers.len();
        // There is something to remove as long as this holds: these numbers alone are not too many.
        while kept > MOST {
            kept -= free.remove(0).len();
        }
        free.push(numbers);
    }
}
