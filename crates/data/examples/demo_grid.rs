//! Writes a grid of demo images as a PNG: one row per class. `cargo run -p ddrank-data --example demo_grid -- grid.png`

use std::error::Error;

use ddrank_data::{DemoOptions, demo_dataset};
use image::{Rgb, RgbImage, imageops};

const COLUMNS: u32 = 16;
const SCALE: u32 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os()
        .nth(1)
        .ok_or("give the name of the PNG to write")?;
    let options = DemoOptions {
        train: 10 * COLUMNS as usize,
        test: 0,
        ..DemoOptions::default()
    };
    let images = demo_dataset(&options).train;
    let bytes = images.bytes()?;
    let cell = 34;
    let mut grid = RgbImage::new(COLUMNS * cell, 10 * cell);
    for (index, planes) in bytes.chunks_exact(3 * 1024).enumerate() {
        let (left, top) = (
            (index as u32 / 10) * cell + 1,
            (index as u32 % 10) * cell + 1,
        );
        for pixel in 0..1024 {
            let colour = Rgb([planes[pixel], planes[1024 + pixel], planes[2048 + pixel]]);
            grid.put_pixel(left + pixel as u32 % 32, top + pixel as u32 / 32, colour);
        }
    }
    let (width, height) = (grid.width() * SCALE, grid.height() * SCALE);
    imageops::resize(&grid, width, height, imageops::FilterType::Nearest).save(path)?;
    Ok(())
}
