//! Pictures put together from rows and columns of their own.

use burn::tensor::{Int, Tensor, TensorData};

/// Which row and column of the input each row and column of the output is, picture after picture.
pub(crate) struct Places {
    pub(crate) rows: Vec<i32>,
    pub(crate) columns: Vec<i32>,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

/// Output pixel (i, j) of a picture is its input pixel (rows\[i\], columns\[j\]): one transfer, one gather.
pub(crate) fn rearrange(images: Tensor<4>, places: Places) -> Tensor<4> {
    let [batch, channels, input_height, input_width] = images.dims();
    let Places {
        rows,
        columns,
        height,
        width,
    } = places;
    assert_eq!(
        rows.len(),
        batch * height,
        "one row a picture and output row"
    );
    assert_eq!(
        columns.len(),
        batch * width,
        "one column a picture and output column"
    );
    if batch == 0 {
        return Tensor::zeros([0, channels, height, width], &images.device());
    }
    // Rows and columns go over as lists and become places on the device: the transfer grows with the sides, not with
    // the area.
    let count = rows.len() + columns.len();
    let numbers: Vec<i32> = rows.into_iter().chain(columns).collect();
    let numbers = TensorData::new(numbers, [count]);
    let numbers = Tensor::<1, Int>::from_data(numbers, &images.device().inner());
    let rows = numbers
        .clone()
        .slice(0..batch * height)
        .reshape([batch, height, 1]);
    let columns = numbers
        .slice(batch * height..count)
        .reshape([batch, 1, width]);
    let place = rows
        .mul_scalar(input_width as i64)
        .expand([batch, height, width])
        + columns.expand([batch, height, width]);
    let place = place
        .reshape([batch, 1, height * width])
        .expand([batch, channels, height * width]);
    images
        .reshape([batch, channels, input_height * input_width])
        .gather(2, place)
        .reshape([batch, channels, height, width])
}

/// A crop of each picture, of one size, that may reach outside it.
pub(crate) struct Crops<'a> {
    /// Height and width of each picture.
    pub(crate) sizes: &'a [[usize; 2]],
    /// Its first row and column in each picture; negative before the picture begins.
    pub(crate) first: Vec<[isize; 2]>,
    /// Height and width of the crops.
    pub(crate) crop: [usize; 2],
    /// What is outside the pictures: a number for each channel, one for all, or none for zero.
    pub(crate) fill: &'a [f64],
}

/// Cuts the crops: copies, no arithmetic.
pub(crate) fn crop(images: Tensor<4>, crops: &Crops<'_>) -> Tensor<4> {
    let [batch, channels, height, width] = images.dims();
    assert_eq!(crops.sizes.len(), batch, "sizes and pictures of the batch");
    assert_eq!(crops.first.len(), batch, "crops and pictures of the batch");
    // Lines outside a picture are read from one more line of the fill, below and on the right of the batch.
    let mut outside = [false; 2];
    let mut lines = |axis: usize, side: usize| -> Vec<i32> {
        let mut lines = Vec::with_capacity(batch * crops.crop[axis]);
        for (size, first) in crops.sizes.iter().zip(&crops.first) {
            for line in 0..crops.crop[axis] {
                let line = first[axis] + line as isize;
                let is_inside = line >= 0 && (line as usize) < size[axis];
                outside[axis] |= !is_inside;
                lines.push(if is_inside { line as i32 } else { side as i32 });
            }
        }
        lines
    };
    let places = Places {
        rows: lines(0, height),
        columns: lines(1, width),
        height: crops.crop[0],
        width: crops.crop[1],
    };
    let device = images.device().inner();
    let fill: Vec<f32> = (0..channels)
        .map(|channel| {
            let value = crops.fill.get(channel).or(crops.fill.first());
            value.map_or(0.0, |&value| value as f32)
        })
        .collect();
    let fill = Tensor::<4>::from_data(TensorData::new(fill, [1, channels, 1, 1]), &device);
    let mut images = images;
    if outside[0] {
        let line = fill.clone().expand([batch, channels, 1, width]);
        images = Tensor::cat(vec![images, line], 2);
    }
    if outside[1] {
        let [_, _, height, _] = images.dims();
        let line = fill.expand([batch, channels, height, 1]);
        images = Tensor::cat(vec![images, line], 3);
    }
    rearrange(images, places)
}
