//! Batched image augmentation on the device with host-drawn parameters.
#![forbid(unsafe_code)]
