//! The arithmetic of DSA.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::affine::{Matrices, resample};
use crate::dsa_draws::{DsaDraws, DsaStep, share};
use crate::dsa_parameters::DsaParameters;

/// What [`Dsa::apply`](crate::Dsa::apply) says.
pub(crate) fn apply(
    parameters: &DsaParameters,
    siamese: bool,
    images: Tensor<4>,
    draws: &DsaDraws,
) -> Tensor<4> {
    let shape = images.dims();
    let mut columns = Columns::new(shape[0], siamese);
    let planned: Vec<Planned> = draws
        .steps
        .iter()
        .map(|step| plan(parameters, step, shape, &mut columns))
        .collect();
    if columns.values.is_empty() {
        return images;
    }
    // The numbers are constants and need no graph.
    let device = images.device().inner();
    let columns = columns.upload(&device);
    planned
        .into_iter()
        .fold(images, |images, step| step.run(images, &columns))
}

/// Turns draws into the numbers that the device needs.
fn plan(
    parameters: &DsaParameters,
    step: &DsaStep,
    [_, _, height, width]: [usize; 4],
    columns: &mut Columns,
) -> Planned {
    match step {
        DsaStep::Scale {
            horizontal,
            vertical,
        } => {
            // Factors below 1 magnify: the output reads a smaller part of the input.
            let low = 1.0 / parameters.scale;
            let factor = |u: f64| low + u * (parameters.scale - low);
            Planned::Scale {
                x: columns.push(horizontal, factor),
                y: columns.push(vertical, factor),
            }
        }
        DsaStep::Rotate { angle } => {
            // Sine and cosine come from the host in double precision: the same angle turns alike on every device.
            let radians = |u: f64| ((2.0 * u - 1.0) * parameters.rotate).to_radians();
            Planned::Rotate {
                cosine: columns.push(angle, |u| radians(u).cos()),
                sine: columns.push(angle, |u| radians(u).sin()),
            }
        }
        DsaStep::Flip { chance } => Planned::Flip {
            // A number and no flag, because all draws share one table of floats.
            is_mirrored: columns.push(chance, |u| f64::from(u8::from(u < parameters.flip))),
        },
        DsaStep::Brightness { unit } => Planned::Brightness {
            added: columns.push(unit, |u| (u - 0.5) * parameters.brightness),
        },
        DsaStep::Saturation { unit } => Planned::Saturation {
            factor: columns.push(unit, |u| u * parameters.saturation),
        },
        DsaStep::Contrast { unit } => Planned::Contrast {
            factor: columns.push(unit, |u| u + parameters.contrast),
        },
        DsaStep::Crop {
            rows,
            columns: shifts,
        } => Planned::Crop {
            rows: columns.push(rows, |row| row),
            columns: columns.push(shifts, |column| column),
            // The usual margin whatever was drawn, so that every batch has the same shapes.
            margin: [
                share(height, parameters.crop).max(largest(rows)),
                share(width, parameters.crop).max(largest(shifts)),
            ],
        },
        DsaStep::Cutout {
            rows,
            columns: centres,
        } => {
            let [tall, wide] = [
                share(height, parameters.cutout),
                share(width, parameters.cutout),
            ];
            if tall == 0 || wide == 0 {
                // A hole without lines has no first and no last one.
                return Planned::Nothing;
            }
            let first = |hole: usize, side: usize| {
                move |centre: f64| (centre - (hole / 2) as f64).clamp(0.0, (side - 1) as f64)
            };
            let last = |hole: usize, side: usize| {
                move |centre: f64| {
                    (centre - (hole / 2) as f64 + (hole - 1) as f64).clamp(0.0, (side - 1) as f64)
                }
            };
            Planned::Cutout {
                top: columns.push(rows, first(tall, height)),
                bottom: columns.push(rows, last(tall, height)),
                left: columns.push(centres, first(wide, width)),
                right: columns.push(centres, last(wide, width)),
            }
        }
    }
}

/// A step whose numbers are columns of the uploaded table.
enum Planned {
    Nothing,
    Scale {
        x: Column,
        y: Column,
    },
    Rotate {
        cosine: Column,
        sine: Column,
    },
    Flip {
        is_mirrored: Column,
    },
    Brightness {
        added: Column,
    },
    Saturation {
        factor: Column,
    },
    Contrast {
        factor: Column,
    },
    Crop {
        rows: Column,
        columns: Column,
        margin: [usize; 2],
    },
    Cutout {
        top: Column,
        bottom: Column,
        left: Column,
        right: Column,
    },
}

impl Planned {
    fn run(self, images: Tensor<4>, columns: &Uploaded) -> Tensor<4> {
        match self {
            Self::Nothing => images,
            Self::Scale { x, y } => {
                let (a, d) = (columns.map(x), columns.map(y));
                let zero = a.zeros_like();
                resample(
                    images,
                    Matrices {
                        a,
                        b: zero.clone(),
                        c: zero,
                        d,
                    },
                )
            }
            Self::Rotate { cosine, sine } => {
                let (cosine, sine) = (columns.map(cosine), columns.map(sine));
                resample(
                    images,
                    Matrices {
                        a: cosine.clone(),
                        b: -sine.clone(),
                        c: sine,
                        d: cosine,
                    },
                )
            }
            Self::Flip { is_mirrored } => {
                let mask = columns
                    .picture(is_mirrored)
                    .greater_elem(0.5)
                    .expand(images.dims());
                let mirrored = images.clone().flip([3]);
                images.mask_where(mask, mirrored)
            }
            Self::Brightness { added } => images + columns.picture(added),
            Self::Saturation { factor } => {
                let mean = images.clone().mean_dim(1);
                (images - mean.clone()) * columns.picture(factor) + mean
            }
            Self::Contrast { factor } => {
                let [batch, ..] = images.dims();
                let flat: Tensor<2> = images.clone().flatten(1, 3);
                let mean = flat.mean_dim(1).reshape([batch, 1, 1, 1]);
                (images - mean.clone()) * columns.picture(factor) + mean
            }
            Self::Crop {
                rows,
                columns: shifts,
                margin,
            } => shift(images, columns.map(rows), columns.map(shifts), margin),
            Self::Cutout {
                top,
                bottom,
                left,
                right,
            } => {
                let [_, _, height, width] = images.dims();
                let row = axis(height, columns.device()).reshape([1, height, 1]);
                let column = axis(width, columns.device()).reshape([1, 1, width]);
                let inside = |position: Tensor<3>, first: Column, last: Column| {
                    let after = position.clone() - columns.map(first);
                    let before = columns.map(last) - position;
                    after.greater_equal_elem(0).int() * before.greater_equal_elem(0).int()
                };
                // The `and` of both as a product of whole numbers, which broadcasts rows against columns.
                let hole: Tensor<3, Int> = inside(row, top, bottom) * inside(column, left, right);
                let hole: Tensor<4, Bool> = hole.equal_elem(1).unsqueeze_dim(1);
                let shape = images.dims();
                images.mask_fill(hole.expand(shape), 0.0)
            }
        }
    }
}

/// Moves every picture by its own whole number of pixels: one gather from a zero-padded copy.
fn shift(images: Tensor<4>, rows: Tensor<3>, columns: Tensor<3>, margin: [usize; 2]) -> Tensor<4> {
    let [batch, channels, height, width] = images.dims();
    let [above, beside] = margin;
    // Zeros come in from outside, the mean colour of normalised images.
    let padded = images.pad((beside, beside, above, above), 0.0);
    let stride = width + 2 * beside;
    let device = rows.device();
    let row = axis(height, &device).reshape([1, height, 1]) + rows.add_scalar(above as f64);
    let column = axis(width, &device).reshape([1, 1, width]) + columns.add_scalar(beside as f64);
    let stride_of_rows = stride as i64;
    let place = row.int().mul_scalar(stride_of_rows) + column.int();
    let place = place
        .reshape([batch, 1, height * width])
        .expand([batch, channels, height * width]);
    padded
        .reshape([batch, channels, (height + 2 * above) * stride])
        .gather(2, place)
        .reshape([batch, channels, height, width])
}

/// The longest way of a list of shifts.
fn largest(shifts: &[i32]) -> usize {
    let longest = shifts.iter().map(|shift| shift.unsigned_abs()).max();
    longest.unwrap_or(0) as usize
}

/// 0, 1, ... `side` - 1.
fn axis(side: usize, device: &Device) -> Tensor<1> {
    let values: Vec<f32> = (0..side).map(|index| index as f32).collect();
    Tensor::from_data(TensorData::new(values, [side]), device)
}

/// The place of one number a picture in the table.
#[derive(Clone, Copy)]
struct Column(usize);

/// The table under construction: column after column, one number a picture in each.
struct Columns {
    values: Vec<f32>,
    batch: usize,
    siamese: bool,
}

impl Columns {
    const fn new(batch: usize, siamese: bool) -> Self {
        Self {
            values: Vec::new(),
            batch,
            siamese,
        }
    }

    fn push<T: Copy + Into<f64>>(&mut self, draws: &[T], value: impl Fn(f64) -> f64) -> Column {
        let needed = if self.siamese {
            1.min(self.batch)
        } else {
            self.batch
        };
        assert!(
            draws.len() >= needed,
            "a step of the draws has {} values, the batch has {} pictures",
            draws.len(),
            self.batch
        );
        let column = Column(self.values.len() / self.batch.max(1));
        for picture in 0..self.batch {
            let draw = draws[if self.siamese { 0 } else { picture }];
            self.values.push(value(draw.into()) as f32);
        }
        column
    }

    fn upload(self, device: &Device) -> Uploaded {
        let count = self.values.len() / self.batch;
        let data = TensorData::new(self.values, [count, self.batch]);
        Uploaded {
            table: Tensor::from_data(data, device),
            batch: self.batch,
            device: device.clone(),
        }
    }
}

/// The table on the device, `[columns, batch]`.
struct Uploaded {
    table: Tensor<2>,
    batch: usize,
    device: Device,
}

impl Uploaded {
    const fn device(&self) -> &Device {
        &self.device
    }

    /// A column as `[batch, 1, 1]`.
    fn map(&self, column: Column) -> Tensor<3> {
        let row = self
            .table
            .clone()
            .slice([column.0..column.0 + 1, 0..self.batch]);
        row.reshape([self.batch, 1, 1])
    }

    /// A column as `[batch, 1, 1, 1]`.
    fn picture(&self, column: Column) -> Tensor<4> {
        self.map(column).reshape([self.batch, 1, 1, 1])
    }
}
