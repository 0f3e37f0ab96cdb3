#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod adam;
mod adamw;
mod adaptive;
mod optimizer;
mod sgd;

mod constant;
mod cosine;
mod cosine_annealing;
mod schedule;
mod step;

pub use optimizer::*;
pub use schedule::*;
