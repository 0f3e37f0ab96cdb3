//! A picture while it is drawn: colours between 0 and 1, painted in layers.

use super::draws::Draws;

/// Height and width of the images.
pub(super) const SIDE: usize = 32;
/// Samples per pixel and axis for smooth edges.
const SAMPLES: usize = 4;

/// A colour; each channel 0 to 1.
pub(super) type Colour = [f64; 3];

/// Pixels row by row.
pub(super) struct Canvas(Vec<Colour>);

/// A frame for drawing: where the origin lies, where the axes point, how long they are.
pub(super) struct Frame {
    centre: [f64; 2],
    /// Rows of the matrix that takes an offset in pixels to the frame's coordinates.
    rows: [[f64; 2]; 2],
}

impl Frame {
    /// A rotated, stretched and slanted frame; `direction` is a unit vector, `radii` are in pixels.
    pub(super) fn new(centre: [f64; 2], direction: [f64; 2], radii: [f64; 2], slant: f64) -> Self {
        let [x, y] = direction;
        let (u, v) = ([x / radii[0], y / radii[0]], [-y / radii[1], x / radii[1]]);
        Self {
            centre,
            rows: [[u[0] + slant * v[0], u[1] + slant * v[1]], v],
        }
    }

    fn coordinates(&self, x: f64, y: f64) -> [f64; 2] {
        let (x, y) = (x - self.centre[0], y - self.centre[1]);
        self.rows.map(|row| row[0] * x + row[1] * y)
    }
}

/// A smooth random field over the picture.
pub(super) struct Field {
    cells: usize,
    knots: Vec<Colour>,
}

impl Field {
    /// Random colours of size up to `strength` on a lattice of `cells` x `cells`; `grey` gives all channels the same value.
    pub(super) fn new(cells: usize, strength: f64, grey: bool, draws: &mut Draws) -> Self {
        let knots = (0..(cells + 1) * (cells + 1)).map(|_| {
            let value = draws.between(-strength, strength);
            if grey {
                [value; 3]
            } else {
                [
                    value,
                    draws.between(-strength, strength),
                    draws.between(-strength, strength),
                ]
            }
        });
        Self {
            cells,
            knots: knots.collect(),
        }
    }

    fn at(&self, column: usize, row: usize) -> Colour {
        let place = |pixel: usize| {
            let along = (pixel as f64 + 0.5) * self.cells as f64 / SIDE as f64;
            let cell = along.floor();
            let rest = along - cell;
            // Smoothstep: linear blending would show the lattice as creases.
            (cell as usize, rest * rest * (3.0 - 2.0 * rest))
        };
        let ((x, right), (y, down)) = (place(column), place(row));
        let knot = |x: usize, y: usize| &self.knots[y * (self.cells + 1) + x];
        let (a, b, c, d) = (
            knot(x, y),
            knot(x + 1, y),
            knot(x, y + 1),
            knot(x + 1, y + 1),
        );
        std::array::from_fn(|channel| {
            let top = a[channel] + (b[channel] - a[channel]) * right;
            let bottom = c[channel] + (d[channel] - c[channel]) * right;
            top + (bottom - top) * down
        })
    }
}

impl Canvas {
    pub(super) fn filled(colour: Colour) -> Self {
        Self(vec![colour; SIDE * SIDE])
    }

    /// Adds a field to every pixel.
    pub(super) fn add(&mut self, field: &Field) {
        for (index, pixel) in self.0.iter_mut().enumerate() {
            let added = field.at(index % SIDE, index / SIDE);
            for (value, added) in pixel.iter_mut().zip(added) {
                *value += added;
            }
        }
    }

    /// Paints the points of a frame for which `contains` holds, with smooth edges; the field bends the colour.
    pub(super) fn paint(
        &mut self,
        frame: &Frame,
        contains: impl Fn([f64; 2]) -> bool,
        colour: Colour,
        field: Option<&Field>,
        opacity: f64,
    ) {
        for (index, pixel) in self.0.iter_mut().enumerate() {
            let (column, row) = (index % SIDE, index / SIDE);
            let mut hits = 0_u32;
            for sample in 0..SAMPLES * SAMPLES {
                let part = |n: usize| (n as f64 + 0.5) / SAMPLES as f64;
                let (x, y) = (
                    column as f64 + part(sample % SAMPLES),
                    row as f64 + part(sample / SAMPLES),
                );
                hits += u32::from(contains(frame.coordinates(x, y)));
            }
            if hits == 0 {
                continue;
            }
            let share = opacity * f64::from(hits) / (SAMPLES * SAMPLES) as f64;
            let bent = field.map_or([0.0; 3], |field| field.at(column, row));
            for (channel, value) in pixel.iter_mut().enumerate() {
                *value += (colour[channel] + bent[channel] - *value) * share;
            }
        }
    }

    /// Adds noise to every value (a sum of three uniform draws) and writes bytes, plane after plane.
    pub(super) fn write(&self, noise: f64, draws: &mut Draws, planes: &mut [u8]) {
        for (index, pixel) in self.0.iter().enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                let grain = draws.unit() + draws.unit() + draws.unit() - 1.5;
                // No multiply-add, no library function: those differ between platforms in the last bit, and bytes are
                // part of the contract.
                let level = (value + noise * grain) * 255.0 + 0.5;
                planes[channel * SIDE * SIDE + index] = level.clamp(0.0, 255.0) as u8;
            }
        }
    }
}
