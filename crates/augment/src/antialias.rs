//! Bilinear resizing with antialiasing: the separable triangle filter of Pillow and torchvision.

use burn::tensor::{Device, Tensor, TensorData};

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CropBox {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// Resizes a box of each picture (or one box of all) to the same size: two batched matrix products with interpolation
/// weights that are computed on the device from the boxes.
///
/// The filter is a triangle whose half width is the reduction factor, at least one pixel; it reads only the box.
pub(crate) fn resize(
    images: Tensor<4>,
    boxes: &[CropBox],
    [height, width]: [usize; 2],
) -> Tensor<4> {
    let [batch, channels, input_height, input_width] = images.dims();
    assert!(
        boxes.len() == batch || boxes.len() == 1,
        "{} boxes for a batch of {batch} pictures",
        boxes.len()
    );
    if batch == 0 {
        return Tensor::zeros([0, channels, height, width], &images.device());
    }
    let count = boxes.len();
    let numbers: Vec<f32> = [
        |place: &CropBox| place.top,
        |place: &CropBox| place.height,
        |place: &CropBox| place.left,
        |place: &CropBox| place.width,
    ]
    .iter()
    .flat_map(|number| boxes.iter().map(|place| number(place) as f32))
    .collect();
    let device = images.device().inner();
    let table = Tensor::<2>::from_data(TensorData::new(numbers, [4, count]), &device);
    let column = |index: usize| {
        let column = table.clone().slice([index..index + 1, 0..count]);
        column.reshape([count, 1, 1])
    };
    let rows = weights(column(0), column(1), input_height, height);
    let columns = weights(column(2), column(3), input_width, width);
    let along = |weights: Tensor<3>| {
        let [_, outputs, inputs] = weights.dims();
        weights
            .unsqueeze_dim::<4>(1)
            .expand([batch, channels, outputs, inputs])
    };
    let wide = images.matmul(along(columns).swap_dims(2, 3));
    along(rows).matmul(wide)
}

/// The weights `[boxes, outputs, inputs]` along one side, for boxes that start at `first` and are `length` long.
fn weights(first: Tensor<3>, length: Tensor<3>, inputs: usize, outputs: usize) -> Tensor<3> {
    let device = first.device();
    let count = first.dims()[0];
    let factor = length.clone().div_scalar(outputs as f64);
    let shape = [count, outputs, inputs];
    // Pixel centres in pixels of the box: where each output lies, and where each input lies.
    let centre =
        (factor.clone() * centres(outputs, &device).reshape([1, outputs, 1])).expand(shape);
    let position = (centres(inputs, &device).reshape([1, 1, inputs]) - first).expand(shape);
    let outside = position
        .clone()
        .lower_elem(0)
        .bool_or(position.clone().greater(length.expand(shape)));
    let reach = factor.clamp_min(1.0).expand(shape);
    let weights = ((position - centre).abs() / reach)
        .neg()
        .add_scalar(1.0)
        .clamp_min(0.0)
        .mask_fill(outside, 0.0);
    let sum = weights.clone().sum_dim(2);
    weights / sum.expand(shape)
}

/// 0.5, 1.5, ...
fn centres(count: usize, device: &Device) -> Tensor<1> {
    let values: Vec<f32> = (0..count).map(|index| index as f32 + 0.5).collect();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
