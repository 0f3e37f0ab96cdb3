//! Where something is timed.

use burn::tensor::Device;

/// A device, and how much of one repetition it takes to see something.
pub struct Place {
    /// The device, without gradients.
    pub device: Device,
    /// Steps of a repetition.
    pub steps: usize,
}
