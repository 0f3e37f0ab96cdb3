//! Draws the demo dataset and its distilled set side by side: `assets/demo-sets.png` in the README.
//!
//! ```text
//! cargo run --release --example demo_picture -- assets/demo-distilled.safetensors assets/demo-sets.png
//! ```
#![forbid(unsafe_code)]

use std::path::Path;

use anyhow::Context;
use ddrank_data::inspect::{GridOptions, GridPixels, draw_grid};
use ddrank_data::{DatasetName, DatasetSource, Pixels, load_dataset, random_selection};
use ddrank_files::{Limits, read_tensor_file};
use ddrank_runner::trial::randomness::{Purpose, Randomness};

/// Images of each set in a row; a row is a class.
const SHOWN: usize = 8;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(distilled), Some(picture), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        anyhow::bail!("usage: demo_picture DISTILLED.safetensors PICTURE.png");
    };
    let dataset = load_dataset(&DatasetSource::new(DatasetName::Demo))?;
    let classes = dataset.train.classes();
    let shape = dataset.train.shape();
    let mut stream = Randomness::new(0, 0).stream(Purpose::Selection);
    let chosen = random_selection(dataset.train.labels(), classes, SHOWN, &mut stream)?;
    let real = dataset
        .train
        .select(&chosen)
        .normalised(&dataset.normalisation)?;
    let Pixels::Floats(real) = real.pixels() else {
        anyhow::bail!("normalised images are floats")
    };

    let file = read_tensor_file(Path::new(&distilled), &Limits::default())?;
    let images = file.select(Some("images"))?;
    let ipc = images.shape()[0] / classes;
    let synthetic = images.to_f32();

    // Real and distilled images are shown with one scale of brightness, as a network sees them.
    let mut pixels = Vec::new();
    for class in 0..classes {
        let row = |values: &[f32], per_class: usize| {
            let start = class * per_class * shape.len();
            values[start..start + SHOWN.min(per_class) * shape.len()].to_vec()
        };
        pixels.extend(row(real, SHOWN));
        pixels.extend(row(&synthetic, ipc));
    }
    let options = GridOptions {
        columns: Some(SHOWN + SHOWN.min(ipc)),
        ..GridOptions::default()
    };
    draw_grid(
        GridPixels::Floats(&pixels),
        shape,
        &options,
        Path::new(&picture),
    )
    .with_context(|| format!("cannot draw {picture}"))?;
    Ok(())
}
