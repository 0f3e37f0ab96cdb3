//! Pictures of a dataset: decoding, resizing, planes.

use std::path::Path;

use fast_image_resize as fir;
use image::{ImageReader, RgbImage};

use super::decode::{DecodeError, decode as decode_picture};
use crate::DataError;

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

/// Height and width of a picture, from the header of its file where that can be read.
pub(crate) fn dimensions(path: &Path) -> Result<[usize; 2], DataError> {
    // Opening a pipe would wait for ever.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let header = is_file.then(|| {
        let reader = ImageReader::open(path)?.with_guessed_format()?;
        reader.into_dimensions()
    });
    let (width, height) = match header {
        Some(Ok(sides)) => sides,
        // Decoding says better what is wrong.
        _ => decode(path)?.dimensions(),
    };
    Ok([height as usize, width as usize])
}

/// Resizes to exactly this height and width: bilinear with antialiasing, within one level of Pillow.
#[expect(
    clippy::expect_used,
    reason = "an RGB image has three bytes a pixel, and both sides have the same kind of pixel"
)]
pub(crate) fn resized(picture: &RgbImage, height: u32, width: u32) -> RgbImage {
    let source = fir::images::ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_raw(),
        fir::PixelType::U8x3,
    )
    .expect("three bytes a pixel");
    let mut target = fir::images::Image::new(width, height, fir::PixelType::U8x3);
    // Not interpolation between neighbours: Pillow widens the filter when it reduces, which is its antialiasing.
    let filter = fir::ResizeAlg::Convolution(fir::FilterType::Bilinear);
    let options = fir::ResizeOptions::new().resize_alg(filter);
    fir::Resizer::new()
        .resize(&source, &mut target, &options)
        .expect("the same kind of pixel");
    RgbImage::from_raw(width, height, target.into_vec()).expect("three bytes a pixel")
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

/// Interleaved RGB of planes.
#[expect(
    clippy::expect_used,
    reason = "the caller's planes have this height and width"
)]
pub(crate) fn of_planes(planes: &[u8], [height, width]: [usize; 2]) -> RgbImage {
    let plane = height * width;
    let mut bytes = Vec::with_capacity(planes.len());
    for index in 0..plane {
        bytes.extend([0, 1, 2].map(|channel| planes[channel * plane + index]));
    }
    RgbImage::from_raw(width as u32, height as u32, bytes).expect("three planes of this size")
}
