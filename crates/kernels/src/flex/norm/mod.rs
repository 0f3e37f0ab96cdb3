//! Normalisation with what follows it in a ConvNet, one pass over the data forward and one backward.
//!
//! Sums repeat to the bit for any number of threads: a plane is added up by one thread in an order that depends on its
//! size only ([`moments`], [`plane`]); planes are added up in order, those of many images in double precision.

mod backward;
mod forward;
mod layer;
mod moments;
mod plane;

pub(crate) use backward::backward;
pub(crate) use forward::{Forward, forward};
pub(crate) use layer::{Layer, Statistics};

#[cfg(test)]
mod tests;
