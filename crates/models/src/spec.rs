//! The full description of a model, and building it.

use std::fmt;

use burn::tensor::Device;
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::initialise::Initialiser;
use crate::name::ModelName;
use crate::network::Network;
use crate::source::Source;

/// The non-linearity after each normalisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0).
    #[default]
    Relu,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// x, times 0.01 where negative.
    #[serde(alias = "leakyrelu")]
    LeakyRelu,
}

/// The pooling at the end of each block, 2×2 with stride 2; odd sizes lose their last row or column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Mean of the four values.
    #[default]
    #[serde(alias = "avgpooling")]
    Average,
    /// Largest of the four values.
    #[serde(alias = "maxpooling")]
    Max,
    /// No pooling; the map keeps its size.
    None,
}

/// The shape of one input image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShape {
    /// Number of channels, 3 for colour images.
    pub channels: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
}

impl fmt::Display for InputShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} channels of {} x {} pixels",
            self.channels, self.height, self.width
        )
    }
}

/// A model: its name and the options that names do not carry.
///
/// In a configuration only `name` is required; the defaults of the other keys are the reference's fixed values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "SpecTable")]
pub struct ModelSpec {
    /// The model's name.
    pub name: ModelName,
    /// Whose definition of the family (`ddranking`, or `torchvision` where only that has the model).
    #[serde(skip_serializing_if = "Source::is_default")]
    pub source: Source,
    /// Number of channels of each convolution of a ConvNet (128).
    pub width: usize,
    /// Non-linearity of a ConvNet (ReLU).
    pub activation: Activation,
    /// Pooling of a ConvNet (average).
    pub pooling: Pooling,
}

/// A [`ModelSpec`] as it is written: the default of `source` depends on the name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecTable {
    name: ModelName,
    source: Option<Source>,
    #[serde(default = "default_width")]
    width: usize,
    #[serde(default)]
    activation: Activation,
    #[serde(default)]
    pooling: Pooling,
}

impl From<SpecTable> for ModelSpec {
    fn from(table: SpecTable) -> Self {
        Self {
            name: table.name,
            source: table.source.unwrap_or_else(|| table.name.default_source()),
            width: table.width,
            activation: table.activation,
            pooling: table.pooling,
        }
    }
}

const fn default_width() -> usize {
    128
}

impl ModelSpec {
    /// The model of that name as the reference builds it: the name's default source, width 128, ReLU, average pooling.
    #[must_use]
    pub fn new(name: ModelName) -> Self {
        Self {
            name,
            source: name.default_source(),
            width: default_width(),
            activation: Activation::default(),
            pooling: Pooling::default(),
        }
    }

    /// Builds the network on `device`, with weights drawn from `generator` by PyTorch's default rule (see
    /// [`Initialiser`]).
    ///
    /// On an autodiff device the parameters are ready to be trained.
    ///
    /// # Errors
    ///
    /// When the source does not have the model, when `width`, `activation` or `pooling` are set for another family than
    /// ConvNet, and when the numbers cannot make a network: fewer than two classes, a width or a side of zero, a width
    /// that the normalisation cannot divide into groups, images of a size that the architecture does not take.
    pub fn build<R: Rng + ?Sized>(
        &self,
        input: InputShape,
        classes: usize,
        generator: &mut R,
        device: &Device,
    ) -> Result<Network, ModelError> {
        if !self.name.sources().contains(&self.source) {
            return Err(ModelError::source(self.name, self.source));
        }
        self.check_options()?;
        if classes < 2 {
            return Err(ModelError::Classes {
                name: self.name,
                classes,
            });
        }
        if self.width == 0 {
            return Err(ModelError::Width {
                name: self.name,
                width: self.width,
            });
        }
        if input.channels == 0 || input.height == 0 || input.width == 0 {
            return Err(ModelError::EmptyInput {
                name: self.name,
                input,
            });
        }
        let mut initialiser = Initialiser::new(generator, device);
        self.name
            .family()
            .build(self, input, classes, &mut initialiser)
    }

    /// Refuses options that the family would ignore.
    fn check_options(&self) -> Result<(), ModelError> {
        if self.name.family().has_options() {
            return Ok(());
        }
        let plain = Self::new(self.name);
        let refused = [
            ("width", self.width != plain.width),
            ("activation", self.activation != plain.activation),
            ("pooling", self.pooling != plain.pooling),
        ];
        match refused.into_iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => Err(ModelError::Option {
                name: self.name,
                key,
            }),
            None => Ok(()),
        }
    }
}

/// A model that cannot be built from the given numbers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The source has no such model.
    #[error("{name}: there is none with source {source:?}; {what} exists with source {known}", source = asked.as_str())]
    Source {
        /// The model.
        name: ModelName,
        /// The source asked for.
        asked: Source,
        /// The family, or the name where it belongs to one source.
        what: String,
        /// The sources that have it.
        known: String,
    },
    /// An option of another family.
    #[error("{name}: {key} is an option of ConvNet models only; leave it out")]
    Option {
        /// The model.
        name: ModelName,
        /// The option: `width`, `activation` or `pooling`.
        key: &'static str,
    },
    /// Fewer than two classes.
    #[error("{name}: {classes} classes; a classifier needs at least 2")]
    Classes {
        /// The model.
        name: ModelName,
        /// The number asked for.
        classes: usize,
    },
    /// A width of zero.
    #[error("{name}: width {width}; it must be at least 1")]
    Width {
        /// The model.
        name: ModelName,
        /// The width asked for.
        width: usize,
    },
    /// A width that does not divide into the groups of the normalisation.
    #[error(
        "{name}: width {width} cannot be divided into {groups} groups; use a multiple of {groups}"
    )]
    Groups {
        /// The model.
        name: ModelName,
        /// The width asked for.
        width: usize,
        /// The number of groups.
        groups: usize,
    },
    /// An image without channels, rows or columns.
    #[error("{name}: input of {input}; every number must be at least 1")]
    EmptyInput {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
    },
    /// Images that pooling shrinks to nothing.
    #[error(
        "{name}: {input} are too small for {poolings} poolings; both sides must be at least {minimum} pixels"
    )]
    TooSmall {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
        /// The number of 2×2 poolings.
        poolings: usize,
        /// The smallest side that works.
        minimum: usize,
    },
    /// Images of a size that the architecture does not take.
    #[error("{name}: {input} do not fit; it takes images of {allowed}")]
    Size {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
        /// The sizes that work.
        allowed: &'static str,
    },
}

impl ModelError {
    pub(crate) fn source(name: ModelName, source: Source) -> Self {
        let known: Vec<String> = name
            .sources()
            .iter()
            .map(|known| format!("{:?}", known.as_str()))
            .collect();
        Self::Source {
            name,
            asked: source,
            what: if name.sources() == name.family().sources() {
                name.family().to_string()
            } else {
                name.to_string()
            },
            known: known.join(" or "),
        }
    }
}
