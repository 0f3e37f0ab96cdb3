//! Pictures rearranged and resampled on burn's `flex` backend.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::backend::{BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind};
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::buffer::Buffer;
use super::images::Images;
use super::scratch;
use super::simd::{Kernel, Level, Simd, dispatch};
use super::tensors::{images as sizes, kernels_apply, numbers, shape};
use crate::bands::Bands;

/// The pictures as the kernels read them, with the sizes of their batch.
fn pictures(images: &Tensor<4>) -> Option<(FlexTensor, Images)> {
    let DispatchTensor {
        kind: DispatchTensorKind::Flex(BackendTensor::Float(pictures)),
        // A recorded tensor would lose its history here.
        autodiff: DispatchAutodiffContext::Disabled,
    } = images.clone().into_dispatch()
    else {
        return None;
    };
    let pictures = kernels_apply(&[&pictures]).then(|| pictures.to_contiguous())?;
    let sizes = sizes(&pictures);
    Some((pictures, sizes))
}

fn tensor(buffer: Buffer, sizes: Images) -> Tensor<4> {
    let pictures = BackendTensor::Float(buffer.into_tensor(shape(sizes)));
    Tensor::from_dispatch(DispatchTensor {
        kind: DispatchTensorKind::Flex(pictures),
        autodiff: DispatchAutodiffContext::Disabled,
    })
}

/// The pictures times their checked matrices, see [`crate::resample`].
pub(crate) fn resample(
    images: &Tensor<4>,
    matrices: impl FnOnce() -> [Vec<Bands>; 2],
) -> Option<Tensor<4>> {
    let (pictures, from) = pictures(images)?;
    let [rows, columns] = matrices();
    let to = Images {
        height: rows[0].outputs(),
        width: columns[0].outputs(),
        ..from
    };
    let mut result = Buffer::new(to.len());
    if to.plane() > 0 {
        let planes = numbers(&pictures).par_chunks_exact(from.plane());
        let results = result.numbers().par_chunks_exact_mut(to.plane());
        planes.zip(results).enumerate().for_each(|(at, (x, y))| {
            let picture = at / from.channels;
            let work = Resampling {
                x,
                y,
                rows: &rows[picture % rows.len()],
                columns: &columns[picture % columns.len()],
            };
            dispatch(Level::best(), work);
        });
    }
    Some(tensor(result, to))
}

/// One channel of one picture.
struct Resampling<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
    rows: &'a Bands,
    columns: &'a Bands,
}

impl Kernel for Resampling<'_> {
    type Output = ();

    /// Plain loops, which the compiler turns into the vectors of the level. It never fuses a product with a sum by
    /// itself, so the bits are the same on all of them.
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self {
            x,
            y,
            rows,
            columns,
        } = self;
        let (width, reach) = (columns.inputs, columns.reach());
        let outputs = columns.outputs();
        // Down first, then across, one line at a time: the line between the two stays in the first-level cache, and
        // columns that no output sees are left out of it.
        scratch::with([reach.len()], |[line]| {
            let weights = rows.weights.chunks_exact(rows.taps);
            let lines = rows.first.iter().zip(weights);
            for ((&first, weights), y) in lines.zip(y.chunks_exact_mut(outputs)) {
                let mut inputs = x[first * width..][..rows.taps * width]
                    .chunks_exact(width)
                    .map(|input| &input[reach.clone()])
                    .zip(weights);
                // The first tap sets the line, whose memory holds anything. There is one tap at least.
                if let Some((input, &weight)) = inputs.next() {
                    for (sum, &x) in line.iter_mut().zip(input) {
                        *sum = weight * x;
                    }
                }
                for (input, &weight) in inputs {
                    for (sum, &x) in line.iter_mut().zip(input) {
                        *sum += weight * x;
                    }
                }
                // Bilinear filters have two taps, antialiased ones a few more.
                match columns.taps {
                    1 => across::<1>(line, y, columns, reach.start),
                    2 => across::<2>(line, y, columns, reach.start),
                    3 => across::<3>(line, y, columns, reach.start),
                    4 => across::<4>(line, y, columns, reach.start),
                    taps => {
                        let weights = columns.weights.chunks_exact(taps);
                        let places = columns.first.iter().zip(weights);
                        for (y, (&first, weights)) in y.iter_mut().zip(places) {
                            let inputs = &line[first - reach.start..][..taps];
                            let products = inputs.iter().zip(weights).map(|(x, w)| x * w);
                            *y = products.sum();
                        }
                    }
                }
            }
        });
    }
}

/// One line of the result from one line of sums, with a number of taps that the compiler knows.
#[inline(always)]
fn across<const TAPS: usize>(line: &[f32], y: &mut [f32], columns: &Bands, start: usize) {
    let (weights, _) = columns.weights.as_chunks::<TAPS>();
    for (y, (&first, weights)) in y.iter_mut().zip(columns.first.iter().zip(weights)) {
        let inputs = &line[first - start..][..TAPS];
        let mut sum = 0.0;
        for tap in 0..TAPS {
            sum += inputs[tap] * weights[tap];
        }
        *y = sum;
    }
}

/// See [`crate::mirror`].
pub(crate) fn mirror(images: &Tensor<4>, is_mirrored: &[bool]) -> Option<Tensor<4>> {
    let (pictures, sizes) = pictures(images)?;
    let mut result = Buffer::new(sizes.len());
    if sizes.plane() > 0 {
        let planes = numbers(&pictures).par_chunks_exact(sizes.plane());
        let results = result.numbers().par_chunks_exact_mut(sizes.plane());
        planes.zip(results).enumerate().for_each(|(at, (x, y))| {
            y.copy_from_slice(x);
            if is_mirrored[at / sizes.channels] {
                y.chunks_exact_mut(sizes.width).for_each(<[f32]>::reverse);
            }
        });
    }
    Some(tensor(result, sizes))
}

/// See [`crate::paste`].
pub(crate) fn paste(
    images: &Tensor<4>,
    partners: &[i32],
    rows: Range<usize>,
    columns: Range<usize>,
) -> Option<Tensor<4>> {
    let (pictures, sizes) = pictures(images)?;
    let (plane, numbers) = (sizes.plane(), numbers(&pictures));
    let mut result = Buffer::new(sizes.len());
    if plane > 0 {
        let results = result.numbers().par_chunks_exact_mut(plane);
        results.enumerate().for_each(|(at, y)| {
            y.copy_from_slice(&numbers[at * plane..][..plane]);
            let partner = partners[at / sizes.channels] as usize * sizes.channels;
            let x = &numbers[(partner + at % sizes.channels) * plane..][..plane];
            for row in rows.clone() {
                let place = row * sizes.width + columns.start..row * sizes.width + columns.end;
                y[place.clone()].copy_from_slice(&x[place]);
            }
        });
    }
    Some(tensor(result, sizes))
}
