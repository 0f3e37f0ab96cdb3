//! DD-Ranking's own configurations (YAML or JSON) as ddrank's TOML.
//!
//! What cannot be carried over, or means something else here, becomes a notice and a comment in the text; what ddrank
//! does not offer is an error with its line. Files are untrusted: their size and nesting are limited, anchors, aliases
//! and tags are refused.
//!
//! ```
//! let yaml = "dataset: CIFAR10\nipc: 10\nmodel_name: ConvNet-3\neval_full_data: true\n";
//! let imported = ddrank_configuration::import::import_text("dc.yaml".as_ref(), yaml, None).unwrap();
//! assert!(imported.toml.contains("model = \"ConvNet-3\""));
//! ```

mod augmentation;
mod carry_over;
mod document;
mod error;
mod geometry;
mod imported;
mod keys;
mod labels;
mod metric;
mod reader;
mod training;
mod transform;
mod translation;

use std::path::Path;

use ddrank_files::read_regular_text;

use crate::{Configuration, Metric};

pub use error::ImportError;
pub use imported::Imported;

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

/// Reads a file and turns it into TOML. Without a metric, the keys decide.
///
/// # Errors
/// If the file cannot be read, is no regular file or is over a mebibyte; otherwise as [`import_text`].
pub fn import_file(path: &Path, metric: Option<Metric>) -> Result<Imported, ImportError> {
    let read = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let text = read_regular_text(path, LARGEST_FILE).map_err(read)?;
    import_text(path, &text, metric)
}

/// Turns YAML or JSON text into TOML; `path` names the text in messages and gives the experiment its name.
///
/// # Errors
/// If the text is not YAML, nests too deeply, has anchors, aliases or tags, has a value of a wrong type or one that
/// ddrank does not offer, or does not say which metric it is for and none is given. The message shows the line.
pub fn import_text(
    path: &Path,
    text: &str,
    metric: Option<Metric>,
) -> Result<Imported, ImportError> {
    let (document, repeated) = document::parse(path, text)?;
    let keys = keys::Keys::new(path, &document, repeated)?;
    let imported = carry_over::translate(keys, metric)?;
    // What is written must be readable: what the checks above let through is found here.
    let place = path.with_extension("toml");
    Configuration::parse(&place, &imported.toml, &[]).map_err(ImportError::Result)?;
    Ok(imported)
}
