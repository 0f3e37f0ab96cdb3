//! Convolution as a direct sum, for comparisons.

use std::cell::Cell;

thread_local! {
    // Of a thread and not of the process: tests that compare with other implementations run beside those that do not.
    static IS_DIRECT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` with burn's own convolution in the place of the kernels of [`conv2d_3x3`](crate::conv2d_3x3) and
/// [`conv2d`](crate::conv2d), on this thread.
///
/// Winograd's convolution rounds about six times as much as a direct sum does. That is nothing to a training, but a
/// comparison with another implementation is sharper without it. Passes whose convolutions ran within `work` also have
/// burn's gradients; it is several times slower.
pub fn with_direct_convolution<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    // By dropping, so that a panic within does not leave the switch on.
    impl Drop for Restore {
        fn drop(&mut self) {
            IS_DIRECT.set(self.0);
        }
    }
    let _restore = Restore(IS_DIRECT.replace(true));
    work()
}

/// Whether the caller is within [`with_direct_convolution`].
pub(crate) fn is_direct() -> bool {
    IS_DIRECT.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_off_again_afterwards() {
        assert!(!is_direct());
        let inside = with_direct_convolution(|| (with_direct_convolution(is_direct), is_direct()));
        assert_eq!(inside, (true, true));
        assert!(!is_direct());
        let panicked =
            std::panic::catch_unwind(|| with_direct_convolution(|| panic!("on purpose")));
        assert!(panicked.is_err() && !is_direct());
        let elsewhere = with_direct_convolution(|| std::thread::spawn(is_direct).join().unwrap());
        assert!(!elsewhere, "other threads are not concerned");
    }
}
