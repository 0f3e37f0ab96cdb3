//! What looks wrong about a distilled set without being impossible.
use std::fmt;
use std::path::PathBuf;

/// Something suspicious; the message says what was seen and what is usual.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum DataWarning {
    /// All pixels are between 0 and 255, some far above any normalised value.
    LooksLikeBytes {
        /// The smallest value.
        min: f32,
        /// The largest value.
        max: f32,
    },
    /// All pixels are between 0 and 1.
    LooksLikeUnitRange {
        /// The smallest value.
        min: f32,
        /// The largest value.
        max: f32,
    },
    /// The classes do not have the same number of images.
    NotBalanced {
        /// Images of each class.
        histogram: Vec<usize>,
        /// Images per class that were expected.
        ipc: usize,
    },
    /// Rows of soft labels whose largest value appears more than once.
    TiedLabels {
        /// How many rows.
        rows: usize,
        /// The first of them.
        first: usize,
    },
    /// Files in the image folder that are not images of the layout, and were left out.
    OddFiles {
        /// How many.
        count: usize,
        /// The first ten.
        paths: Vec<PathBuf>,
    },
}

impl fmt::Display for DataWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooksLikeBytes { min, max } => write!(
                f,
                "the images look like raw pixels: all values are between {min} and {max}. A tensor file is used as it is; \
                 expected are normalised (or whitened) values around 0"
            ),
            Self::LooksLikeUnitRange { min, max } => write!(
                f,
                "the images look un-normalised: all values are between {min} and {max}. A tensor file is used as it is; \
                 expected are normalised (or whitened) values around 0"
            ),
            Self::NotBalanced { histogram, ipc } => {
                write!(
                    f,
                    "the labels do not have {ipc} images of every class; class: count ="
                )?;
                let odd: Vec<_> = histogram
                    .iter()
                    .enumerate()
                    .filter(|&(_, n)| n != ipc)
                    .collect();
                for (place, (class, count)) in odd.iter().take(20).enumerate() {
                    write!(f, "{} {class}: {count}", if place == 0 { "" } else { "," })?;
                }
                let rest = odd.len().saturating_sub(20);
                if rest > 0 {
                    write!(f, " and {rest} more classes")?;
                }
                Ok(())
            }
            Self::TiedLabels { rows, first } => write!(
                f,
                "{rows} rows of soft labels (the first is row {first}) have no single largest value; their hard label is \
                 the first of the largest"
            ),
            Self::OddFiles { count, paths } => {
                write!(
                    f,
                    "{count} files are not used (expected <class>/<image file>):"
                )?;
                for (place, path) in paths.iter().enumerate() {
                    write!(
                        f,
                        "{} {}",
                        if place == 0 { "" } else { "," },
                        path.display()
                    )?;
                }
                if *count > paths.len() {
                    write!(f, ", ...")?;
                }
                Ok(())
            }
        }
    }
}
