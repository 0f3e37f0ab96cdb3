//! `ddrank inspect`.

use std::path::PathBuf;

use clap::Args;
use ddrank_data::inspect::{
    GridOptions, GridSummary, InspectError, InspectOptions, LabelSummary, TensorSummary,
    draw_folder_grid, draw_tensor_grid, inspect,
};
use ddrank_files::{FileTensor, TensorFile, read_tensor_file};

use super::failure::Failure;
use super::output::print;

/// Arguments of `ddrank inspect`.
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A tensor file (.pt .pth .safetensors .npy .npz) or an image folder
    path: PathBuf,

    /// Look at this tensor only
    #[arg(long)]
    key: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Draw the images `[count, 3, height, width]` into this PNG
    #[arg(long, value_name = "PNG")]
    grid: Option<PathBuf>,

    /// Images in a row of the grid; the images per class make each row one class
    #[arg(long, value_name = "N", requires = "grid")]
    columns: Option<usize>,
}

impl InspectArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let options = InspectOptions {
            key: self.key.clone(),
            ..InspectOptions::default()
        };
        let inspection = inspect(&self.path, &options).map_err(Failure::request)?;
        let mut text = if self.json {
            serde_json::to_string_pretty(&inspection).map_err(Failure::run)? + "\n"
        } else {
            inspection.to_string()
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        print(&text)?;
        let Some(grid) = &self.grid else {
            return Ok(());
        };
        let drawn = self.draw(grid, &options).map_err(Failure::request)?;
        let shown = if drawn.drawn < drawn.images {
            format!("the first {} of ", drawn.drawn)
        } else {
            String::new()
        };
        crate::progress::write_line(&format!(
            "drew {shown}{} images to {}",
            drawn.images,
            grid.display()
        ));
        Ok(())
    }

    fn draw(
        &self,
        grid: &std::path::Path,
        options: &InspectOptions,
    ) -> Result<GridSummary, InspectError> {
        let mut layout = GridOptions {
            columns: self.columns,
            ..GridOptions::default()
        };
        if self.path.is_dir() {
            return draw_folder_grid(&self.path, &layout, grid);
        }
        let file = read_tensor_file(&self.path, &options.limits)?;
        let images = match &self.key {
            Some(key) => file.select(Some(key))?,
            None => only_images(&file)?,
        };
        if self.columns.is_none() {
            layout.labels = labels_of(&file, images);
        }
        draw_tensor_grid(images, &layout, grid)
    }
}

/// The only tensor with four dimensions, or the only tensor.
fn only_images(file: &TensorFile) -> Result<&FileTensor, InspectError> {
    let mut images = file
        .tensors()
        .iter()
        .filter(|tensor| tensor.shape().len() == 4);
    match (images.next(), images.next()) {
        (Some(only), None) => Ok(only),
        _ => Ok(file.select(None)?),
    }
}

/// Class indices in the same file, one for each image.
fn labels_of(file: &TensorFile, images: &FileTensor) -> Option<Vec<u32>> {
    let fits = |tensor: &&FileTensor| {
        images
            .shape()
            .first()
            .is_some_and(|&count| tensor.shape() == [count])
            && matches!(
                TensorSummary::of(tensor).labels,
                Some(LabelSummary::Hard { .. })
            )
    };
    let labels = file.tensors().iter().find(fits)?.to_i64().ok()?;
    labels
        .into_iter()
        .map(|label| u32::try_from(label).ok())
        .collect()
}
