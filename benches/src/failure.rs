//! Whatever ends a benchmark early.

/// Shown as it is: nobody looks into it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
