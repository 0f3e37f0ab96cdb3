//! The random numbers of DSA.

use rand::{Rng, RngExt};

use crate::dsa_mode::DsaMode;
use crate::dsa_parameters::DsaParameters;

/// One of the six operations that mode `S` chooses from, in the order of mode `M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DsaOperation {
    /// Sampling at another scale in each direction.
    Scale,
    /// Rotation about the centre.
    Rotate,
    /// Mirroring left and right.
    Flip,
    /// Brightness, then saturation, then contrast.
    Color,
    /// Shift with zeros coming in.
    Crop,
    /// A rectangle of zeros.
    Cutout,
}

impl DsaOperation {
    /// All operations in order.
    pub const ALL: [Self; 6] = [
        Self::Scale,
        Self::Rotate,
        Self::Flip,
        Self::Color,
        Self::Crop,
        Self::Cutout,
    ];
}

/// One elementary step with its draws, one value a picture.
///
/// Values called `unit` are uniform in [0, 1). How they turn into angles and factors is said at [`Dsa::apply`](crate::Dsa::apply).
#[derive(Clone, Debug, PartialEq)]
pub enum DsaStep {
    /// Sampling at another scale.
    Scale {
        /// Units of the horizontal factors.
        horizontal: Vec<f32>,
        /// Units of the vertical factors.
        vertical: Vec<f32>,
    },
    /// Rotation.
    Rotate {
        /// Units of the angles.
        angle: Vec<f32>,
    },
    /// Mirroring where the unit is below the probability.
    Flip {
        /// Units to compare with the probability.
        chance: Vec<f32>,
    },
    /// An added constant.
    Brightness {
        /// Units of the added values.
        unit: Vec<f32>,
    },
    /// Distance from grey.
    Saturation {
        /// Units of the factors.
        unit: Vec<f32>,
    },
    /// Distance from the picture's mean.
    Contrast {
        /// Units of the factors.
        unit: Vec<f32>,
    },
    /// Shift: output (i, j) is input (i + rows, j + columns).
    Crop {
        /// Shift in rows.
        rows: Vec<i32>,
        /// Shift in columns.
        columns: Vec<i32>,
    },
    /// A hole around a centre.
    Cutout {
        /// Row of the centre.
        rows: Vec<i32>,
        /// Column of the centre.
        columns: Vec<i32>,
    },
}

/// What one batch goes through, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DsaDraws {
    /// The steps.
    pub steps: Vec<DsaStep>,
}

impl DsaDraws {
    pub(crate) fn draw<R: Rng + ?Sized>(
        parameters: &DsaParameters,
        mode: DsaMode,
        shape: [usize; 4],
        generator: &mut R,
    ) -> Self {
        let mut draws = Self::default();
        match mode {
            DsaMode::Single => {
                let choice = generator.random_range(0..DsaOperation::ALL.len() as u32);
                // One operation for the batch; its numbers are still drawn for each picture (docs/reference.md, section 3.1).
                let operation = DsaOperation::ALL[choice as usize];
                draws.push(operation, parameters, shape, generator);
            }
            DsaMode::Multiple => {
                for operation in DsaOperation::ALL {
                    draws.push(operation, parameters, shape, generator);
                }
            }
        }
        draws
    }

    fn push<R: Rng + ?Sized>(
        &mut self,
        operation: DsaOperation,
        parameters: &DsaParameters,
        [batch, _, height, width]: [usize; 4],
        generator: &mut R,
    ) {
        let steps = &mut self.steps;
        match operation {
            DsaOperation::Scale => steps.push(DsaStep::Scale {
                horizontal: units(batch, generator),
                vertical: units(batch, generator),
            }),
            DsaOperation::Rotate => steps.push(DsaStep::Rotate {
                angle: units(batch, generator),
            }),
            DsaOperation::Flip => steps.push(DsaStep::Flip {
                chance: units(batch, generator),
            }),
            DsaOperation::Color => steps.extend([
                DsaStep::Brightness {
                    unit: units(batch, generator),
                },
                DsaStep::Saturation {
                    unit: units(batch, generator),
                },
                DsaStep::Contrast {
                    unit: units(batch, generator),
                },
            ]),
            DsaOperation::Crop => {
                let ratio = parameters.crop;
                let mut shifts = |side: usize| {
                    let largest = share(side, ratio) as i32;
                    integers(batch, -largest..=largest, generator)
                };
                steps.push(DsaStep::Crop {
                    rows: shifts(height),
                    columns: shifts(width),
                });
            }
            DsaOperation::Cutout => {
                let ratio = parameters.cutout;
                let mut centres = |side: usize| {
                    // An even hole has its centre between two pixels, so there is one more place for it.
                    let last = side - share(side, ratio) % 2;
                    integers(batch, 0..=last as i32, generator)
                };
                steps.push(DsaStep::Cutout {
                    rows: centres(height),
                    columns: centres(width),
                });
            }
        }
    }
}

/// `side * ratio` rounded half up, a number of pixels.
pub(crate) fn share(side: usize, ratio: f64) -> usize {
    (side as f64 * ratio + 0.5) as usize
}

fn units<R: Rng + ?Sized>(count: usize, generator: &mut R) -> Vec<f32> {
    const STEP: f32 = 1.0 / (1_u32 << 24) as f32;
    (0..count)
        // As many bits as a single float holds exactly, so that no value is rounded up to 1.
        .map(|_| (generator.next_u32() >> 8) as f32 * STEP)
        .collect()
}

fn integers<R: Rng + ?Sized>(
    count: usize,
    range: std::ops::RangeInclusive<i32>,
    generator: &mut R,
) -> Vec<i32> {
    (0..count)
        .map(|_| generator.random_range(range.clone()))
        .collect()
}
