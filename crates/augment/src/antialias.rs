//! Bilinear resizing with antialiasing: the separable triangle filter of Pillow and torchvision.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_kernels::{Bands, resample};

use crate::ragged::largest;

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

/// Resizes a box of each picture (or one box of all) to the same size.
///
/// Where there is a kernel for that, the few weights of each line that are not zero come from the host; elsewhere there
/// are two batched matrix products with weights that are computed on the device from the boxes.
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
    let outputs = vec![[height, width]; boxes.len()];
    if let Some(resized) = by_kernel(&images, boxes, &outputs, [height, width]) {
        return resized;
    }
    let [top, rows, left, columns] = columns_of(&numbers(boxes), boxes.len(), &images);
    let rows = weights(top, rows, input_height, height);
    let columns = weights(left, columns, input_width, width);
    multiplied(images, rows, columns)
}

/// Resizes a box of each picture to a size of its own, `outputs` \[height, width\], padded with zeros to the largest.
pub(crate) fn resize_ragged(
    images: Tensor<4>,
    boxes: &[CropBox],
    outputs: &[[usize; 2]],
) -> Tensor<4> {
    let [batch, _, input_height, input_width] = images.dims();
    assert_eq!(boxes.len(), batch, "boxes and pictures of the batch");
    assert_eq!(outputs.len(), batch, "sizes and pictures of the batch");
    let [height, width] = largest(outputs);
    if batch == 0 {
        return images;
    }
    if let Some(resized) = by_kernel(&images, boxes, outputs, [height, width]) {
        return resized;
    }
    let mut table = numbers(boxes);
    table.extend(
        [0, 1]
            .map(|axis| outputs.iter().map(move |size| size[axis] as f32))
            .into_iter()
            .flatten(),
    );
    let [top, rows, left, columns, heights, widths] = columns_of(&table, batch, &images);
    let rows = own_weights(top, rows, heights, input_height, height);
    let columns = own_weights(left, columns, widths, input_width, width);
    multiplied(images, rows, columns)
}

/// The boxes resized to `outputs` each, filled up with zeros to the same size, where there is a kernel for that.
fn by_kernel(
    images: &Tensor<4>,
    boxes: &[CropBox],
    outputs: &[[usize; 2]],
    size: [usize; 2],
) -> Option<Tensor<4>> {
    let [_, _, height, width] = images.dims();
    resample(images, || {
        let side = |inputs: usize, axis: usize, place: fn(&CropBox) -> [usize; 2]| {
            let both = boxes.iter().zip(outputs);
            both.map(|(at, own)| bands(place(at), inputs, [own[axis], size[axis]]))
                .collect()
        };
        [
            side(height, 0, CropBox::rows),
            side(width, 1, CropBox::columns),
        ]
    })
}

impl CropBox {
    /// First row and how many.
    fn rows(&self) -> [usize; 2] {
        [self.top, self.height]
    }

    /// First column and how many.
    fn columns(&self) -> [usize; 2] {
        [self.left, self.width]
    }
}

/// The weights along one side of `inputs` pixels for a box that starts at `first` and is `length` long, resized to `own`
/// pixels and filled up with zeros to `outputs`.
fn bands([first, length]: [usize; 2], inputs: usize, [own, outputs]: [usize; 2]) -> Bands {
    let factor = length as f64 / own as f64;
    // When shrinking, the triangle widens by the factor, which is the antialiasing; enlarging is plain bilinear.
    let reach = factor.max(1.0);
    let line = |output: usize| {
        if output >= own {
            return (first, Vec::new());
        }
        // The inputs of the box whose centres are less than `reach` from that of the output.
        let centre = (output as f64 + 0.5) * factor;
        let start = (centre - reach - 0.5).floor().max(-1.0) as isize + 1;
        let start = (start as usize).min(length - 1);
        let end = ((centre + reach - 0.5).ceil() as usize).clamp(start + 1, length);
        let weight = |input: usize| 1.0 - (input as f64 + 0.5 - centre).abs() / reach;
        let weights: Vec<f64> = (start..end).map(|input| weight(input).max(0.0)).collect();
        // What the border of the box cuts off is made up for, as in Pillow.
        let sum: f64 = weights.iter().sum();
        let weights = weights.iter().map(|weight| (weight / sum) as f32);
        (first + start, weights.collect())
    };
    let lines: Vec<(usize, Vec<f32>)> = (0..outputs).map(line).collect();
    Bands::new(inputs, &lines)
}

/// First row of each box, its rows, first column, columns: row after row of a table.
fn numbers(boxes: &[CropBox]) -> Vec<f32> {
    [
        |place: &CropBox| place.top,
        |place: &CropBox| place.height,
        |place: &CropBox| place.left,
        |place: &CropBox| place.width,
    ]
    .iter()
    .flat_map(|number| boxes.iter().map(|place| number(place) as f32))
    .collect()
}

/// The rows of a table of `count` columns as `[count, 1, 1]` on the images' device, in one transfer.
fn columns_of<const N: usize>(table: &[f32], count: usize, images: &Tensor<4>) -> [Tensor<3>; N] {
    let data = TensorData::new(table.to_vec(), [N, count]);
    let table = Tensor::<2>::from_data(data, &images.device().inner());
    std::array::from_fn(|index| {
        let column = table.clone().slice([index..index + 1, 0..count]);
        column.reshape([count, 1, 1])
    })
}

fn multiplied(images: Tensor<4>, rows: Tensor<3>, columns: Tensor<3>) -> Tensor<4> {
    let [batch, channels, ..] = images.dims();
    let along = |weights: Tensor<3>| {
        let [_, outputs, inputs] = weights.dims();
        weights
            .unsqueeze_dim::<4>(1)
            .expand([batch, channels, outputs, inputs])
    };
    // Width first, as in Pillow; the filter is separable, so the order matters to rounding only.
    let wide = images.matmul(along(columns).swap_dims(2, 3));
    along(rows).matmul(wide)
}

/// [`weights`] where each box has its own number of outputs: those beyond it are zero.
fn own_weights(
    first: Tensor<3>,
    length: Tensor<3>,
    own: Tensor<3>,
    inputs: usize,
    outputs: usize,
) -> Tensor<3> {
    let device = first.device();
    let shape = [first.dims()[0], outputs, inputs];
    let factor = length.clone() / own.clone();
    let places = centres(outputs, &device).reshape([1, outputs, 1]);
    let beyond = places
        .clone()
        .expand([shape[0], outputs, 1])
        .greater(own.expand([shape[0], outputs, 1]))
        .expand(shape);
    let weights = unscaled(first, length, factor, places, inputs).mask_fill(beyond.clone(), 0.0);
    // What is beyond has no sum to divide by.
    let sum = weights
        .clone()
        .sum_dim(2)
        .expand(shape)
        .mask_fill(beyond, 1.0);
    weights / sum
}

/// The weights `[boxes, outputs, inputs]` along one side, for boxes that start at `first` and are `length` long.
fn weights(first: Tensor<3>, length: Tensor<3>, inputs: usize, outputs: usize) -> Tensor<3> {
    let shape = [first.dims()[0], outputs, inputs];
    let factor = length.clone().div_scalar(outputs as f64);
    let places = centres(outputs, &first.device()).reshape([1, outputs, 1]);
    let weights = unscaled(first, length, factor, places, inputs);
    let sum = weights.clone().sum_dim(2);
    weights / sum.expand(shape)
}

/// The triangles `[boxes, outputs, inputs]` around the centres of the outputs, `[1, outputs, 1]` in output pixels, for boxes
/// reduced by `factor`.
fn unscaled(
    first: Tensor<3>,
    length: Tensor<3>,
    factor: Tensor<3>,
    places: Tensor<3>,
    inputs: usize,
) -> Tensor<3> {
    let device = first.device();
    let shape = [first.dims()[0], places.dims()[1], inputs];
    // Pixel centres in pixels of the box: where each output lies, and where each input lies.
    let centre = (factor.clone() * places).expand(shape);
    let position = (centres(inputs, &device).reshape([1, 1, inputs]) - first).expand(shape);
    let outside = position
        .clone()
        .lower_elem(0)
        .bool_or(position.clone().greater(length.expand(shape)));
    let reach = factor.clamp_min(1.0).expand(shape);
    ((position - centre).abs() / reach)
        .neg()
        .add_scalar(1.0)
        .clamp_min(0.0)
        .mask_fill(outside, 0.0)
}

/// 0.5, 1.5, ...
fn centres(count: usize, device: &Device) -> Tensor<1> {
    let values: Vec<f32> = (0..count).map(|index| index as f32 + 0.5).collect();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
