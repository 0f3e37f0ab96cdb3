//! Decoding and resizing one picture.

use std::io::{BufRead, Cursor, Seek};
use std::path::Path;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::{FilterType, resize};
use image::{ImageFormat, ImageReader, Limits, RgbImage};

use crate::DataError;

/// Largest picture decoded.
const MAX_PIXELS: u64 = 64 << 20;

/// Decodes the file to 8-bit RGB as Python's `PIL.Image.convert("RGB")` does: grey is repeated, transparency dropped,
/// a page after the first ignored, the EXIF orientation left alone. 16-bit samples are scaled down.
/// The format is told from the content. Animations are refused. JPEG decoders differ in how they enlarge the colour planes: expect
/// most values to equal those of libjpeg, nearly all others to be within two levels.
pub(crate) fn decode(path: &Path) -> Result<RgbImage, DataError> {
    let picture = |source| DataError::Picture {
        path: path.to_owned(),
        source,
    };
    let bytes = std::fs::read(path).map_err(|error| DataError::read(path, error))?;
    let (width, height) = reader(path, &bytes)?.into_dimensions().map_err(picture)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(DataError::content(
            path,
            format!("{width}x{height} pixels: expected at most {MAX_PIXELS} in all"),
        ));
    }
    let reader = reader(path, &bytes)?;
    let animated = match reader.format() {
        Some(ImageFormat::Png) => PngDecoder::new(Cursor::new(&bytes))
            .and_then(|png| png.is_apng())
            .map_err(picture)?,
        Some(ImageFormat::WebP) => WebPDecoder::new(Cursor::new(&bytes))
            .map_err(picture)?
            .has_animation(),
        _ => false,
    };
    if animated {
        return Err(DataError::content(
            path,
            "an animation: expected a picture of one frame",
        ));
    }
    Ok(reader.decode().map_err(picture)?.into_rgb8())
}

fn reader<'a>(
    path: &Path,
    bytes: &'a [u8],
) -> Result<ImageReader<impl BufRead + Seek + 'a>, DataError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| DataError::read(path, error))?;
    if reader.format().is_none() {
        return Err(DataError::content(
            path,
            "not a picture of a known format, going by its content",
        ));
    }
    let mut limits = Limits::no_limits();
    // 64 Mpixel of four 16-bit samples, and as much for the decoder itself.
    limits.max_alloc = Some(MAX_PIXELS * 16);
    reader.limits(limits);
    Ok(reader)
}

/// Resizes to exactly this height and width: bilinear with antialiasing, within one level of Pillow.
pub(crate) fn resized(picture: &RgbImage, height: u32, width: u32) -> RgbImage {
    resize(picture, width, height, FilterType::Triangle)
}

/// Writes interleaved RGB as planes: red, green, blue.
pub(crate) fn write_planes(picture: &RgbImage, planes: &mut [u8]) {
    let plane = planes.len() / 3;
    for (index, pixel) in picture.pixels().enumerate() {
        for (channel, &value) in pixel.0.iter().enumerate() {
            planes[channel * plane + index] = value;
        }
    }
}
