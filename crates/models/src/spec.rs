//! The full description of a model, and building it.

use std::fmt;

use burn::tensor::Device;
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::blueprint::Blueprint;
use crate::initialise::Initialiser;
use crate::input_shape::InputShape;
use crate::model_error::ModelError;
use crate::name::ModelName;
use crate::network::Network;
use crate::options::{Activation, OptionDescription, Pooling, Source, Width};

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
    /// Channels of each convolution of a ConvNet (128).
    pub width: Width,
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
    #[serde(default)]
    width: Width,
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

impl ModelSpec {
    /// The model of that name as the reference builds it: the name's default source, width 128, ReLU, average pooling.
    #[must_use]
    pub fn new(name: ModelName) -> Self {
        Self {
            name,
            source: name.default_source(),
            width: Width::default(),
            activation: Activation::default(),
            pooling: Pooling::default(),
        }
    }

    /// Builds the network on `device`, with weights drawn from `generator` on the host by the rules of PyTorch and
    /// torchvision. A seed gives the same weights on every device and platform.
    ///
    /// On an autodiff device the parameters are ready to be trained.
    ///
    /// # Errors
    ///
    /// When the source does not have the model, when `width`, `activation` or `pooling` are set for another family than
    /// ConvNet, and when the numbers cannot make a network: fewer than two classes, a width or a side of zero, a width
    /// that the normalisation cannot divide into groups, images of a size that the architecture does not take, more
    /// weights than [`MOST_WEIGHTS`](Self::MOST_WEIGHTS).
    pub fn build<R: Rng + ?Sized>(
        &self,
        input: InputShape,
        classes: usize,
        generator: &mut R,
        device: &Device,
    ) -> Result<Network, ModelError> {
        // Counted first: what is too large is refused before any of it is allocated.
        self.weights(input, classes, generator, device)?;
        let initialiser = &mut Initialiser::new(generator, device);
        self.build_with(input, classes, initialiser)
    }

    /// The most weights that a network can have: with their gradients they take 32 GiB.
    pub const MOST_WEIGHTS: u64 = 1 << 32;

    /// How many numbers a network of this model holds, buffers included. None of them is made, and nothing is drawn from
    /// the generator.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn weights<R: Rng + ?Sized>(
        &self,
        input: InputShape,
        classes: usize,
        generator: &mut R,
        device: &Device,
    ) -> Result<u64, ModelError> {
        let mut counting = Initialiser::counting(generator, device);
        self.build_with(input, classes, &mut counting)?;
        let (weights, most) = (counting.count(), Self::MOST_WEIGHTS);
        if weights > most {
            return Err(ModelError::TooLarge {
                name: self.name,
                input,
                weights,
                most,
            });
        }
        Ok(weights)
    }

    /// Whether this is torchvision's plain network of a name and an image size for which DD-Ranking's name has changed first
    /// layers.
    #[must_use]
    pub fn is_plain_torchvision(&self, input: InputShape) -> bool {
        self.name.is_torchvisions() && input.is_small()
    }

    fn build_with<R: Rng + ?Sized>(
        &self,
        input: InputShape,
        classes: usize,
        initialiser: &mut Initialiser<'_, R>,
    ) -> Result<Network, ModelError> {
        let (name, width) = (self.name, self.width);
        let model = name
            .family()
            .of(self.source)
            .filter(|model| name.sources().contains(&model.source()))
            .ok_or_else(|| ModelError::source(name, self.source))?;
        if !model.definition().has_options {
            self.check_options()?;
        }
        if classes < 2 {
            return Err(ModelError::Classes { name, classes });
        }
        if !width.is_possible() {
            return Err(ModelError::Width { name, width });
        }
        if input.is_empty() {
            return Err(ModelError::EmptyInput { name, input });
        }
        let blueprint = Blueprint {
            depth: name.depth().unwrap_or(0),
            normalisation: name.normalisation(),
            width,
            activation: self.activation,
            pooling: self.pooling,
            input,
            has_small_stem: input.is_small() && !name.is_torchvisions(),
            classes,
        };
        model.build(&blueprint, initialiser).map_err(|misfit| {
            let images = model.definition().images;
            ModelError::misfit(misfit, name, &blueprint, images)
        })
    }

    /// Refuses options that would be ignored.
    fn check_options(&self) -> Result<(), ModelError> {
        let plain = Self::new(self.name);
        let refused = [
            (Width::KEY, self.width != plain.width),
            (Activation::KEY, self.activation != plain.activation),
            (Pooling::KEY, self.pooling != plain.pooling),
        ];
        match refused.into_iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => Err(ModelError::Option {
                name: self.name,
                key,
            }),
            None => Ok(()),
        }
    }

    /// Whether `width`, `activation` and `pooling` mean anything for it.
    #[must_use]
    pub const fn has_width(&self) -> bool {
        self.name.family().definition().has_options
    }

    /// The keys besides the name, as documentation shows them.
    #[must_use]
    pub fn options() -> [OptionDescription; 4] {
        [
            Source::description(),
            Width::description(),
            Activation::description(),
            Pooling::description(),
        ]
    }
}

/// The model in a line for readers: `ConvNet-3, width 128`, or `ResNet-18, as in torchvision` where there are no options.
impl fmt::Display for ModelSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.family().definition().has_options {
            write!(formatter, "{}, width {}", self.name, self.width)
        } else {
            write!(formatter, "{}, as in {}", self.name, self.source)
        }
    }
}
