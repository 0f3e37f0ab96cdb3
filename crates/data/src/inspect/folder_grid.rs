//! The picture of an image folder.

use std::path::Path;

use super::error::InspectError;
use super::grid::{GridOptions, GridPixels, GridSummary, draw_grid};
use crate::ImageShape;
use crate::pictures::{decode, scan};

/// Draws the images of a folder as a PNG, one class a row; images of another size than the first are an error.
///
/// Only what fits the limits of the options is decoded. The labels of the options are ignored: folders are classes.
///
/// # Errors
/// [`InspectError::Folder`] when the folder cannot be listed or a picture not decoded, [`InspectError::MixedSizes`], and
/// as [`draw_grid`].
pub fn draw_folder_grid(
    folder: &Path,
    options: &GridOptions,
    path: &Path,
) -> Result<GridSummary, InspectError> {
    let listing = scan(folder)?;
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    let mut size = None;
    for (class, entry) in (0..).zip(listing.classes.iter().take(options.max_rows)) {
        for file in entry.files.iter().take(options.max_columns) {
            let image = decode(file).map_err(|error| InspectError::Picture {
                path: file.clone(),
                source: error,
            })?;
            let expected = *size.get_or_insert(image.dimensions());
            if image.dimensions() != expected {
                return Err(InspectError::MixedSizes {
                    path: file.clone(),
                    seen: image.dimensions(),
                    expected,
                });
            }
            for channel in 0..3 {
                pixels.extend(image.pixels().map(|pixel| pixel.0[channel]));
            }
            labels.push(class);
        }
    }
    let (width, height) = size.unwrap_or_default();
    let shape = ImageShape {
        channels: 3,
        height: height as usize,
        width: width as usize,
    };
    let options = GridOptions {
        labels: Some(labels),
        ..options.clone()
    };
    draw_grid(GridPixels::Bytes(&pixels), shape, &options, path)
}
