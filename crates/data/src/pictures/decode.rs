//! Decoding one image file to RGB.
use std::io::Cursor;
use std::path::Path;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

/// Pixels of one image.
const MAX_PIXELS: u64 = 64 << 20;
/// Bytes of one image file.
const MAX_FILE: u64 = 512 << 20;

/// Why an image file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A pipe, a device or something else that is no file.
    #[error("this is not a file")]
    NotAFile,
    /// The file is too large.
    #[error("the file has {bytes} bytes, allowed are {MAX_FILE}")]
    FileTooLarge {
        /// Its size.
        bytes: u64,
    },
    /// The content is none of the formats.
    #[error("the content is {seen}; expected a JPEG, PNG, PPM, PGM, BMP, TIFF or WebP image")]
    Format {
        /// What it is.
        seen: String,
    },
    /// The image has too many pixels.
    #[error("the image has {width}x{height} pixels, allowed are {MAX_PIXELS}")]
    TooManyPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// The file holds more than one image.
    #[error("the file holds several images (an animation or several pages), expected one")]
    Several,
    /// The file ends too early.
    #[error("the file is cut off")]
    CutOff,
    /// The pixels are floating-point numbers.
    #[error(
        "the pixels are floating-point numbers, expected 8 or 16 bits; use a tensor file instead"
    )]
    FloatPixels,
    /// The decoder gave up.
    #[error("the image is damaged or of a kind that is not supported")]
    Damaged(#[source] image::ImageError),
}

/// Decodes an image file to 8-bit RGB. Grey is repeated, CMYK is converted as Pillow does, alpha is dropped, 16 bits are
/// scaled to 8. An orientation in the metadata is not applied, as in Pillow and torchvision.
pub(crate) fn decode(path: &Path) -> Result<RgbImage, DecodeError> {
    let metadata = std::fs::metadata(path)?;
    // Reading a pipe would wait for ever.
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile);
    }
    let bytes = metadata.len();
    if bytes > MAX_FILE {
        return Err(DecodeError::FileTooLarge { bytes });
    }
    decode_bytes(&std::fs::read(path)?)
}

fn decode_bytes(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    // The decoders would return the first frame or page without a word: an animation as one image is a wrong set.
    let several = match reader.format() {
        Some(ImageFormat::Png) => PngDecoder::new(Cursor::new(bytes))
            .and_then(|decoder| decoder.is_apng())
            .map_err(DecodeError::Damaged)?,
        Some(ImageFormat::WebP) => WebPDecoder::new(Cursor::new(bytes))
            .map_err(DecodeError::Damaged)?
            .has_animation(),
        Some(ImageFormat::Tiff) => several_pages(bytes).ok_or(DecodeError::CutOff)?,
        Some(ImageFormat::Jpeg) => {
            // The decoder fills what is missing with grey.
            if !jpeg_is_whole(bytes) {
                return Err(DecodeError::CutOff);
            }
            false
        }
        Some(ImageFormat::Bmp | ImageFormat::Pnm) => false,
        Some(other) => {
            return Err(DecodeError::Format {
                seen: format!("{other:?}").to_uppercase(),
            });
        }
        None if bytes.is_empty() => {
            return Err(DecodeError::Format {
                seen: "empty".to_owned(),
            });
        }
        None => {
            return Err(DecodeError::Format {
                seen: "not an image".to_owned(),
            });
        }
    };
    if several {
        return Err(DecodeError::Several);
    }
    // The header alone, so that an image of a billion pixels is refused before memory is taken.
    let decoder = reader.into_decoder().map_err(DecodeError::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(DecodeError::TooManyPixels { width, height });
    }
    let image = DynamicImage::from_decoder(decoder).map_err(DecodeError::Damaged)?;
    match image {
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            Err(DecodeError::FloatPixels)
        }
        image => Ok(image.into_rgb8()),
    }
}

/// Whether an end-of-image marker follows the last start of a scan. Inside a scan the marker cannot appear, and
/// thumbnails lie before the first scan.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    match (last([0xff, 0xda]), last([0xff, 0xd9])) {
        (Some(scan), Some(end)) => end > scan,
        _ => false,
    }
}

/// Whether a TIFF file has a second page; `None` when it ends before its first.
fn several_pages(bytes: &[u8]) -> Option<bool> {
    let little = bytes.first()? == &b'I';
    let number = |at: u64, size: u64| -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let field = bytes.get(at..at.checked_add(size as usize)?)?;
        let append = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
        Some(if little {
            field.iter().rev().fold(0, append)
        } else {
            field.iter().fold(0, append)
        })
    };
    // Classic files count in 4 bytes, big ones (version 43) in 8.
    let (first, next) = if number(2, 2)? == 43 {
        let first = number(8, 8)?;
        let entries = number(first, 8)?.checked_mul(20)?;
        (
            first,
            number(first.checked_add(8)?.checked_add(entries)?, 8)?,
        )
    } else {
        let first = number(4, 4)?;
        let entries = number(first, 2)? * 12;
        (first, number(first + 2 + entries, 4)?)
    };
    Some(next != 0 && next != first)
}
