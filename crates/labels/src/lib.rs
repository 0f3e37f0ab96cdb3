//! Loss criteria and the targets they compare with.
#![forbid(unsafe_code)]
