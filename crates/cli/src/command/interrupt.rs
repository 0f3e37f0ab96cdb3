//! Stopping cleanly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use crate::progress::write_line;

/// A flag that Ctrl-C and termination raise, saying `message`. A second signal ends the process at once.
pub(super) fn stop_on_signals(message: &'static str) -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
        write_line(message);
    })
    .map_err(Failure::run)?;
    Ok(stop)
}
