//! Fitted whitenings kept on disk.
//!
//! File: magic, fingerprint of the training images (32 bytes), variant (u32), parameter, channels, height, width (8 bytes
//! each), offsets and scales (D f64 each), the matrix (D x D f32), and the BLAKE3 hash of all that. Little-endian.

use std::fs;
use std::path::{Path, PathBuf};

use ddrank_files::replace_file;

use super::error::WhiteningError;
use super::variant::ZcaVariant;
use super::zca::{Whitening, check};
use crate::{Fingerprint, ImageShape, LabelledImages};

/// Names the format and the way of computing; a change of either needs another number.
const MAGIC: &[u8; 8] = b"ddrzca01";

/// A whitening that was read from the cache, or fitted and put there.
#[derive(Clone, Debug)]
pub struct CachedWhitening {
    /// The whitening.
    pub whitening: Whitening,
    /// Its file in the cache.
    pub path: PathBuf,
    /// What happened, for a log line.
    pub notice: CacheNotice,
}

/// What happened at the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheNotice {
    /// It was read from the cache.
    Read,
    /// It was not there, so it was fitted and written.
    Written,
    /// The file was there but damaged, so it was fitted again and replaced.
    Replaced {
        /// What was wrong with the file.
        problem: String,
    },
}

impl Whitening {
    /// [`fit`](Self::fit), or what an earlier call with the same training images and variant left in `cache_dir`.
    ///
    /// The folder is made where it is missing. A file is used only if its checksum, header and size are right; a damaged
    /// one is computed again and replaced, and the notice says so. Files appear whole or not at all.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit), and when the cache cannot be written.
    pub fn fit_cached(
        train: &LabelledImages,
        variant: ZcaVariant,
        cache_dir: &Path,
    ) -> Result<CachedWhitening, WhiteningError> {
        // Before the cache is looked at: a request that cannot be must not depend on what lies there.
        check(train, variant)?;
        let fingerprint = train.fingerprint();
        let header = header(fingerprint, train.shape(), variant);
        let path = cache_dir.join(file_name(fingerprint, variant));
        let notice = match fs::read(&path) {
            Ok(bytes) => match decode(&bytes, &header, train.shape(), variant) {
                Ok(whitening) => {
                    return Ok(CachedWhitening {
                        whitening,
                        path,
                        notice: CacheNotice::Read,
                    });
                }
                Err(problem) => CacheNotice::Replaced { problem },
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => CacheNotice::Written,
            Err(error) => CacheNotice::Replaced {
                problem: error.to_string(),
            },
        };
        let whitening = Self::fit(train, variant)?;
        write(cache_dir, &path, &encode(&whitening, &header)).map_err(|source| {
            WhiteningError::Cache {
                path: path.clone(),
                source,
            }
        })?;
        Ok(CachedWhitening {
            whitening,
            path,
            notice,
        })
    }
}

/// What stands for the variant in a file.
fn kind(variant: ZcaVariant) -> u32 {
    match variant {
        ZcaVariant::Kornia { .. } => 1,
        ZcaVariant::Relative { .. } => 2,
    }
}

fn file_name(fingerprint: Fingerprint, variant: ZcaVariant) -> String {
    format!(
        // In scientific notation, which writes 1e-9 as shortly as 0.1 and gives every value a name of its own.
        "zca-{}-{:e}-{fingerprint}.bin",
        variant.name(),
        variant.parameter().1
    )
}

fn header(fingerprint: Fingerprint, shape: ImageShape, variant: ZcaVariant) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(fingerprint.as_bytes());
    header.extend_from_slice(&kind(variant).to_le_bytes());
    header.extend_from_slice(&variant.parameter().1.to_le_bytes());
    for side in [shape.channels, shape.height, shape.width] {
        header.extend_from_slice(&(side as u64).to_le_bytes());
    }
    header
}

fn encode(whitening: &Whitening, header: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.extend(
        whitening
            .offset
            .iter()
            .chain(&whitening.scale)
            .flat_map(|value| value.to_le_bytes()),
    );
    bytes.extend(
        whitening
            .matrix
            .iter()
            .flat_map(|value| value.to_le_bytes()),
    );
    let sum = *blake3::Hasher::new()
        .update_rayon(&bytes)
        .finalize()
        .as_bytes();
    bytes.extend_from_slice(&sum);
    bytes
}

fn decode(
    bytes: &[u8],
    header: &[u8],
    shape: ImageShape,
    variant: ZcaVariant,
) -> Result<Whitening, String> {
    let size = shape.len();
    // A file that was cut off or belongs to another shape is seen before it is read as numbers.
    let expected = header.len() + 16 * size + 4 * size * size + blake3::OUT_LEN;
    if bytes.len() != expected {
        return Err(format!("it has {} bytes: expected {expected}", bytes.len()));
    }
    let (content, sum) = bytes.split_at(bytes.len() - blake3::OUT_LEN);
    if blake3::Hasher::new()
        .update_rayon(content)
        .finalize()
        .as_bytes()
        != sum
    {
        return Err("its checksum does not match its content".to_owned());
    }
    // The name says the same, but names can be changed by hand; a whitening of other images would be a wrong score.
    let Some(numbers) = content.strip_prefix(header) else {
        return Err("its header is not that of these images and this variant".to_owned());
    };
    let (statistics, matrix) = numbers.split_at(16 * size);
    let mut offset: Vec<f64> = statistics
        .as_chunks::<8>()
        .0
        .iter()
        .map(|&value| f64::from_le_bytes(value))
        .collect();
    let scale = offset.split_off(size);
    let matrix: Vec<f32> = matrix
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&value| f32::from_le_bytes(value))
        .collect();
    Ok(Whitening {
        shape,
        variant,
        offset,
        scale,
        matrix,
    })
}

/// Makes the folder where it is missing, and the file in it, whole or not at all.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    replace_file(path, |file| file.write_all(bytes))
}
