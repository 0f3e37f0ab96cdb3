//! What is in a tensor file or an image folder: shapes, statistics, class counts, and a picture of the images.

mod error;
mod folder;
mod folder_grid;
mod grid;
mod inspection;
mod statistics;
mod table;

pub use error::InspectError;
pub use folder::{ClassSummary, FolderInspection, ImageSize};
pub use folder_grid::draw_folder_grid;
pub use grid::{GridOptions, GridPixels, GridSummary, draw_grid, draw_tensor_grid};
pub use inspection::{FileInspection, InspectOptions, Inspection, inspect};
pub use statistics::{Histogram, LabelSummary, RowKind, TensorSummary};
