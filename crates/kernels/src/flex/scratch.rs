//! Working memory that a thread keeps between calls.
//!
//! Large temporaries from the system allocator cost a page fault for every 4 KiB at each use, which is more than the
//! arithmetic done on them.
//!
//! Buffers are taken off the list before the work starts and put back after it, so the list is never borrowed in
//! between: within the work rayon may run another task on this thread, which takes buffers of its own.

use std::cell::RefCell;

/// Numbers in a cache line.
const LINE: usize = 16;

/// Buffers kept by a thread, at most this many numbers together (128 MiB): a thread's working memory for a ConvNet's
/// layer several times over, and no more than a machine with many threads can spare.
const KEPT: usize = 32 << 20;

thread_local! {
    static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with `N` buffers of the given lengths, each starting on a cache line. What they hold is arbitrary:
/// whatever the last use left there.
pub(crate) fn with<const N: usize, R>(
    lengths: [usize; N],
    work: impl FnOnce([&mut [f32]; N]) -> R,
) -> R {
    let mut held = lengths.map(|length| take(length + LINE));
    let mut at = 0;
    let buffers = held.each_mut().map(|buffer| {
        let start = buffer
            .as_ptr()
            .align_offset(LINE * size_of::<f32>())
            // It may say that it does not know. Alignment is for speed only: a vector that crosses two lines costs two
            // loads.
            .min(LINE);
        let length = lengths[at];
        at += 1;
        &mut buffer[start..start + length]
    });
    let result = work(buffers);
    FREE.with_borrow_mut(|free| {
        // Largest first, so that `take` returns the last that is large enough: the tightest fit.
        free.extend(held);
        free.sort_unstable_by_key(|buffer| std::cmp::Reverse(buffer.len()));
        let mut total = 0;
        free.retain(|buffer| {
            total += buffer.len();
            total <= KEPT
        });
    });
    result
}

/// A buffer of at least `length` numbers.
fn take(length: usize) -> Vec<f32> {
    let kept = FREE.with_borrow_mut(|free| {
        let at = free.iter().rposition(|buffer| buffer.len() >= length)?;
        Some(free.remove(at))
    });
    kept.unwrap_or_else(|| vec![0.0; length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_distinct_and_reused() {
        let first = with([100, 3, 0], |[a, b, c]| {
            assert_eq!((a.len(), b.len(), c.len()), (100, 3, 0));
            assert_eq!(a.as_ptr().align_offset(64), 0);
            assert_eq!(b.as_ptr().align_offset(64), 0);
            a.fill(1.0);
            b.fill(2.0);
            assert!(a.iter().all(|&x| x == 1.0));
            a.as_ptr()
        });
        let again = with([100], |[a]| {
            with([100], |[b]| {
                assert_ne!(a.as_ptr(), b.as_ptr());
                a.as_ptr()
            })
        });
        assert_eq!(first, again);
    }
}
