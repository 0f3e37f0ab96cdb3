//! `[agent]`, and the teachers of `[labels]`: a model, and for a teacher its checkpoint.

use std::path::PathBuf;

use ddrank_keys::{Documented, Key, KeyDoc, KeyError, PathText, Table, Value, nearest, refusal};
use ddrank_models::{ModelName, ModelNameError, ModelSpec, Width, models};
use serde::de::DeserializeOwned;

use crate::section::{Checked, Section};

const DEFAULT: &str = "ConvNet-3";

const MODEL: Key<NamedModel> = Key::optional(
    "model",
    "`\"ConvNet-3\"`; a teacher needs it",
    "one of the names below",
)
.of("a model's name");
// What these mean, and what holds without them, is said by the models themselves: see [`ModelOption`].
const SOURCE: Key<toml::Value> = Key::optional("source", "", "");
const WIDTH: Key<usize> = Key::optional("width", "", "")
    .where_("a whole number of at least 1 and at most 65536", |width| {
        (1..=Width::LARGEST.channels()).contains(width)
    });
const ACTIVATION: Key<toml::Value> = Key::optional("activation", "", "");
const POOLING: Key<toml::Value> = Key::optional("pooling", "", "");
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

/// A model's name; a wrong one is told with the one that was probably meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NamedModel(ModelName);

impl Value for NamedModel {
    const KIND: &'static str = "a model's name such as \"ConvNet-3\"";
    const IS_PLAIN: bool = false;
    const IS_TEXT: bool = true;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        if value.is_array() || value.is_table() {
            return Err(refusal(&value, Self::KIND));
        }
        let text = String::read(value)?;
        text.parse().map(Self).map_err(|error: ModelNameError| {
            let names = all_names();
            let meant = match nearest(&text, names.iter().map(String::as_str)) {
                Some(name) => format!("; did you mean \"{name}\"?"),
                None => String::new(),
            };
            KeyError::new(format!("{error}{meant}"))
        })
    }

    fn write(&self) -> String {
        format!("{:?}", self.0.to_string())
    }
}

/// All names of models, those of torchvision included.
fn all_names() -> Vec<String> {
    let mut names = Vec::new();
    for model in models() {
        names.extend(model.own_names.iter().map(|own| (*own).to_owned()));
        let family = model.family.to_string();
        let depths = model.depths.iter().map(|depth| format!("{family}-{depth}"));
        let depths: Vec<String> = match model.depths {
            [] => vec![family.clone()],
            _ => depths.collect(),
        };
        for name in depths {
            let norms = model.normalisations.iter();
            names.extend(norms.map(|norm| format!("{name}-{norm}")));
            names.push(name);
        }
    }
    names
}

/// An option that is one of a few words, which the models know.
fn option<T: DeserializeOwned>(
    table: &mut Table,
    key: &Key<toml::Value>,
    what: &str,
) -> Result<Option<T>, KeyError> {
    let Some(value) = table.given(key)? else {
        return Ok(None);
    };
    // Words that are read and never written are in no list.
    if let Ok(read) = value.clone().try_into() {
        return Ok(Some(read));
    }
    let options = ModelSpec::options();
    let option = options.iter().find(|option| option.key == key.name());
    let words = option.map_or(&[][..], |option| &option.choices);
    let refused = ddrank_keys::word(&value, what, words.iter().copied());
    let refused = refused.err().unwrap_or_else(|| KeyError::new(what));
    Err(refused.below(key.name()))
}

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
        let Some(NamedModel(name)) = table.given(&MODEL)? else {
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
        Some(NamedModel(name)) => name,
        None => DEFAULT
            .parse()
            .map_err(|_| section.error("model", "needs a name"))?,
    };
    model(name, section)
}

/// A teacher.
pub(crate) fn teacher(mut section: Section<'_>) -> Checked<TeacherSection> {
    let Some(NamedModel(name)) = section.given(&MODEL)? else {
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
    if let Some(source) = option(section, &SOURCE, "a source")? {
        spec.source = source;
    }
    if let Some(width) = section.given(&WIDTH)? {
        spec.width = width.into();
    }
    if let Some(activation) = option(section, &ACTIVATION, "an activation")? {
        spec.activation = activation;
    }
    if let Some(pooling) = option(section, &POOLING, "a pooling")? {
        spec.pooling = pooling;
    }
    Ok(spec)
}
