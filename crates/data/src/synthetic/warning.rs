//! What looks wrong about a distilled set without being impossible.
use std::fmt;
use std::path::PathBuf;

/// Something suspicious; the message says what was seen and what is usual.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum DataWarning {
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
    /// Images of one plane were used for every channel.
    Grey {
        /// The shape of the tensor.
        shape: Vec<usize>,
        /// Channels of the dataset.
        channels: usize,
    },
    /// Tensors beside the images that could be labels, but do not have as many images of every class, and are not used.
    LabelsBeside {
        /// The first of them.
        names: String,
    },
    /// Labels of a tensor that are not those of the pictures' folders.
    OtherThanFolders {
        /// How many.
        images: usize,
        /// Of how many.
        of: usize,
    },
    /// Class folders are the labels as numbers, and would have others sorted as text.
    NumbersAreLabels {
        /// Both readings of the first names.
        readings: String,
    },
    /// Class folders have neither names of the dataset nor numbers that are labels.
    LabelledByPlace {
        /// Number of classes.
        classes: usize,
        /// The first folders and the names of the classes that they are taken for.
        first: Vec<(String, String)>,
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
            Self::Grey { shape, channels } => write!(
                f,
                "the images are grey ({shape:?}); their one plane is used for each of the {channels} channels"
            ),
            Self::LabelsBeside { names } => write!(
                f,
                "the images are taken in class order, but beside them in the file lies what could be labels: {names}. If it \
                 is, name it with `labels_key`"
            ),
            Self::OtherThanFolders { images, of } => write!(
                f,
                "{images} of {of} labels are not those of the class folders that their pictures are in; the labels are used"
            ),
            Self::NumbersAreLabels { readings } => write!(
                f,
                "the numbers of the class folders are the labels, which sorting them as text (as torchvision's ImageFolder \
                 does) would change: {readings}"
            ),
            Self::LabelledByPlace { classes, first } => {
                write!(
                    f,
                    "the class folders have neither the names of the dataset's classes nor the numbers 0 to {}; their labels \
                     are their places in the sorted names:",
                    classes - 1
                )?;
                for (place, (folder, class)) in first.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(f, "{comma} `{folder}` is `{class}`")?;
                }
                Ok(())
            }
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
