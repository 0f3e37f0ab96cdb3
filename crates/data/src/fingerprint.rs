//! Fingerprints: what a set of images is, in 32 bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{ImageShape, Pixels};

/// BLAKE3 hash of labelled images: shape, number of classes, kind of pixels, every pixel and every label.
///
/// Two sets have the same fingerprint exactly if a training cannot tell them apart. It is written as 64
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// A text that is not a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fingerprint: expected 64 hexadecimal digits")]
pub struct FingerprintParseError(String);

impl Fingerprint {
    /// The 32 bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What identifies a list of indices, their order included: a selection of images, for example.
    #[must_use]
    pub fn of_indices(indices: &[usize]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank indices v1");
        for &index in indices {
            hasher.update(&(index as u64).to_le_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// What identifies named tensors, such as the weights of a network: names, shapes and values in `f32`, in the order
    /// given.
    #[must_use]
    pub fn of_tensors<'a>(
        tensors: impl IntoIterator<Item = (&'a str, &'a [usize], Vec<f32>)>,
    ) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank tensors v1");
        for (name, shape, values) in tensors {
            // The length in front: `ab`, `c` must not hash as `a`, `bc` does.
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            // The number of sizes too, so that no size can be read as a value.
            for &number in [shape.len(), values.len()].iter().chain(shape) {
                hasher.update(&(number as u64).to_le_bytes());
            }
            update_floats(&mut hasher, &values);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Hashes the parts of a labelled set; the context and the lengths keep every two sets apart.
    pub(crate) fn of_images(
        shape: ImageShape,
        classes: usize,
        pixels: &Pixels,
        labels: &[u32],
    ) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank labelled images v1");
        for number in [
            shape.channels,
            shape.height,
            shape.width,
            classes,
            labels.len(),
        ] {
            hasher.update(&(number as u64).to_le_bytes());
        }
        match pixels {
            Pixels::Bytes(bytes) => {
                // Bytes and floats of the same bits are different images, hence a tag; of one length, so that it
                // cannot run into the pixels.
                hasher.update(b"u8 ");
                hasher.update_rayon(bytes);
            }
            Pixels::Floats(floats) => {
                hasher.update(b"f32");
                update_floats(&mut hasher, floats);
            }
        }
        for label in labels {
            hasher.update(&label.to_le_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Hashes pictures of any sizes: `(height and width, planes)` of each.
    pub(crate) fn of_pictures<'a>(
        classes: usize,
        pictures: impl Iterator<Item = ([usize; 2], &'a [u8])>,
        labels: &[u32],
    ) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank pictures v1");
        for number in [classes, labels.len()] {
            hasher.update(&(number as u64).to_le_bytes());
        }
        for ([height, width], planes) in pictures {
            hasher.update(&(height as u64).to_le_bytes());
            hasher.update(&(width as u64).to_le_bytes());
            hasher.update_rayon(planes);
        }
        for label in labels {
            hasher.update(&label.to_le_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Hashes files by name and length.
    pub(crate) fn of_files(
        classes: usize,
        shrink: Option<usize>,
        files: &[(&[u8], u64)],
        labels: &[u32],
    ) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ddrank picture files v1");
        // A side of 0 is refused by `Pictures::shrunk`, so it can stand for none.
        for number in [classes, labels.len(), shrink.unwrap_or(0)] {
            hasher.update(&(number as u64).to_le_bytes());
        }
        for ((name, length), label) in files.iter().zip(labels) {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name);
            hasher.update(&length.to_le_bytes());
            hasher.update(&label.to_le_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }
}

/// Floats hashed at a time.
const CHUNK: usize = 1 << 18;

fn update_floats(hasher: &mut blake3::Hasher, floats: &[f32]) {
    // Little-endian on every machine; a chunk at a time, since the floats of a set may be half of the memory.
    let mut buffer = Vec::with_capacity(4 * CHUNK.min(floats.len()));
    for chunk in floats.chunks(CHUNK) {
        buffer.clear();
        buffer.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
        hasher.update_rayon(&buffer);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match blake3::Hash::from_hex(text) {
            Ok(hash) => Ok(Self(*hash.as_bytes())),
            Err(_) => Err(FingerprintParseError(text.to_owned())),
        }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Text, not bytes: run directories and reports are read by people.
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
