//! Batches of pictures that have not one size: padded below and on the right, with the size of each picture beside them.

use burn::tensor::Tensor;

use crate::error::AugmentationError;
use crate::transform::Transform;

/// Height and width of each picture of a batch.
pub(crate) type Sizes = [[usize; 2]];

/// The size that all pictures have, if they have one. Of no pictures it is nothing at all.
pub(crate) fn common(sizes: &Sizes) -> Option<[usize; 2]> {
    match sizes {
        [] => Some([0, 0]),
        [first, rest @ ..] => rest.iter().all(|size| size == first).then_some(*first),
    }
}

/// The height and width that hold all of them.
pub(crate) fn largest(sizes: &Sizes) -> [usize; 2] {
    let longest = |axis: usize| sizes.iter().map(|size| size[axis]).max().unwrap_or(0);
    [longest(0), longest(1)]
}

/// The pictures without padding that none of them needs.
///
/// # Panics
///
/// When there is not one size a picture, or a picture is larger than the batch.
pub(crate) fn trimmed(images: Tensor<4>, sizes: &Sizes) -> Tensor<4> {
    let [batch, channels, height, width] = images.dims();
    assert_eq!(sizes.len(), batch, "sizes and pictures of the batch");
    let [rows, columns] = largest(sizes);
    assert!(
        rows <= height && columns <= width,
        "pictures of up to {rows} x {columns} in a batch of {height} x {width}"
    );
    if [rows, columns] == [height, width] {
        return images;
    }
    images.slice([0..batch, 0..channels, 0..rows, 0..columns])
}

/// The size of each picture after a transform.
pub(crate) fn sizes_after<T: Transform + ?Sized>(
    transform: &T,
    channels: usize,
    sizes: &Sizes,
) -> Result<Vec<[usize; 2]>, AugmentationError> {
    let one = |[height, width]: &[usize; 2]| {
        let [_, height, width] = transform.output_shape([channels, *height, *width])?;
        Ok([height, width])
    };
    sizes.iter().map(one).collect()
}
