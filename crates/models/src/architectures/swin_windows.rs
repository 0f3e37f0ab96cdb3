//! Windows of a map: cutting, shifting, and which of their tokens belong together.

use burn::tensor::{Device, Tensor, TensorData};

/// Side of a window.
pub(crate) const SIDE: usize = 7;
/// Tokens of a window.
pub(crate) const TOKENS: usize = SIDE * SIDE;
/// What is added to the scores of tokens that are no neighbours.
const APART: f32 = -100.0;

/// How a map is cut into windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    batch: usize,
    /// Sides of the map, and the same with zeros up to a multiple of a window's side.
    sides: [usize; 2],
    padded: [usize; 2],
    /// Rows and columns by which the map is rolled first.
    shift: [usize; 2],
}

impl Windows {
    /// Windows of a batch of maps, shifted by `shift` where a side has more than one window.
    pub(crate) fn new(batch: usize, sides: [usize; 2], shift: usize) -> Self {
        let padded = sides.map(|side| side.next_multiple_of(SIDE));
        Self {
            batch,
            sides,
            padded,
            shift: padded.map(|side| if side > SIDE { shift } else { 0 }),
        }
    }

    /// `[batch, height, width, features]` to `[batch × windows, tokens, features]`.
    pub(crate) fn cut(self, maps: Tensor<4>) -> Tensor<3> {
        let features = maps.dims()[3];
        let maps = (0..2).fold(maps, |maps, axis| {
            let maps = padded(maps, axis + 1, self.padded[axis]);
            rolled(maps, axis + 1, self.shift[axis])
        });
        let [rows, columns] = self.padded.map(|side| side / SIDE);
        maps.reshape([self.batch * rows, SIDE, columns, SIDE * features])
            .swap_dims(1, 2)
            .reshape([self.batch * rows * columns, TOKENS, features])
    }

    /// The way back.
    pub(crate) fn join(self, windows: Tensor<3>) -> Tensor<4> {
        let features = windows.dims()[2];
        let [rows, columns] = self.padded.map(|side| side / SIDE);
        let maps = windows
            .reshape([self.batch * rows, columns, SIDE, SIDE * features])
            .swap_dims(1, 2)
            .reshape([self.batch, self.padded[0], self.padded[1], features]);
        (0..2).fold(maps, |maps, axis| {
            let back = (self.padded[axis] - self.shift[axis]) % self.padded[axis];
            rolled(maps, axis + 1, back).narrow(axis + 1, 0, self.sides[axis])
        })
    }

    /// What is added to scores `[batch × windows, heads, tokens, tokens]`, so that tokens that only the roll made
    /// neighbours do not see each other; nothing where nothing is shifted.
    pub(crate) fn mask(self, scores: Tensor<4>) -> Tensor<4> {
        if self.shift == [0, 0] {
            return scores;
        }
        let heads = scores.dims()[1];
        let windows = self.padded[0] / SIDE * (self.padded[1] / SIDE);
        let mask: Tensor<5> = self.apart(&scores.device()).unsqueeze_dims(&[0, 2]);
        (scores.reshape([self.batch, windows, heads, TOKENS, TOKENS]) + mask).reshape([
            self.batch * windows,
            heads,
            TOKENS,
            TOKENS,
        ])
    }

    /// `[windows, tokens, tokens]`: 0 for tokens of one region of the map, [`APART`] for others.
    fn apart(self, device: &Device) -> Tensor<3> {
        let [rows, columns] = self.padded.map(|side| side / SIDE);
        let region = |window: usize, token: usize| {
            let row = window / columns * SIDE + token / SIDE;
            let column = window % columns * SIDE + token % SIDE;
            3 * self.band(0, row) + self.band(1, column)
        };
        let mut values = Vec::with_capacity(rows * columns * TOKENS * TOKENS);
        for window in 0..rows * columns {
            for one in 0..TOKENS {
                for other in 0..TOKENS {
                    let together = region(window, one) == region(window, other);
                    values.push(if together { 0.0 } else { APART });
                }
            }
        }
        let shape = [rows * columns, TOKENS, TOKENS];
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// Which of three bands a row or column of the rolled map is in: before the last window, in its kept part, or in the
    /// part that came round. torchvision's bands of an axis without a shift: all of it is in the last one.
    fn band(self, axis: usize, index: usize) -> usize {
        let (side, shift) = (self.padded[axis], self.shift[axis]);
        match () {
            () if shift == 0 || index >= side - shift => 2,
            () if index >= side - SIDE => 1,
            () => 0,
        }
    }
}

/// With zeros at the end of an axis, up to `side`.
pub(crate) fn padded(maps: Tensor<4>, axis: usize, side: usize) -> Tensor<4> {
    let mut shape = maps.dims();
    if shape[axis] == side {
        return maps;
    }
    shape[axis] = side - shape[axis];
    let zeros = Tensor::zeros(shape, &maps.device());
    Tensor::cat(vec![maps, zeros], axis)
}

/// Rolled towards the beginning of an axis.
fn rolled(maps: Tensor<4>, axis: usize, by: usize) -> Tensor<4> {
    let side = maps.dims()[axis];
    if by == 0 {
        return maps;
    }
    let end = maps.clone().narrow(axis, by, side - by);
    Tensor::cat(vec![end, maps.narrow(axis, 0, by)], axis)
}

/// For each pair of tokens of a window, which row of the table of biases is theirs: 13 × (row distance + 6) + column
/// distance + 6.
pub(crate) fn relative_positions() -> Vec<i32> {
    let mut positions = Vec::with_capacity(TOKENS * TOKENS);
    for one in 0..TOKENS {
        for other in 0..TOKENS {
            let rows = one / SIDE + SIDE - 1 - other / SIDE;
            let columns = one % SIDE + SIDE - 1 - other % SIDE;
            positions.push((rows * (2 * SIDE - 1) + columns) as i32);
        }
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(shape: [usize; 4]) -> Tensor<4> {
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..count).map(|index| index as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    #[test]
    fn joining_undoes_cutting() {
        for sides in [[7, 7], [8, 8], [14, 21], [1, 20], [3, 5]] {
            for shift in [0, 3] {
                let maps = numbers([2, sides[0], sides[1], 3]);
                let windows = Windows::new(2, sides, shift);
                let back = windows.join(windows.cut(maps.clone()));
                back.into_data().assert_eq(&maps.into_data(), true);
            }
        }
    }

    #[test]
    fn windows_are_blocks_of_the_rolled_map() {
        let windows = Windows::new(1, [14, 14], 3).cut(numbers([1, 14, 14, 1]));
        assert_eq!(windows.dims(), [4, TOKENS, 1]);
        let values: Vec<f32> = windows.into_data().try_to_vec().unwrap();
        // Window 1 begins with row 3, column 7 + 3; its token 8 is one row and one column further.
        assert_eq!(values[TOKENS], 3.0 * 14.0 + 10.0);
        assert_eq!(values[TOKENS + 8], 4.0 * 14.0 + 11.0);
        // The last token of the last window came round from row 2, column 2.
        assert_eq!(values[4 * TOKENS - 1], 2.0 * 14.0 + 2.0);
    }

    #[test]
    fn the_table_of_positions_is_torchvisions() {
        let positions = relative_positions();
        assert_eq!(positions.len(), 2401);
        // The first row of torchvision's buffer begins with 84, 83; its last entry is 84 too.
        assert_eq!((positions[0], positions[1], positions[7]), (84, 83, 71));
        assert_eq!(
            (positions[48], positions[2352], positions[2400]),
            (0, 168, 84)
        );
    }
}
