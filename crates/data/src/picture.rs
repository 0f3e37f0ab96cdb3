//! Pictures of a dataset: decoding, resizing, planes.

use std::path::Path;

use image::RgbImage;
use image::imageops::{FilterType, resize};

use crate::DataError;
use crate::synthetic::{DecodeError, decode as decode_picture};

/// Decodes a file as a distilled set's images are decoded, so that both sides of a score see the same pixels.
pub(crate) fn decode(path: &Path) -> Result<RgbImage, DataError> {
    decode_picture(path).map_err(|error| match error {
        DecodeError::Io(source) => DataError::read(path, source),
        source => DataError::Picture {
            path: path.to_owned(),
            source,
        },
    })
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
