//! Arguments that `relabel` and `augment` share: how pictures become floats, and where they are computed.

use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;

use clap::Args;
use ddrank_data::{DatasetName, Normalisation};
use ddrank_files::folder_of;

use super::experiment_arguments::open_device;
use super::failure::Failure;
use ddrank_device::ComputeDevice;
use ddrank_runner::images::image_input::ImageRequest;

/// The largest side that pictures are resized to.
const MAX_SIDE: usize = 4096;

/// Arguments about images.
#[derive(Debug, Args)]
pub struct ImageArguments {
    /// Which tensor of the file [default: the only one with four axes]
    #[arg(long)]
    key: Option<String>,

    /// Normalise pictures with the statistics of this dataset
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mean", "std"])]
    dataset: Option<DatasetName>,

    /// Normalise pictures with these means, of pixels from 0 to 1
    #[arg(
        long,
        value_name = "R,G,B",
        value_delimiter = ',',
        requires = "std",
        allow_negative_numbers = true
    )]
    mean: Option<Vec<f32>>,

    /// Normalise pictures with these standard deviations
    #[arg(
        long,
        value_name = "R,G,B",
        value_delimiter = ',',
        requires = "mean",
        allow_negative_numbers = true
    )]
    std: Option<Vec<f32>>,

    /// Resize pictures to this height and width
    #[arg(long, value_name = "H,W")]
    size: Option<Sides>,

    /// Images at once
    #[arg(long, value_name = "N", default_value = "256")]
    pub(super) batch_size: NonZeroUsize,

    /// Where to compute: a name that `ddrank devices` lists, or `auto`
    #[arg(long, value_name = "NAME", default_value = "auto")]
    device: String,
}

/// A height and a width.
#[derive(Clone, Copy, Debug)]
struct Sides([usize; 2]);

impl FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text: &str| {
            text.trim()
                .parse()
                .ok()
                .filter(|side| (1..=MAX_SIDE).contains(side))
        };
        match text.split_once(',').map(|(h, w)| (side(h), side(w))) {
            Some((Some(height), Some(width))) => Ok(Self([height, width])),
            _ => Err(format!(
                "expected height and width in pixels, each from 1 to {MAX_SIDE}, such as 32,32"
            )),
        }
    }
}

impl ImageArguments {
    pub(super) fn request(&self) -> Result<ImageRequest, Failure> {
        Ok(ImageRequest {
            key: self.key.clone(),
            normalisation: self.normalisation()?,
            size: self.size.map(|Sides(size)| size),
        })
    }

    /// The statistics that are asked for.
    fn normalisation(&self) -> Result<Option<Normalisation>, Failure> {
        match (self.dataset, &self.mean, &self.std) {
            (Some(dataset), _, _) => Ok(Some(dataset.normalisation())),
            (None, Some(mean), Some(std)) => Normalisation::new(mean.clone(), std.clone())
                .map(Some)
                .map_err(Failure::request),
            _ => Ok(None),
        }
    }

    pub(super) fn device(&self) -> Result<ComputeDevice, Failure> {
        open_device(&self.device.parse().map_err(Failure::request)?)
    }
}

/// Refuses an output that cannot be written before any work is done.
pub(super) fn check_output(output: &Path, input: &Path) -> Result<(), Failure> {
    let folder = folder_of(output);
    if !folder.is_dir() {
        return Err(Failure::Request(anyhow::anyhow!(
            "cannot write {}: there is no folder {}",
            output.display(),
            folder.display()
        )));
    }
    let (written, read) = (output.canonicalize(), input.canonicalize());
    if let (Ok(written), Ok(read)) = (written, read)
        && written == read
    {
        return Err(Failure::Request(anyhow::anyhow!(
            "the output {} is the input; expected another path",
            output.display()
        )));
    }
    Ok(())
}
