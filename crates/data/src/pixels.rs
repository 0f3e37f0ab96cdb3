//! Pixel values in host memory, raw or prepared.

/// The pixels of a set, image after image, each image channel after channel, row after row.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Pixel bytes, 0 to 255, not yet normalised.
    Bytes(Vec<u8>),
    /// Values as a network gets them: normalised or whitened.
    Floats(Vec<f32>),
}

impl Pixels {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }
}
