//! Labelled images on the host, on their way to a device.

use ddrank_data::LabelledImages;

use crate::input::stream::PictureStream;

/// Labelled images on the host, on their way to a device.
#[derive(Debug)]
pub(crate) enum HostImages {
    /// All in memory and ready for a network.
    Ready(LabelledImages),
    /// Read batch by batch, from memory or from files.
    Streamed(PictureStream),
}
