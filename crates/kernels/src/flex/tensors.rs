//! burn's tensors as the kernels take them: sizes and a slice of numbers.

use super::images::Images;
use burn::backend::TensorMetadata;
use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

/// Whether the kernels can work on these: `f32` all.
pub(super) fn kernels_apply(tensors: &[&FlexTensor]) -> bool {
    tensors.iter().all(|tensor| tensor.dtype() == DType::F32)
}

/// The sizes of an image batch.
pub(super) fn images(x: &FlexTensor) -> Images {
    let [batch, channels, height, width] = x.shape().dims();
    Images {
        batch,
        channels,
        height,
        width,
    }
}

/// Its numbers, row by row.
pub(super) fn numbers(x: &FlexTensor) -> &[f32] {
    #[expect(
        clippy::expect_used,
        reason = "callers make tensors contiguous and check that they are f32"
    )]
    x.as_slice().expect("a contiguous f32 tensor")
}

/// The shape of an image batch.
pub(super) fn shape(images: Images) -> Shape {
    Shape::new([images.batch, images.channels, images.height, images.width])
}

/// A tensor with few numbers.
pub(super) fn small(numbers: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::new(
        Bytes::from_elems(numbers),
        Layout::contiguous(shape),
        DType::F32,
    )
}
