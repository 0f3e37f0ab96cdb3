//! Images and labels of CIFAR files, one file after another.

/// Bytes of one image.
pub(super) const IMAGE_BYTES: usize = 3 * 32 * 32;
/// No batch file is larger: the largest official one has 155 MB.
pub(super) const MAX_FILE_BYTES: u64 = 512 << 20;

/// Pixel bytes and labels read so far.
#[derive(Default)]
pub(super) struct Records {
    pub(super) pixels: Vec<u8>,
    pub(super) labels: Vec<u32>,
}
