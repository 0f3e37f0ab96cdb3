//! `[agent]`, and the teachers of `[labels]`: a model, and for a teacher its checkpoint.

use std::path::PathBuf;

use ddrank_keys::{Described, Documented, Key, KeyDoc, KeyError, Parsed, PathText, Table};
use ddrank_models::{Activation, ModelName, ModelSpec, Pooling, Source};

use crate::section::{Checked, Section};

const DEFAULT: &str = "ConvNet-3";

const MODEL: Key<Parsed<ModelName>> = Key::optional(
    "model",
    "`\"ConvNet-3\"`; a teacher needs it",
    "one of the names below",
)
.of("a model's name");
// What these mean, and what holds without them, is said by the models themselves: see [`ModelOption`].
const SOURCE: Key<Described<Source>> = Key::optional("source", "", "");
const WIDTH: Key<usize> = Key::optional("width", "", "").at_least_one();
const ACTIVATION: Key<Described<Activation>> = Key::optional("activation", "", "");
const POOLING: Key<Described<Pooling>> = Key::optional("pooling", "", "");
const WEIGHTS: Key<PathText> = Key::optional(
    "weights",
    "none",
    "teachers only, and needed by them: the checkpoint (`.pt`, `.pth`, `.safetensors`, with DD-Ranking's or torchvision's names)",
);
const WEIGHTS_KEY: Key<String> = Key::optional(
    "weights_key",
    "the one state dict that fits",
    "teachers only: which state dict of a checkpoint that holds several, such as `ema`: what stands in front of its names; `\"\"` is the file's top",
);

/// An option of models, as `ddrank_models` describes it.
struct ModelOption(&'static str);

impl Documented for ModelOption {
    fn doc(&self) -> KeyDoc {
        let mut options = ModelSpec::options().into_iter();
        let option = options.find(|option| option.key == self.0);
        let (values, default, meaning) = option.map_or_else(Default::default, |option| {
            let words = option.choices.iter().map(|word| format!("`\"{word}\"`"));
            let values = match words.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => WIDTH.allowed().to_owned(),
                words => words,
            };
            (values, option.default, option.meaning)
        });
        KeyDoc {
            name: self.0,
            values,
            default,
            meaning,
        }
    }
}

/// The keys of `[agent]` and of each of `labels.teachers`.
pub(crate) const KEYS: &[&dyn Documented] = &[
    &MODEL,
    &ModelOption(SOURCE.name()),
    &ModelOption(WIDTH.name()),
    &ModelOption(ACTIVATION.name()),
    &ModelOption(POOLING.name()),
    &WEIGHTS,
    &WEIGHTS_KEY,
];

/// One teacher as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct TeacherSection {
    /// Its architecture.
    pub model: ModelSpec,
    /// Its checkpoint; absent in a recipe whose paths are still to be given.
    pub weights: Option<PathBuf>,
    /// Which of the state dicts in it.
    pub weights_key: Option<String>,
}

impl TeacherSection {
    /// A teacher as a command line names it, with the keys and defaults of `labels.teachers`: from a table such as
    /// `{ model = "ConvNet-3", weights = "teacher.pt" }`. The path is as it was typed.
    ///
    /// # Errors
    /// If a key is missing, unknown or wrong.
    pub fn of_table(table: toml::Table) -> Result<Self, KeyError> {
        let mut table = Table::new(table);
        let Some(Parsed(name)) = table.given(&MODEL)? else {
            return Err(KeyError::new("this teacher has no `model`"));
        };
        let Some(PathText(weights)) = table.given(&WEIGHTS)? else {
            return Err(KeyError::new("this teacher has no `weights`"));
        };
        let weights_key = table.given(&WEIGHTS_KEY)?;
        let model = with_options(name, &mut table)?;
        table.finish()?;
        Ok(Self {
            model,
            weights: Some(weights.into()),
            weights_key,
        })
    }
}

/// The agent model; `why` says why it has no weights.
pub(crate) fn agent(mut section: Section<'_>, why: &str) -> Checked<ModelSpec> {
    section.refuse(&WEIGHTS, why)?;
    section.refuse(&WEIGHTS_KEY, why)?;
    let name = match section.given(&MODEL)? {
        Some(Parsed(name)) => name,
        None => DEFAULT
            .parse()
            .map_err(|_| section.error("model", "needs a name"))?,
    };
    model(name, section)
}

/// A teacher.
pub(crate) fn teacher(mut section: Section<'_>) -> Checked<TeacherSection> {
    let Some(Parsed(name)) = section.given(&MODEL)? else {
        return Err(section.error("", "this teacher has no `model`"));
    };
    let weights = section.path(&WEIGHTS)?;
    let weights_key = section.given(&WEIGHTS_KEY)?;
    Ok(TeacherSection {
        model: model(name, section)?,
        weights,
        weights_key,
    })
}

fn model(name: ModelName, mut section: Section<'_>) -> Checked<ModelSpec> {
    let spec = section.read(|table| with_options(name, table))?;
    section.finish()?;
    Ok(spec)
}

/// The model of that name with the options of a table.
fn with_options(name: ModelName, section: &mut Table) -> Result<ModelSpec, KeyError> {
    let mut spec = ModelSpec::new(name);
    if let Some(Described(source)) = section.given(&SOURCE)? {
        spec.source = source;
    }
    if let Some(width) = section.given(&WIDTH)? {
        spec.width = width.into();
    }
    if let Some(Described(activation)) = section.given(&ACTIVATION)? {
        spec.activation = activation;
    }
    if let Some(Described(pooling)) = section.given(&POOLING)? {
        spec.pooling = pooling;
    }
    Ok(spec)
}
