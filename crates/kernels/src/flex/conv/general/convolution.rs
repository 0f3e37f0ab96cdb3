//! A convolution's sizes, and the matrix of its patches.

use crate::flex::images::Images;
use std::ops::Range;

/// Pixels that a product should have at least, if there are as many: late layers have 7 x 7 pixels and megabytes of
/// weights, which come from memory once for each product.
const PIXELS: usize = 256;

/// The sizes of a convolution with one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convolution {
    /// Its input.
    pub(crate) images: Images,
    /// Output channels.
    pub(crate) out: usize,
    /// Side of the kernel.
    pub(crate) kernel: usize,
    /// Stride in both directions.
    pub(crate) stride: usize,
    /// Zeros on all four sides.
    pub(crate) padding: usize,
}

impl Convolution {
    /// The sizes of its result.
    pub(crate) fn results(&self) -> Images {
        let side = |side: usize| {
            let padded = side + 2 * self.padding;
            padded
                .checked_sub(self.kernel)
                .map_or(0, |left| left / self.stride + 1)
        };
        Images {
            batch: self.images.batch,
            channels: self.out,
            height: side(self.images.height),
            width: side(self.images.width),
        }
    }

    /// Places of a kernel.
    pub(super) fn places(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Numbers of a patch.
    pub(super) fn taps(&self) -> usize {
        self.images.channels * self.places()
    }

    /// Images of a product. Depends on sizes only, as the order of sums does on it.
    pub(super) fn together(&self) -> usize {
        let plane = self.results().plane().max(1);
        PIXELS.div_ceil(plane).clamp(1, self.images.batch.max(1))
    }

    /// The results along one side of `inputs` that see input `result * stride + place - padding`.
    fn inside(&self, place: usize, inputs: usize, results: usize) -> Range<usize> {
        // result * stride + place - padding is at least 0, and less than `inputs`.
        let first = self.padding.saturating_sub(place).div_ceil(self.stride);
        let last = (inputs + self.padding)
            .checked_sub(place + 1)
            .map_or(0, |last| last / self.stride + 1);
        let end = last.min(results);
        first.min(end)..end
    }

    /// Calls `line(tap, image, row, columns, at)` for every tap of these channels and every line of results: the
    /// results `columns` of the line see the numbers from `at` on in the input, `stride` apart; the others see zeros.
    #[inline(always)]
    pub(super) fn lines(
        &self,
        channels: Range<usize>,
        images: usize,
        mut line: impl FnMut(usize, usize, usize, Range<usize>, usize),
    ) {
        let (from, to) = (self.images, self.results());
        let mut tap = 0;
        for channel in channels {
            for place in 0..self.places() {
                let (down, across) = (place / self.kernel, place % self.kernel);
                let rows = self.inside(down, from.height, to.height);
                let columns = self.inside(across, from.width, to.width);
                for image in 0..images {
                    let plane = (image * from.channels + channel) * from.plane();
                    for row in 0..to.height {
                        if !rows.contains(&row) || columns.is_empty() {
                            line(tap, image, row, 0..0, 0);
                            continue;
                        }
                        // No underflow: `inside` has left these out.
                        let input = row * self.stride + down - self.padding;
                        let column = columns.start * self.stride + across - self.padding;
                        let at = plane + input * from.width + column;
                        line(tap, image, row, columns.clone(), at);
                    }
                }
                tap += 1;
            }
        }
    }

    /// Lays out the patches of so many images in panels: `[panel][tap][pixel]`, the pixels of all images one after the
    /// other, zeros after the last.
    #[inline(always)]
    pub(super) fn lay_out(
        &self,
        channels: Range<usize>,
        images: usize,
        x: &[f32],
        panel: usize,
        patches: &mut [f32],
    ) {
        let to = self.results();
        let taps = channels.len() * self.places();
        let pixels = images * to.plane();
        let mut write = |tap: usize, pixel: usize, length: usize, from: Option<usize>| {
            let mut done = 0;
            while done < length {
                let pixel = pixel + done;
                // A line may go on in the next panel.
                let part = (length - done).min(panel - pixel % panel);
                let to = (pixel / panel * taps + tap) * panel + pixel % panel;
                let to = &mut patches[to..to + part];
                match from {
                    None => to.fill(0.0),
                    Some(from) if self.stride == 1 => {
                        to.copy_from_slice(&x[from + done..from + done + part]);
                    }
                    Some(from) => {
                        let x = &x[from + done * self.stride..];
                        for (to, x) in to.iter_mut().zip(x.iter().step_by(self.stride)) {
                            *to = *x;
                        }
                    }
                }
                done += part;
            }
        };
        // What was in the memory before stays nowhere: zeros before and after what a line sees of the image.
        self.lines(channels, images, |tap, image, row, columns, at| {
            let pixel = image * to.plane() + row * to.width;
            write(tap, pixel, columns.start, None);
            write(tap, pixel + columns.start, columns.len(), Some(at));
            write(tap, pixel + columns.end, to.width - columns.end, None);
        });
        let left = pixels.next_multiple_of(panel) - pixels;
        for tap in 0..taps {
            write(tap, pixels, left, None);
        }
    }
}
