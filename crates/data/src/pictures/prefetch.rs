//! Batches that are made ahead of their use.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use rayon::ThreadPoolBuilder;

use crate::{DataError, Geometry, LabelledImages, Pictures, RaggedBatch};

/// How far and with how many threads batches are made ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefetch {
    /// Finished batches that may wait. One more is in the making, so at most `depth + 1` batches that were not taken yet
    /// are in memory; with 0 a batch is made while the one before it is used.
    pub depth: usize,
    /// Threads that decode; 0 for one a processor.
    pub threads: usize,
}

/// Batches in the order asked for, made by threads of their own while the ones before are used.
///
/// The first error ends them. Dropping them stops the threads and waits for the pictures that are just being decoded.
#[derive(Debug)]
pub struct Batches<T> {
    receiver: Option<Receiver<Result<T, DataError>>>,
    worker: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    left: usize,
}

impl<T: Send + 'static> Batches<T> {
    /// Makes batches `0..count` ahead.
    fn start(
        count: usize,
        prefetch: Prefetch,
        make: impl Fn(usize) -> Result<T, DataError> + Send + Sync + 'static,
    ) -> Result<Self, DataError> {
        // A pool of its own: in the global one decoding would wait behind the training it is to run ahead of.
        let pool = ThreadPoolBuilder::new()
            .num_threads(prefetch.threads)
            .thread_name(|index| format!("decode-{index}"))
            .build()
            .map_err(|error| DataError::Threads(Box::new(error)))?;
        // Bounded, or a fast disk would fill the memory with batches that the device is too slow for.
        let (sender, receiver) = sync_channel(prefetch.depth);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            for index in 0..count {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let batch = pool.install(|| make(index));
                let failed = batch.is_err();
                // Nobody takes it any more.
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
        };
        let worker = Builder::new()
            .name("prefetch".to_owned())
            .spawn(work)
            .map_err(|error| DataError::Threads(Box::new(error)))?;
        Ok(Self {
            receiver: Some(receiver),
            worker: Some(worker),
            stop,
            left: count,
        })
    }
}

impl<T> Batches<T> {
    /// Batches that are still to come, if none fails.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left
    }

    fn end(&mut self) -> std::thread::Result<()> {
        self.left = 0;
        self.stop.store(true, Ordering::Relaxed);
        // A worker that waits for room sees that the other side is gone.
        self.receiver = None;
        self.worker.take().map_or(Ok(()), JoinHandle::join)
    }
}

impl<T> Iterator for Batches<T> {
    type Item = Result<T, DataError>;

    /// # Panics
    ///
    /// When a decoder panicked, with its message.
    fn next(&mut self) -> Option<Self::Item> {
        let received = self.receiver.as_ref()?.recv();
        match received {
            Ok(Ok(batch)) => {
                self.left -= 1;
                Some(Ok(batch))
            }
            Ok(Err(error)) => {
                let _ = self.end();
                Some(Err(error))
            }
            Err(_) => match self.end() {
                Ok(()) => None,
                // In the thread of the caller, who would otherwise see an epoch that ends early as one that ended
                // well.
                Err(panic) => resume_unwind(panic),
            },
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // The lower bound is 0, since any batch may be the one that fails and ends them.
        (0, Some(self.left))
    }
}

impl<T> Drop for Batches<T> {
    fn drop(&mut self) {
        // A panic of the worker was not asked for: the batches were dropped before it showed.
        let _ = self.end();
    }
}

impl Pictures {
    /// These batches of positions as [`ragged_batch`](Self::ragged_batch)es, made ahead.
    ///
    /// # Errors
    ///
    /// When threads cannot be started. A batch that cannot be made is an error in its place.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    pub fn ragged_batches(
        self: &Arc<Self>,
        batches: Vec<Vec<usize>>,
        prefetch: Prefetch,
    ) -> Result<Batches<RaggedBatch>, DataError> {
        // Here rather than in a worker thread, where a wrong position would be a panic far from its cause.
        self.check_positions(&batches);
        let pictures = Arc::clone(self);
        Batches::start(batches.len(), prefetch, move |index| {
            pictures.ragged_batch(&batches[index])
        })
    }

    /// These batches of positions, brought to one size, made ahead.
    ///
    /// # Errors
    ///
    /// When threads cannot be started. A batch that cannot be made is an error in its place.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    pub fn prepared_batches(
        self: &Arc<Self>,
        batches: Vec<Vec<usize>>,
        geometry: Geometry,
        prefetch: Prefetch,
    ) -> Result<Batches<LabelledImages>, DataError> {
        self.check_positions(&batches);
        let pictures = Arc::clone(self);
        Batches::start(batches.len(), prefetch, move |index| {
            pictures.prepared_batch(&batches[index], &geometry)
        })
    }

    fn check_positions(&self, batches: &[Vec<usize>]) {
        let highest = batches.iter().flatten().max();
        assert!(
            highest.is_none_or(|&highest| highest < self.len()),
            "position {highest:?} of {} pictures",
            self.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    fn prefetch(depth: usize) -> Prefetch {
        Prefetch { depth, threads: 1 }
    }

    /// A source of numbers that counts how many it made.
    fn counted(count: usize, depth: usize) -> (Arc<AtomicUsize>, Batches<usize>) {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let batches = Batches::start(count, prefetch(depth), move |index| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(index)
        });
        (made, batches.unwrap())
    }

    #[test]
    fn never_more_than_the_depth_and_one_are_ahead() {
        for depth in [0, 1, 3] {
            let (made, mut batches) = counted(20, depth);
            for taken in 0..20 {
                // It gets that far, and no farther however long it may.
                let bound = (taken + depth + 1).min(20);
                while made.load(Ordering::SeqCst) < bound {
                    std::thread::yield_now();
                }
                std::thread::sleep(Duration::from_millis(2));
                assert_eq!(made.load(Ordering::SeqCst), bound, "depth {depth}");
                assert_eq!(batches.left(), 20 - taken);
                assert_eq!(batches.next().unwrap().unwrap(), taken);
            }
            assert!(batches.next().is_none() && batches.next().is_none());
        }
    }

    #[test]
    fn dropping_stops_the_work() {
        let (made, mut batches) = counted(1_000_000, 2);
        batches.next().unwrap().unwrap();
        drop(batches);
        // The worker has ended: it holds its counter no more.
        assert_eq!(Arc::strong_count(&made), 1);
        assert!(made.load(Ordering::SeqCst) <= 5);
    }

    #[test]
    fn the_first_error_is_the_last_item() {
        let mut batches = Batches::start(5, prefetch(3), |index| match index {
            2 => Err(DataError::content(std::path::Path::new("two"), "broken")),
            index => Ok(index),
        })
        .unwrap();
        assert_eq!(batches.next().unwrap().unwrap(), 0);
        assert_eq!(batches.next().unwrap().unwrap(), 1);
        assert_eq!(
            batches.next().unwrap().unwrap_err().to_string(),
            "two: broken"
        );
        assert!(batches.next().is_none());
    }

    #[test]
    #[should_panic(expected = "a decoder gave up")]
    fn a_panic_is_not_the_end_of_the_data() {
        let batches = Batches::start(3, prefetch(1), |index| {
            assert!(index < 1, "a decoder gave up");
            Ok(index)
        });
        let _ = batches.unwrap().count();
    }

    #[test]
    fn no_batches_are_none() {
        assert!(counted(0, 1).1.next().is_none());
    }
}
