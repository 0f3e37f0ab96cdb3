//! `[dataset]`: the real data.

use std::path::PathBuf;

use ddrank_data::{DatasetName, GeometryStep, Normalisation, Size, ZcaVariant};
use ddrank_keys::{Documented, Key, KeyError, PathText, Value, one_of, refusal, shown};

use crate::section::{Checked, Section};

const NAME: Key<DatasetWord> = Key::needed("name", "one of the names below").of("a dataset's name");
const ROOT: Key<PathText> =
    Key::optional("root", "needed but for `demo`", "the folder with the files");
const SIZE: Key<[usize; 2]> = Key::optional(
    "size",
    "the dataset's own",
    "the size of the images that a network sees: all are resized to it (antialiased bilinear, both sides), unless `transform` says how",
)
.where_(
    "`[height, width]`, each a whole number of at least 1 and at most 8192",
    |sides| sides.iter().all(|side| (1..=Size::LARGEST_SIDE).contains(side)),
);
const TRANSFORM: Key<Vec<Step>> = Key::optional(
    "transform",
    "a resize of both sides",
    "how pictures that no augmentation touches are brought to their size: steps in order, of `{ name = \"resize\", size = … }` (one number is the shorter side) and `{ name = \"center-crop\", size = … }`",
)
.of("a list of steps such as `[{ name = \"resize\", size = 32 }]`");
const MEAN: Key<Vec<f64>> = Key::optional(
    "mean",
    "the dataset's own",
    "one number a channel, for pixels scaled to 0..1; needs `std` beside it. CIFAR-100 uses CIFAR-10's statistics, like the reference",
)
.of("a list of numbers, one a channel");
const STD: Key<Vec<f64>> = Key::optional(
    "std",
    "the dataset's own",
    "the same for the standard deviation",
)
.of("a list of numbers, one a channel");
const ZCA: Key<Whitening> = Key::new(
    "zca",
    || Whitening(None),
    "whitening instead of normalisation: `\"kornia\"`, `\"relative\"`, `{ variant = \"kornia\", eps = 0.1 }`, `{ variant = \"relative\", strength = 0.1 }`",
);
const TRAIN_LIMIT: Key<usize> = Key::optional(
    "train_limit",
    "none",
    "use only the first so many training images; the report says so",
)
.at_least_one();
const TEST_LIMIT: Key<usize> = Key::optional(
    "test_limit",
    "none",
    "use only the first so many test images; the report says so",
)
.at_least_one();

pub(crate) const KEYS: &[&dyn Documented] = &[
    &NAME,
    &ROOT,
    &SIZE,
    &TRANSFORM,
    &MEAN,
    &STD,
    &ZCA,
    &TRAIN_LIMIT,
    &TEST_LIMIT,
];

/// The real dataset as configured.
#[derive(Clone, Debug)]
pub struct DatasetSection {
    /// Which dataset.
    pub name: DatasetName,
    /// Where its files are; absent for the built-in one, and in a recipe whose paths are still to be given.
    pub root: Option<PathBuf>,
    /// `(height, width)` of the images that a network sees; absent means the dataset's own.
    pub size: Option<(usize, usize)>,
    /// How images that no augmentation touches are brought to that size; absent means a resize of both sides.
    pub transform: Option<Vec<GeometryStep>>,
    /// Replaces the dataset's own mean and standard deviation.
    pub normalisation: Option<Normalisation>,
    /// Whitening instead of normalisation.
    pub zca: Option<ZcaVariant>,
    /// Use only the first so many training images.
    pub train_limit: Option<usize>,
    /// Use only the first so many test images.
    pub test_limit: Option<usize>,
}

impl DatasetSection {
    pub(crate) fn read(mut section: Section<'_>) -> Checked<Self> {
        let DatasetWord(name) = section.take(&NAME)?;
        let root = section.path(&ROOT)?;
        if root.is_some() && !name.has_files() {
            let message = format!("the {name} dataset is built in; remove this key");
            return Err(section.error(ROOT.name(), message));
        }
        let size = section.given(&SIZE)?.map(|[height, width]| (height, width));
        let transform = section.given(&TRANSFORM)?;
        let transform = transform.map(|steps| steps.into_iter().map(|Step(step)| step).collect());
        let Whitening(zca) = section.take(&ZCA)?;
        let read = Self {
            name,
            root,
            size,
            transform,
            normalisation: normalisation(&mut section, zca)?,
            zca,
            train_limit: section.given(&TRAIN_LIMIT)?,
            test_limit: section.given(&TEST_LIMIT)?,
        };
        section.finish()?;
        Ok(read)
    }
}

fn normalisation(
    section: &mut Section<'_>,
    zca: Option<ZcaVariant>,
) -> Checked<Option<Normalisation>> {
    let message = match (section.given(&MEAN)?, section.given(&STD)?) {
        (None, None) => return Ok(None),
        (Some(_), None) => Err((&MEAN, "`mean` needs `std` beside it")),
        (None, Some(_)) => Err((&STD, "`std` needs `mean` beside it")),
        (Some(_), Some(_)) if zca.is_some() => Err((
            &MEAN,
            "whitened images are not normalised; remove `mean` and `std`, or `zca`",
        )),
        (Some(mean), Some(std)) => Ok((mean, std)),
    };
    let (mean, std) = message.map_err(|(key, message)| section.error(key.name(), message))?;
    let floats = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
    let checked = Normalisation::new(floats(mean), floats(std));
    let checked = checked.map_err(|error| section.error(STD.name(), error.to_string()))?;
    Ok(Some(checked))
}

/// A dataset as a configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DatasetWord(DatasetName);

impl Value for DatasetWord {
    const KIND: &'static str = "a dataset";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let all = DatasetName::ALL.iter();
        one_of(
            &value,
            Self::KIND,
            all.map(|name| (name.as_str(), Self(*name))),
        )
    }

    fn write(&self) -> String {
        format!("{:?}", self.0.as_str())
    }
}

/// A step of a transform as a configuration writes it.
#[derive(Clone, Debug, PartialEq)]
struct Step(GeometryStep);

impl Value for Step {
    const KIND: &'static str = "a step such as { name = \"resize\", size = 32 }";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let Some(table) = value.as_table() else {
            return Err(refusal(&value, Self::KIND));
        };
        let names = ["resize", "center-crop"];
        match table.get("name") {
            None => return Err(refusal(&value, Self::KIND)),
            Some(name) => ddrank_keys::word(name, "a step", names.into_iter())
                .map_err(|error| error.below("name"))?,
        };
        if let Some(key) = table
            .keys()
            .find(|key| !["name", "size"].contains(&key.as_str()))
        {
            let message = format!("unknown field `{key}`, expected one of `name`, `size`");
            return Err(KeyError::at(key.clone(), message));
        }
        let written = value.clone();
        value.try_into().map(Self).map_err(|_: toml::de::Error| {
            let allowed = "a whole number from 1 to 8192, or two of them, [height, width]";
            match written.get("size") {
                Some(size) => refusal(size, allowed).below("size"),
                None => KeyError::new(format!("missing key `size`; expected {allowed}")),
            }
        })
    }

    fn write(&self) -> String {
        toml::Value::try_from(self.0).map_or_else(|_| self.0.to_string(), |step| step.to_string())
    }
}

/// How a configuration writes whitening.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Whitening(Option<ZcaVariant>);

impl Value for Whitening {
    const KIND: &'static str = "`false`, a variant's name or a table with `variant`";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let written = value.clone();
        let read = ZcaVariant::read(value);
        read.map(Self).map_err(|error| {
            let key = error.key().unwrap_or_default();
            KeyError::at(key, format!("{} is not allowed: {error}", shown(&written)))
        })
    }

    fn write(&self) -> String {
        self.0
            .map_or_else(|| "false".to_owned(), |variant| variant.to_string())
    }
}
