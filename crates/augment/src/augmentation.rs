//! The augmentations that a training can use: the table of all of them, and how a configuration names them.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Choice, Ingredient, KeyError, Table, Value, read_named, shown};
use rand::Rng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::AugmentationError;
use crate::mixing::Mixing;
use crate::ragged;
use crate::transform::Transform;

macro_rules! augmentations {
    ($($name:literal => $variant:ident in $file:ident,)+) => {
        $(pub use crate::$file::$variant;)+

        /// A batch augmentation, chosen by `name` in a configuration.
        ///
        /// A configuration writes a name, one table (`name = "cutmix"`, `beta = 1.0`), a list of these, or a table with
        /// `transforms`, such a list; lists are a [`Sequence`]. Unknown names and keys and values out of range are errors
        /// that name them. What each one is and its keys are among the [`choices`](Ingredient::choices).
        ///
        /// Trial keys hash its serialised form: a table with `name` and the augmentation's own keys.
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Augmentation {
            /// `none`: images stay as they are.
            #[default]
            #[serde(rename = "none")]
            None,
            $(
                #[doc = concat!("`", $name, "`: see [`", stringify!($variant), "`](crate::", stringify!($variant), ").")]
                #[serde(rename = $name)]
                $variant($variant),
            )+
        }

        /// The random numbers of one batch for the [`Augmentation`] of the same name.
        #[derive(Clone, Debug, PartialEq)]
        pub enum AugmentationDraws {
            /// Of [`Augmentation::None`]: nothing.
            None,
            $(
                #[doc = concat!("Of [`Augmentation::", stringify!($variant), "`].")]
                $variant(<$variant as Transform>::Draws),
            )+
        }

        impl Ingredient for Augmentation {
            const WHAT: &'static str = "an augmentation";

            fn choices() -> Vec<Choice> {
                vec![
                    Choice { name: NONE, meaning: "nothing: images stay as they are", keys: &[] },
                    $(Choice { name: $name, meaning: $variant::MEANING, keys: $variant::KEYS },)+
                ]
            }

            fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError> {
                match name {
                    NONE => Ok(Self::None),
                    $($name => $variant::read(table).map(Self::$variant).map_err(|error| of($name, error)),)+
                    other => Err(KeyError::new(format!("`{other}` is not an augmentation"))),
                }
            }
        }

        impl Transform for Augmentation {
            type Draws = AugmentationDraws;

            fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> AugmentationDraws {
                match self {
                    Self::None => AugmentationDraws::None,
                    $(Self::$variant(transform) => AugmentationDraws::$variant(transform.draw(shape, generator)),)+
                }
            }

            fn apply(&self, images: Tensor<4>, draws: &AugmentationDraws) -> Tensor<4> {
                match (self, draws) {
                    (Self::None, AugmentationDraws::None) => images,
                    $((Self::$variant(transform), AugmentationDraws::$variant(draws)) => transform.apply(images, draws),)+
                    _ => panic!("these draws were made for another augmentation than {self}"),
                }
            }

            fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
                match self {
                    Self::None => Ok(shape),
                    $(Self::$variant(transform) => transform.output_shape(shape),)+
                }
            }

            fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
                match self {
                    Self::None => Ok(None),
                    $(Self::$variant(transform) => transform.output_of_ragged(channels),)+
                }
            }

            fn draw_ragged<R: Rng + ?Sized>(
                &self,
                channels: usize,
                sizes: &[[usize; 2]],
                generator: &mut R,
            ) -> AugmentationDraws {
                match self {
                    Self::None => AugmentationDraws::None,
                    $(Self::$variant(transform) => {
                        AugmentationDraws::$variant(transform.draw_ragged(channels, sizes, generator))
                    })+
                }
            }

            fn apply_ragged(
                &self,
                images: Tensor<4>,
                sizes: &[[usize; 2]],
                draws: &AugmentationDraws,
            ) -> Tensor<4> {
                match (self, draws) {
                    (Self::None, AugmentationDraws::None) => images,
                    $((Self::$variant(transform), AugmentationDraws::$variant(draws)) => {
                        transform.apply_ragged(images, sizes, draws)
                    })+
                    _ => panic!("these draws were made for another augmentation than {self}"),
                }
            }

            fn mixes(&self) -> usize {
                match self {
                    Self::None => 0,
                    $(Self::$variant(transform) => transform.mixes(),)+
                }
            }

            fn mixing(
                &self,
                channels: usize,
                sizes: &[[usize; 2]],
                draws: &AugmentationDraws,
            ) -> Option<Mixing> {
                match (self, draws) {
                    (Self::None, AugmentationDraws::None) => None,
                    $((Self::$variant(transform), AugmentationDraws::$variant(draws)) => {
                        transform.mixing(channels, sizes, draws)
                    })+
                    _ => panic!("these draws were made for another augmentation than {self}"),
                }
            }
        }

        /// What a report says about it.
        impl fmt::Display for Augmentation {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::None => formatter.write_str(NONE),
                    $(Self::$variant(transform) => transform.fmt(formatter),)+
                }
            }
        }
    };
}

/// The name of no augmentation, the only one that is no type of its own.
const NONE: &str = "none";

/// An error that has no key yet, such as one of a key that is missing, with the name of the augmentation: in a list it
/// would be told from the others by its place alone.
fn of(name: &str, error: KeyError) -> KeyError {
    if error.key.is_empty() {
        return KeyError::new(format!("`{name}`: {}", error.message));
    }
    error
}

// The table: one line an augmentation.
augmentations! {
    "dsa" => Dsa in dsa,
    "cutmix" => CutMix in cutmix,
    "mixup" => Mixup in mixup,
    "resize-crop" => ResizeCrop in resize_crop,
    "resize" => Resize in resize,
    "center-crop" => CenterCrop in center_crop,
    "random-crop" => RandomCrop in random_crop,
    "flip" => Flip in flip,
    "normalize" => Normalize in normalize,
    "gaussian-noise" => GaussianNoise in gaussian_noise,
    "patch-shuffle" => PatchShuffle in patch_shuffle,
    "sequence" => Sequence in sequence,
}

impl Augmentation {
    /// Augments images `[batch, channels, height, width]` with numbers drawn from `generator`.
    ///
    /// Images on an autodiff device give a differentiable result; keep them on the plain device where no gradient is
    /// needed, it is faster.
    ///
    /// # Panics
    ///
    /// When the images do not fit, see [`output_shape`](Self::output_shape).
    #[must_use]
    pub fn augment<R: Rng + ?Sized>(&self, images: Tensor<4>, generator: &mut R) -> Tensor<4> {
        Transform::augment(self, images, generator)
    }

    /// The shape `[channels, height, width]` of augmented images of the given shape.
    ///
    /// # Errors
    ///
    /// When such images cannot be augmented, for example where a crop is larger than they are.
    pub fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        Transform::output_shape(self, shape)
    }

    /// The shape `[channels, height, width]` that pictures of several sizes and so many channels all get.
    ///
    /// # Errors
    ///
    /// When they cannot be augmented before they have one size, or do not get one.
    pub fn output_shape_ragged(&self, channels: usize) -> Result<[usize; 3], AugmentationError> {
        match self.output_of_ragged(channels)? {
            Some(shape) => Ok(shape),
            None => Err(AugmentationError::StaysRagged {
                transform: self.to_string(),
            }),
        }
    }

    /// How many of the transforms mix pictures with each other: [`CutMix`] and [`Mixup`].
    #[must_use]
    pub fn mixes(&self) -> usize {
        Transform::mixes(self)
    }

    /// [`augment`](Self::augment), and what was mixed into the pictures, for those who mix labels too. Of several mixing
    /// transforms the last one is told, which is not enough: refuse them with [`mixes`](Self::mixes).
    ///
    /// # Panics
    ///
    /// As `augment`.
    #[must_use]
    pub fn augment_with_mixing<R: Rng + ?Sized>(
        &self,
        images: Tensor<4>,
        generator: &mut R,
    ) -> (Tensor<4>, Option<Mixing>) {
        let [batch, channels, height, width] = images.dims();
        let draws = self.draw(images.dims(), generator);
        let mixing = self.mixing(channels, &vec![[height, width]; batch], &draws);
        (self.apply(images, &draws), mixing)
    }

    /// Augments pictures of several sizes: `images` is `[batch, channels, height, width]` with each picture in the upper
    /// left corner, `sizes` its `[height, width]`. All of them come out with the shape that
    /// [`output_shape_ragged`](Self::output_shape_ragged) tells.
    ///
    /// Each picture gets what it would get alone and without padding from the same draws. Of pictures of one size it draws
    /// what [`augment`](Self::augment) draws.
    ///
    /// # Errors
    ///
    /// As `output_shape_ragged`, and when a picture does not fit, for example where a crop is larger than it is.
    ///
    /// # Panics
    ///
    /// When there is not one size a picture, or a picture is larger than the batch.
    pub fn augment_ragged<R: Rng + ?Sized>(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Result<Tensor<4>, AugmentationError> {
        let (images, _) = self.augment_ragged_with_mixing(images, sizes, generator)?;
        Ok(images)
    }

    /// [`augment_ragged`](Self::augment_ragged), and what was mixed into the pictures, see
    /// [`augment_with_mixing`](Self::augment_with_mixing).
    ///
    /// # Errors
    ///
    /// As `augment_ragged`.
    ///
    /// # Panics
    ///
    /// As `augment_ragged`.
    pub fn augment_ragged_with_mixing<R: Rng + ?Sized>(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Result<(Tensor<4>, Option<Mixing>), AugmentationError> {
        let [batch, channels, ..] = images.dims();
        let [_, height, width] = self.output_shape_ragged(channels)?;
        // Asked before anything is drawn: a picture that does not fit is an error here and would be a panic below.
        ragged::sizes_after(self, channels, sizes)?;
        let images = ragged::trimmed(images, sizes);
        if batch == 0 {
            let empty = Tensor::zeros([0, channels, height, width], &images.device());
            return Ok((empty, None));
        }
        // One size after all: the faster way, with the same draws.
        if ragged::common(sizes).is_some() {
            return Ok(self.augment_with_mixing(images, generator));
        }
        let draws = self.draw_ragged(channels, sizes, generator);
        let mixing = self.mixing(channels, sizes, &draws);
        Ok((self.apply_ragged(images, sizes, &draws), mixing))
    }
}

impl Value for Augmentation {
    const KIND: &'static str = "an augmentation: a name such as \"flip\", a table with `name` such as { name = \"flip\" }, or a list of them";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let table = match value {
            toml::Value::Array(_) => return Sequence::read_list(value).map(Self::Sequence),
            toml::Value::Table(table) if !table.contains_key("name") => table,
            toml::Value::String(_) | toml::Value::Table(_) => return read_named(value),
            other => return Err(no_augmentation(&other)),
        };
        let mut read = Table::new(table.clone());
        if !Sequence::is_meant(&read) {
            return Err(no_augmentation(&toml::Value::Table(table)));
        }
        let sequence = Sequence::read(&mut read)?;
        read.finish()?;
        Ok(Self::Sequence(sequence))
    }

    fn write(&self) -> String {
        // A struct of numbers, words and lists under a tag is a table.
        toml::Value::try_from(self).map_or_else(|_| self.to_string(), |table| table.to_string())
    }
}

fn no_augmentation(value: &toml::Value) -> KeyError {
    let allowed = Augmentation::KIND;
    let value = shown(value);
    KeyError::new(format!(
        "{value} describes no augmentation; expected {allowed}"
    ))
}

impl<'de> Deserialize<'de> for Augmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
