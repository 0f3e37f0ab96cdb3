//! Training recipes by name: the reference's full-data table.

use std::str::FromStr;

use ddrank_data::DatasetName;
use ddrank_keys::{KeyError, Value, one_of};
use ddrank_models::ModelSpec;
use ddrank_optim::{AdamW, Cosine, Optimizer, Schedule, Sgd};

use crate::recipe::{SGD, step};

/// What stands for a key that a training table leaves out.
pub(crate) struct TrainingDefaults {
    pub(crate) epochs: u32,
    pub(crate) batch_size: usize,
    pub(crate) optimizer: Optimizer,
    pub(crate) schedule: Schedule,
    pub(crate) learning_rates: &'static [f64],
}

macro_rules! presets {
    ($($(#[$doc:meta])* $preset:ident = $name:literal,)+) => {
        /// A full-data recipe of the reference's table, by the reference's name. Its epochs, batch size and step are
        /// honoured here; the reference takes those of the evaluation instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Preset {
            $($(#[$doc])* $preset,)+
        }

        impl Preset {
            /// All presets.
            pub const ALL: &'static [Self] = &[$(Self::$preset),+];

            /// How configurations spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$preset => $name,)+
                }
            }
        }
    };
}

presets! {
    /// SGD, 90 epochs.
    ImageNetResNet18 = "ImageNet1K-ResNet-18-BN",
    /// AdamW, 100 epochs.
    TinyImageNetResNet18 = "TinyImageNet-ResNet-18-BN",
    /// SGD, 100 epochs.
    TinyImageNetConvNet4 = "TinyImageNet-ConvNet-4-BN",
    /// SGD, 200 epochs.
    Cifar10ConvNet3 = "CIFAR10-ConvNet-3",
    /// SGD, 200 epochs.
    Cifar10ConvNet3Bn = "CIFAR10-ConvNet-3-BN",
    /// SGD, 200 epochs.
    Cifar100ConvNet3 = "CIFAR100-ConvNet-3",
    /// SGD, 200 epochs.
    Cifar100ConvNet3Bn = "CIFAR100-ConvNet-3-BN",
}

/// A preset that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a preset; allowed: {known}", known = Preset::known())]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|preset| preset.name() == text);
        named.copied().ok_or_else(|| UnknownPreset(text.to_owned()))
    }
}

impl Preset {
    fn known() -> String {
        let names = Self::ALL
            .iter()
            .map(|preset| format!("\"{}\"", preset.name()));
        names.collect::<Vec<_>>().join(", ")
    }

    /// The table's recipe of this dataset and agent model; where it has none, that of ConvNets on CIFAR.
    pub fn default_for(dataset: DatasetName, agent: &ModelSpec) -> Self {
        let dataset = dataset.as_str().replace('-', "");
        let model = agent.name.to_string();
        let matching = |preset: &&Self| {
            let (of, with) = preset.name().split_once('-').unwrap_or_default();
            of.eq_ignore_ascii_case(&dataset) && with == model
        };
        let found = Self::ALL.iter().find(matching);
        found.copied().unwrap_or(Self::Cifar10ConvNet3)
    }

    /// Epochs between two tests of a full-data training, where a configuration does not say it.
    pub(crate) const TEST_INTERVAL: u32 = 10;

    /// The recipe.
    pub(crate) fn defaults(self) -> TrainingDefaults {
        let defaults = |epochs, optimizer, schedule, learning_rates| TrainingDefaults {
            epochs,
            batch_size: 512,
            optimizer,
            schedule,
            learning_rates,
        };
        match self {
            Self::ImageNetResNet18 => {
                let sgd = Optimizer::Sgd(Sgd {
                    momentum: 0.9,
                    weight_decay: 1e-4,
                });
                defaults(90, sgd, step(30), &[0.1])
            }
            Self::TinyImageNetResNet18 => {
                let adamw = Optimizer::AdamW(AdamW {
                    betas: [0.9, 0.999],
                    eps: 1e-8,
                    weight_decay: 0.01,
                });
                defaults(100, adamw, Schedule::Cosine(Cosine {}), &[0.01])
            }
            Self::TinyImageNetConvNet4 => defaults(100, SGD, step(50), &[0.01]),
            Self::Cifar10ConvNet3
            | Self::Cifar10ConvNet3Bn
            | Self::Cifar100ConvNet3
            | Self::Cifar100ConvNet3Bn => defaults(200, SGD, step(100), &[0.01]),
        }
    }
}

impl Value for Preset {
    const KIND: &'static str = "a preset";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let all = Self::ALL.iter().map(|preset| (preset.name(), *preset));
        one_of(&value, Self::KIND, all)
    }

    fn write(&self) -> String {
        format!("{:?}", self.name())
    }
}

impl std::fmt::Display for Preset {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
