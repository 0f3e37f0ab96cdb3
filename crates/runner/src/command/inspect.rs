//! `ddrank inspect`.

use std::path::PathBuf;

use clap::Args;
use ddrank_data::inspect::{InspectOptions, inspect};

use super::{Failure, print};

/// Arguments of `ddrank inspect`.
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A tensor file (.pt .pth .safetensors .npy .npz) or an image folder
    path: PathBuf,
}

impl InspectArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let inspection =
            inspect(&self.path, &InspectOptions::default()).map_err(Failure::request)?;
        print(&inspection.to_string())
    }
}
