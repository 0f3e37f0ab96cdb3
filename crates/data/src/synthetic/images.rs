//! The pixels of a tensor file.
use ddrank_files::{FileTensor, TensorFile};

use super::error::SyntheticError;
use super::finite::check_finite;
use super::source::SyntheticSource;
use super::warning::DataWarning;
use crate::ImageShape;

/// The tensor of the images: the one that is named, else the only one that fits, else the only one with four axes.
pub(super) fn select<'a>(
    source: &SyntheticSource,
    file: &'a TensorFile,
    count: usize,
) -> Result<&'a FileTensor, SyntheticError> {
    let only = |is_it: &dyn Fn(&FileTensor) -> bool| {
        let mut found = file.tensors().iter().filter(|tensor| is_it(tensor));
        found.next().filter(|_| found.next().is_none())
    };
    let fits = |tensor: &FileTensor| {
        Layout::of(tensor.shape(), source.shape).is_some() && tensor.shape()[0] == count
    };
    match &source.images_key {
        None => only(&fits).or_else(|| only(&|tensor| tensor.shape().len() == 4)),
        Some(_) => None,
    }
    .map_or_else(|| Ok(file.select(source.images_key.as_deref())?), Ok)
}

/// How a tensor holds images.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// `[n, channels, height, width]`.
    Planes,
    /// One plane an image, for all channels: `[n, 1, height, width]` or `[n, height, width]`.
    Grey,
}

impl Layout {
    fn of(seen: &[usize], shape: ImageShape) -> Option<Self> {
        let size = [shape.height, shape.width];
        match *seen {
            [_, c, h, w] if c == shape.channels && [h, w] == size => Some(Self::Planes),
            [_, 1, h, w] if [h, w] == size => Some(Self::Grey),
            // As many planes as channels are just as well one image in colour.
            [n, h, w] if [h, w] == size && n != shape.channels => Some(Self::Grey),
            _ => None,
        }
    }
}

/// Pixels of a tensor file, as they are.
pub(super) fn from_tensor(
    source: &SyntheticSource,
    tensor: &FileTensor,
    count: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<Vec<f32>, SyntheticError> {
    let shape = source.shape;
    let seen = tensor.shape();
    let Some(layout) = Layout::of(seen, shape) else {
        return Err(SyntheticError::ImagesShape {
            path: source.images.clone(),
            name: tensor.name().to_owned(),
            seen: seen.to_vec(),
            expected: vec![count, shape.channels, shape.height, shape.width],
            hint: hint(seen, shape),
        });
    };
    // After the shape: a transposed tensor should be called that, not one of a wrong count.
    if seen[0] != count {
        return Err(SyntheticError::Count {
            path: source.images.clone(),
            what: "images",
            seen: seen[0],
            expected: count,
            classes: source.classes,
            ipc: source.ipc,
        });
    }
    if !tensor.element().is_float() {
        return Err(SyntheticError::ImagesNotFloat {
            path: source.images.clone(),
            name: tensor.name().to_owned(),
            element: tensor.element(),
        });
    }
    let values = tensor.to_f32();
    check_finite(&source.images, "images", tensor.name(), &values)?;
    if layout == Layout::Planes {
        return Ok(values);
    }
    warnings.push(DataWarning::Grey {
        shape: seen.to_vec(),
        channels: shape.channels,
    });
    let planes = values.chunks_exact(shape.height * shape.width);
    Ok(planes
        .flat_map(|plane| plane.repeat(shape.channels))
        .collect())
}

/// What a wrong shape looks like.
fn hint(seen: &[usize], shape: ImageShape) -> String {
    match *seen {
        [_, h, w, c] if (c == shape.channels || c == 1) && (h, w) == (shape.height, shape.width) => {
            "; it looks channels-last, permute it with `images.permute(0, 3, 1, 2)`".to_owned()
        }
        [_, c, _, 3] if c != 3 => {
            "; the last axis is 3, so it looks channels-last: permute it with `images.permute(0, 3, 1, 2)`"
                .to_owned()
        }
        [_, _, c, h, w] if [c, h, w] == [shape.channels, shape.height, shape.width] => {
            "; join the first two axes with `images.flatten(0, 1)`".to_owned()
        }
        [1 | 3, h, w] if [h, w] == [shape.height, shape.width] => {
            "; one image or several in grey? Give it four axes, with `images[None]` or `images[:, None]`".to_owned()
        }
        [_, values] if values == shape.len() => format!(
            "; the pixels lie in one row, reshape it with `images.reshape(-1, {}, {}, {})`, or as they were before",
            shape.channels, shape.height, shape.width
        ),
        [_, c, h, w] if (c == shape.channels || c == 1) && [h, w] != [shape.height, shape.width] => {
            format!("; the dataset has images of {shape}: set `dataset.size` to [{h}, {w}] for images of this size")
        }
        _ => String::new(),
    }
}
