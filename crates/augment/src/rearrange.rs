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
