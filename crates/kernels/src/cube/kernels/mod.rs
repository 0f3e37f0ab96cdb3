//! The kernels. Images lie with their channels side by side: `[batch, height, width, channels]`.
//!
//! A cube (workgroup) has [`LANES`] channels side by side and [`ROWS`] threads for each of them, which share the pixels
//! of a part of an image ([`division`]). What a part adds up goes to `[part of image of batch, channels]`, and a second
//! kernel adds that up: no atomics, so that a repetition on the same device has the same bits.

mod division;
mod gradient;
mod mean_and_variance;
mod result;

pub(super) use division::{Form, LANES, ROWS, SizesLaunch};
pub(super) use gradient::{gradient_sums, group_sums, input_gradient};
pub(super) use mean_and_variance::{inverse_deviation, moments, statistics};
pub(super) use result::normalise;
