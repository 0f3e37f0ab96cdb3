#![doc = include_str!("../README.md")]
//!
//! # The path of the data
//!
//! A [`ModelName`] is parsed from text such as `ConvNet-3-BN`, a [`ModelSpec`] adds the options that names do not carry,
//! [`ModelSpec::build`] checks the sizes and draws the weights on the host, and the resulting [`Network`] turns images
//! `[batch, channels, height, width]` into logits `[batch, classes]`.
//!
//! * [`Network::forward_train`] and [`Network::forward_eval`] are the two modes. Which one runs is decided by the call and
//!   by nothing else, neither by the device nor by a flag.
//! * [`Network::state_dict`] and [`Network::load_state_dict`] speak PyTorch's names and layouts;
//!   [`Network::fits`] finds a state dict in a checkpoint.
//! * [`models`] and [`ModelSpec::options`] say what there is, for documentation.
//!
//! Names and options are one half of the crate (`name.rs`, `spec.rs`, `options/`); architectures are the other
//! (`architectures/`, `layers/`) and know no names: they are built from a `Blueprint` of plain values. `network.rs` has the
//! table that joins the two. A new architecture is one file with an implementation of `Architecture`, its `mod` line, and
//! one line of that table.
#![forbid(unsafe_code)]

mod architecture;
mod architectures;
mod blueprint;
mod catalogue;
mod checkpoint_error;
mod checkpoint_fit;
mod initialise;
mod input_shape;
mod layers;
mod misfit;
mod model_error;
mod name;
mod network;
mod normalisation;
mod options;
mod paper;
mod spec;
mod state_dict;

pub use catalogue::{ModelDescription, models};
pub use checkpoint_error::{CheckpointError, ShapeMismatch};
pub use checkpoint_fit::Fit;
pub use input_shape::InputShape;
pub use misfit::Misfit;
pub use model_error::ModelError;
pub use name::{ModelName, ModelNameError};
pub use network::{Family, Network};
pub use normalisation::Normalisation;
pub use options::{Activation, OptionDescription, Pooling, Source, Width};
pub use paper::Paper;
pub use spec::ModelSpec;
