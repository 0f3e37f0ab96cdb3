//! A picture of a set of images.
use std::path::Path;

use image::RgbImage;

use super::error::InspectError;
use crate::ImageShape;
use ddrank_files::{ElementType, FileTensor, replace_file};

/// Pixels between two images.
const GAP: usize = 2;
/// Pixels between two groups of columns, besides the gap between images.
const GROUP_GAP: usize = 8;
/// An image is enlarged until its longer side has about this many pixels.
const COMFORTABLE: usize = 96;
/// Sides of the picture; images are enlarged less, or fewer are drawn, to stay below.
const MAX_SIDE: usize = 8192;
/// Values of which the percentiles are taken.
const SAMPLED: usize = 1 << 20;

/// Pixels of a set of images, `[n, channels, height, width]` in row-major order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum GridPixels<'a> {
    /// 0 to 255, drawn as they are.
    Bytes(&'a [u8]),
    /// Any range: the 1st percentile of the whole set becomes black, the 99th white. Values that are not finite are
    /// drawn magenta.
    Floats(&'a [f32]),
}

/// How a grid is laid out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GridOptions {
    /// The class of each image. With it every row is one class, in the order of the classes; without it images are
    /// drawn in their own order.
    pub labels: Option<Vec<u32>>,
    /// Images in a row; without it as many as make the picture about square, or the longest row when there are
    /// labels.
    pub columns: Option<usize>,
    /// At most this many images in a row (default 20).
    pub max_columns: usize,
    /// At most this many rows (default 20).
    pub max_rows: usize,
    /// A wider gap after every so many columns, to set pairs apart, for example; none with 0 (the default).
    pub group: usize,
}

impl Default for GridOptions {
    fn default() -> Self {
        Self {
            labels: None,
            columns: None,
            max_columns: 20,
            max_rows: 20,
            group: 0,
        }
    }
}

/// What was drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GridSummary {
    /// Images in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// Images drawn.
    pub drawn: usize,
    /// Images given.
    pub images: usize,
    /// Enlargement of each image.
    pub scale: usize,
    /// Values drawn black and white; absent for bytes.
    pub range: Option<(f32, f32)>,
}

/// Draws a tensor `[n, 3, height, width]` or `[n, 1, height, width]` as a PNG; `u8` as bytes, all else as floats.
///
/// # Errors
/// As [`draw_grid`], and [`InspectError::NotImages`] for another shape.
pub fn draw_tensor_grid(
    tensor: &FileTensor,
    options: &GridOptions,
    path: &Path,
) -> Result<GridSummary, InspectError> {
    let [_, channels, height, width] = *tensor.shape() else {
        return Err(InspectError::NotImages {
            seen: tensor.shape().to_vec(),
        });
    };
    let shape = ImageShape {
        channels,
        height,
        width,
    };
    if tensor.element() == ElementType::U8 {
        draw_grid(GridPixels::Bytes(tensor.bytes()), shape, options, path)
    } else {
        draw_grid(GridPixels::Floats(&tensor.to_f32()), shape, options, path)
    }
}

/// Draws images as a PNG: one below and beside the other, each enlarged by a whole factor. Images beyond the limits
/// of the options are left out.
///
/// # Errors
/// [`InspectError::NotImages`] for channels other than 1 or 3 or images without pixels,
/// [`InspectError::WrongLength`] when pixels or labels do not fit, [`InspectError::Write`].
pub fn draw_grid(
    pixels: GridPixels<'_>,
    shape: ImageShape,
    options: &GridOptions,
    path: &Path,
) -> Result<GridSummary, InspectError> {
    let ImageShape {
        channels,
        height,
        width,
    } = shape;
    let values = match pixels {
        GridPixels::Bytes(bytes) => bytes.len(),
        GridPixels::Floats(floats) => floats.len(),
    };
    let size = channels
        .checked_mul(height)
        .and_then(|n| n.checked_mul(width))
        .unwrap_or(0);
    // A single picture beyond it would make a PNG that no viewer opens.
    let fits = height.max(width) <= MAX_SIDE;
    if !matches!(channels, 1 | 3) || size == 0 || values == 0 || !fits {
        return Err(InspectError::NotImages {
            seen: vec![
                values.checked_div(size).unwrap_or(0),
                channels,
                height,
                width,
            ],
        });
    }
    if !values.is_multiple_of(size) {
        return Err(InspectError::WrongLength {
            what: "pixels",
            seen: values,
            expected: values / size * size,
        });
    }
    let images = values / size;
    let most_columns = options.max_columns.min((MAX_SIDE / (width + GAP)).max(1));
    let most_rows = options.max_rows.min((MAX_SIDE / (height + GAP)).max(1));
    let rows = layout(images, options, most_columns, most_rows)?;
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let scale = (1..=COMFORTABLE / height.max(width))
        .rev()
        .find(|scale| {
            columns * (width * scale + GAP) <= MAX_SIDE / 4
                && rows.len() * (height * scale + GAP) <= MAX_SIDE / 4
        })
        .unwrap_or(1);

    let (step_x, step_y) = (width * scale + GAP, height * scale + GAP);
    let left = |column: usize| {
        let groups = column.checked_div(options.group).unwrap_or(0);
        GAP + column * step_x + groups * GROUP_GAP
    };
    let mut picture = RgbImage::from_pixel(
        (left(columns.saturating_sub(1)) + step_x) as u32,
        (rows.len() * step_y + GAP) as u32,
        image::Rgb([255; 3]),
    );
    let range = match pixels {
        GridPixels::Bytes(_) => None,
        GridPixels::Floats(floats) => Some(percentiles(floats)),
    };
    let colour = |at: usize| match (pixels, range) {
        (GridPixels::Floats(floats), Some((low, high))) => {
            let value = floats[at];
            let unit = if high > low {
                (value - low) / (high - low)
            } else {
                0.5
            };
            value
                .is_finite()
                .then(|| (unit.clamp(0.0, 1.0) * 255.0).round() as u8)
        }
        (GridPixels::Bytes(bytes), _) => Some(bytes[at]),
        (GridPixels::Floats(_), None) => None,
    };
    for (row, images) in rows.iter().enumerate() {
        for (column, image) in images.iter().enumerate() {
            for y in 0..height * scale {
                for x in 0..width * scale {
                    let at = image * size + (y / scale) * width + x / scale;
                    let channel = |c: usize| colour(at + c.min(channels - 1) * height * width);
                    let rgb = match (channel(0), channel(1), channel(2)) {
                        (Some(r), Some(g), Some(b)) => [r, g, b],
                        // NaN and infinities in a colour that no photograph has.
                        _ => [255, 0, 255],
                    };
                    let place = (left(column) + x, GAP + row * step_y + y);
                    picture.put_pixel(place.0 as u32, place.1 as u32, image::Rgb(rgb));
                }
            }
        }
    }
    write(&picture, path)?;
    Ok(GridSummary {
        columns,
        rows: rows.len(),
        drawn: rows.iter().map(Vec::len).sum(),
        images,
        scale,
        range,
    })
}

/// Which image lies where.
fn layout(
    images: usize,
    options: &GridOptions,
    most_columns: usize,
    most_rows: usize,
) -> Result<Vec<Vec<usize>>, InspectError> {
    let columns = options.columns.unwrap_or(most_columns).min(most_columns);
    if columns == 0 || most_rows == 0 {
        return Err(InspectError::EmptyGrid {
            columns,
            rows: most_rows,
        });
    }
    if let Some(labels) = &options.labels {
        if labels.len() != images {
            return Err(InspectError::WrongLength {
                what: "labels",
                seen: labels.len(),
                expected: images,
            });
        }
        let mut classes = std::collections::BTreeMap::<u32, Vec<usize>>::new();
        for (image, &label) in labels.iter().enumerate() {
            let class = classes.entry(label).or_default();
            if class.len() < columns {
                class.push(image);
            }
        }
        return Ok(classes.into_values().take(most_rows).collect());
    }
    // Given columns lay the whole set out in rows of that length, then cut what is too wide.
    let length = options
        .columns
        .unwrap_or_else(|| images.isqrt().max(1).min(columns));
    let all: Vec<usize> = (0..images).collect();
    Ok(all
        .chunks(length)
        .take(most_rows)
        .map(|row| row[..row.len().min(columns)].to_vec())
        .collect())
}

/// The 1st and the 99th percentile of the finite values.
fn percentiles(values: &[f32]) -> (f32, f32) {
    // Percentiles, not extremes: one outlier would turn the rest of the picture grey.
    let step = values.len().div_ceil(SAMPLED).max(1);
    // An odd step does not fall on the same column of every image.
    let step = if step > 1 { step | 1 } else { step };
    let finite = |v: &f32| v.is_finite();
    let mut sample: Vec<f32> = values
        .iter()
        .step_by(step)
        .copied()
        .filter(finite)
        .collect();
    if sample.is_empty() {
        return (0.0, 0.0);
    }
    let mut at = |percent: usize| {
        let place = (sample.len() - 1) * percent / 100;
        *sample.select_nth_unstable_by(place, f32::total_cmp).1
    };
    (at(1), at(99))
}

/// Writes the PNG.
fn write(picture: &RgbImage, path: &Path) -> Result<(), InspectError> {
    let attempt = || -> image::ImageResult<()> {
        // In memory first: the encoder needs to seek, files are written front to back and then renamed.
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png)?;
        replace_file(path, |writer| writer.write_all(png.get_ref()))?;
        Ok(())
    };
    attempt().map_err(|source| InspectError::Write {
        path: path.to_owned(),
        source,
    })
}
