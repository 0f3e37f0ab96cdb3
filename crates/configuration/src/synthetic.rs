//! `[synthetic]` and `[[compare]]`: distilled sets.

use std::path::PathBuf;

use ddrank_data::synthetic::PictureOrder;
use ddrank_keys::{Documented, Key, KeyError, PathText, Value, kind_of, one_of, one_up_to};

use crate::labels::LabelRows;
use crate::section::{Checked, Section};

const IMAGES: Key<PathText> = Key::optional(
    "images",
    "needed",
    "tensor file (`.pt`, `.pth`, `.safetensors`, `.npy`, `.npz`) with `[count, channels, height, width]`, already normalised or whitened and used as it is; or an image folder `<class>/<file>`, which is prepared like the real images. Folders with the names of the dataset's classes get their labels; of others the numbers 0 to n - 1 are the labels (`7`, `class_7`), else the places in the sorted names, which is said",
);
const IMAGES_KEY: Key<String> = Key::optional(
    "images_key",
    "the one that fits",
    "which tensor, if the file holds several",
);
const LABELS: Key<PathText> = Key::optional(
    "labels",
    "beside the images, else class order",
    "a tensor file: class indices `[count]`, or rows `[count, classes]`: in the label mode `hard` the class is the largest value of the row, in the mode `single` rows are the soft labels and the class is that of the image's folder or place. Without it, a tensor beside the images that has as many labels of every class is used; without one, images are class-major: `ipc` of class 0, then `ipc` of class 1, …",
);
const LABELS_KEY: Key<String> = Key::optional(
    "labels_key",
    "none",
    "which tensor of the labels file; without `labels`, of the images' file",
);
const PICTURE_ORDER: Key<Order> = Key::optional(
    "picture_order",
    "must not matter",
    "in which order the pictures of an image folder were when the labels file was written: `\"text\"` (names sorted as text: Python's `sorted`, `ImageFolder`, `ddrank relabel`), `\"numbers\"` (`2.png` before `10.png`) or `\"classes\"` (class after class by label, files as text). Needed where these orders would give pictures other labels",
)
.of("`\"text\"`, `\"numbers\"`, `\"classes\"`");
const LABELS_ROWS: Key<LabelRows> = Key::optional(
    "labels_rows",
    "found by looking",
    "what the rows of stored soft labels are, in the label mode `single`. Of `probabilities` the logarithms are used, where 0 counts as the smallest normal single float (its logarithm is -87.3); so one-hot rows are hard labels as soft ones. `logits` and `log-probabilities` are used as they are. Without the key, rows that sum to 1 and look like probabilities are refused",
)
.of("`\"logits\"`, `\"probabilities\"`, `\"log-probabilities\"`");
const LEARNING_RATE: Key<Rate> = Key::optional(
    "learning_rate",
    "the best of the grid",
    "the method's own learning rate, a number or a file with one number",
)
.of("a positive number or a path");
const LEARNING_RATE_KEY: Key<String> = Key::optional(
    "learning_rate_key",
    "none",
    "which tensor of the file of `learning_rate`; without that, of the images' file",
);
const IPC: Key<usize> = one_up_to!(Key::needed("ipc", "images per class"), 1_000_000);
const NAME: Key<String> = Key::needed(
    "name",
    "names its arm, `set-NAME`: letters, digits, `-`, `_` and `.`",
);

/// The keys of `[synthetic]`.
pub(crate) const KEYS: &[&dyn Documented] = &[
    &IMAGES,
    &IMAGES_KEY,
    &LABELS,
    &LABELS_KEY,
    &LABELS_ROWS,
    &PICTURE_ORDER,
    &LEARNING_RATE,
    &LEARNING_RATE_KEY,
    &IPC,
];

/// The keys of each `[[compare]]`.
pub(crate) const COMPARE_KEYS: &[&dyn Documented] = &[
    &NAME,
    &IMAGES,
    &IMAGES_KEY,
    &LABELS,
    &LABELS_KEY,
    &LABELS_ROWS,
    &PICTURE_ORDER,
    &LEARNING_RATE,
    &LEARNING_RATE_KEY,
];

/// A distilled set to compare with.
#[derive(Clone, Debug)]
pub struct NamedSet {
    /// Names its arm.
    pub name: String,
    /// Its files.
    pub set: SyntheticSection,
}

/// A distilled set as configured.
#[derive(Clone, Debug)]
pub struct SyntheticSection {
    /// Tensor file or image folder; absent in a recipe whose paths are still to be given.
    pub images: Option<PathBuf>,
    /// Which tensor of a file with several.
    pub images_key: Option<String>,
    /// Labels file; absent means labels beside the images, or class-major hard labels.
    pub labels: Option<PathBuf>,
    /// Which tensor of the labels file, or without one of the images' file.
    pub labels_key: Option<String>,
    /// What the rows of soft labels are; absent means that it is found by looking.
    pub labels_rows: Option<LabelRows>,
    /// In which order the pictures of a folder were when the labels file was written.
    pub picture_order: Option<PictureOrder>,
    /// The method's own learning rate; absent means the grid.
    pub learning_rate: Option<LearningRateSource>,
    /// Images per class.
    pub ipc: usize,
}

/// A learning rate or the file that holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum LearningRateSource {
    /// Given as a number.
    Value(f64),
    /// A tensor file with one element.
    File(PathBuf),
    /// The tensor of this name, of this file or without one of the images' file.
    Tensor {
        /// The file.
        file: Option<PathBuf>,
        /// The name of the tensor.
        key: String,
    },
}

/// A learning rate as it is written.
enum Rate {
    Value(f64),
    File(String),
}

impl Value for Rate {
    const KIND: &'static str = "a number or a path";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        match value {
            toml::Value::String(file) => Ok(Self::File(file)),
            toml::Value::Float(_) | toml::Value::Integer(_) => {
                let rate = f64::read(value)?;
                if rate.is_finite() && rate > 0.0 {
                    return Ok(Self::Value(rate));
                }
                Err(KeyError::new(format!(
                    "{rate} is not a learning rate; expected a positive number"
                )))
            }
            other => Err(KeyError::new(format!(
                "expected a number or the path of a tensor file, found {}",
                kind_of(&other)
            ))),
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Value(rate) => rate.write(),
            Self::File(file) => format!("{file:?}"),
        }
    }
}

/// An order of pictures as it is written.
struct Order(PictureOrder);

impl Order {
    const ALL: [(&'static str, PictureOrder); 3] = [
        ("text", PictureOrder::Text),
        ("numbers", PictureOrder::Numbers),
        ("classes", PictureOrder::Classes),
    ];
}

impl Value for Order {
    const KIND: &'static str = "an order of pictures";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        one_of(&value, Self::KIND, Self::ALL.into_iter()).map(Self)
    }

    fn write(&self) -> String {
        let name = Self::ALL.iter().find(|(_, order)| *order == self.0);
        format!("{:?}", name.map_or("", |(name, _)| name))
    }
}

impl SyntheticSection {
    pub(crate) fn read(mut section: Section<'_>) -> Checked<Self> {
        let ipc = section.take(&IPC)?;
        Self::set(section, ipc)
    }

    fn set(mut section: Section<'_>, ipc: usize) -> Checked<Self> {
        let learning_rate = Self::learning_rate(&mut section)?;
        let read = Self {
            images: section.path(&IMAGES)?,
            images_key: section.given(&IMAGES_KEY)?,
            labels: section.path(&LABELS)?,
            labels_key: section.given(&LABELS_KEY)?,
            labels_rows: section.given(&LABELS_ROWS)?,
            picture_order: section.given(&PICTURE_ORDER)?.map(|Order(order)| order),
            learning_rate,
            ipc,
        };
        if read.labels.is_none() && read.picture_order.is_some() {
            return Err(section.error(
                PICTURE_ORDER.name(),
                "there is no `labels` file whose order this could be",
            ));
        }
        section.finish()?;
        Ok(read)
    }

    fn learning_rate(section: &mut Section<'_>) -> Checked<Option<LearningRateSource>> {
        let rate = section.given(&LEARNING_RATE)?;
        let file = |section: &Section<'_>, file: &str| section.resolve(LEARNING_RATE.name(), file);
        Ok(match (rate, section.given(&LEARNING_RATE_KEY)?) {
            (Some(Rate::Value(_)), Some(_)) => {
                return Err(section.error(
                    LEARNING_RATE_KEY.name(),
                    "`learning_rate` is a number, in which no tensor can be looked up; give one of the two",
                ));
            }
            (Some(Rate::Value(rate)), None) => Some(LearningRateSource::Value(rate)),
            (Some(Rate::File(path)), None) => Some(LearningRateSource::File(file(section, &path))),
            (Some(Rate::File(path)), Some(key)) => Some(LearningRateSource::Tensor {
                file: Some(file(section, &path)),
                key,
            }),
            (None, Some(key)) => Some(LearningRateSource::Tensor { file: None, key }),
            (None, None) => None,
        })
    }
}

/// The distilled sets to compare with, which have as many images per class.
pub(crate) fn compare(sections: Vec<Section<'_>>, ipc: usize) -> Checked<Vec<NamedSet>> {
    let mut sets: Vec<NamedSet> = Vec::new();
    for mut section in sections {
        let name = section.take(&NAME)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(allowed) {
            let message =
                format!("{name:?} cannot name an arm; use letters, digits, `-`, `_` and `.`");
            return Err(section.error(NAME.name(), message));
        }
        if sets.iter().any(|set| set.name == name) {
            return Err(section.error(NAME.name(), format!("`{name}` names two sets")));
        }
        let set = SyntheticSection::set(section, ipc)?;
        sets.push(NamedSet { name, set });
    }
    Ok(sets)
}
