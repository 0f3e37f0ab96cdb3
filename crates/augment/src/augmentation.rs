//! The augmentations that a training can use: the table of all of them, and how a configuration names them.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::center_crop::CenterCrop;
use crate::cutmix::CutMix;
use crate::dsa::Dsa;
use crate::error::AugmentationError;
use crate::flip::Flip;
use crate::gaussian_noise::GaussianNoise;
use crate::keys::Keys;
use crate::mixing::Mixing;
use crate::mixup::Mixup;
use crate::normalize::Normalize;
use crate::patch_shuffle::PatchShuffle;
use crate::ragged;
use crate::random_crop::RandomCrop;
use crate::resize::Resize;
use crate::resize_crop::ResizeCrop;
use crate::sequence::Sequence;
use crate::transform::Transform;

macro_rules! augmentations {
    ($($name:literal => $variant:ident,)+) => {
        /// A batch augmentation, chosen by `name` in a configuration.
        ///
        /// A configuration writes one table (`name = "cutmix"`, `beta = 1.0`), a list of tables, or a table with
        /// `transforms`, a list of tables; lists are a [`Sequence`]. Unknown names and keys and values out of range are
        /// errors that name them.
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        #[serde(tag = "name")]
        #[non_exhaustive]
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
        #[non_exhaustive]
        pub enum AugmentationDraws {
            /// Of [`Augmentation::None`]: nothing.
            None,
            $(
                #[doc = concat!("Of [`Augmentation::", stringify!($variant), "`].")]
                $variant(<$variant as Transform>::Draws),
            )+
        }

        impl Augmentation {
            /// Every name that a configuration can use.
            pub const NAMES: &'static [&'static str] = &["none", $($name),+];

            fn read(name: &str, table: serde_json::Map<String, Value>) -> Result<Self, AugmentationError> {
                match name {
                    "none" => {
                        Keys::new("none", table).finish()?;
                        Ok(Self::None)
                    }
                    $($name => {
                        let mut keys = Keys::new($name, table);
                        let transform = $variant::read(&mut keys)?;
                        keys.finish()?;
                        Ok(Self::$variant(transform))
                    })+
                    other => Err(AugmentationError::UnknownName {
                        name: other.to_owned(),
                        known: Self::NAMES.join(", "),
                    }),
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
                    $((Self::$variant(transform), AugmentationDraws::$variant(draws)) => {
                        transform.mixing(channels, sizes, draws)
                    })+
                    _ => None,
                }
            }
        }

        /// What a report says about it.
        impl fmt::Display for Augmentation {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::None => formatter.write_str("none"),
                    $(Self::$variant(transform) => transform.fmt(formatter),)+
                }
            }
        }
    };
}

// The table: one line an augmentation.
augmentations! {
    "dsa" => Dsa,
    "cutmix" => CutMix,
    "mixup" => Mixup,
    "resize-crop" => ResizeCrop,
    "resize" => Resize,
    "center-crop" => CenterCrop,
    "random-crop" => RandomCrop,
    "flip" => Flip,
    "normalize" => Normalize,
    "gaussian-noise" => GaussianNoise,
    "patch-shuffle" => PatchShuffle,
    "sequence" => Sequence,
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
        ragged::sizes_after(self, channels, sizes)?;
        let images = ragged::trimmed(images, sizes);
        if batch == 0 {
            let empty = Tensor::zeros([0, channels, height, width], &images.device());
            return Ok((empty, None));
        }
        if ragged::common(sizes).is_some() {
            return Ok(self.augment_with_mixing(images, generator));
        }
        let draws = self.draw_ragged(channels, sizes, generator);
        let mixing = self.mixing(channels, sizes, &draws);
        Ok((self.apply_ragged(images, sizes, &draws), mixing))
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, AugmentationError> {
        let mut table = match value {
            Value::Object(table) => table,
            Value::Array(list) => return Sequence::from_values(list).map(Self::Sequence),
            other => {
                return Err(AugmentationError::Form {
                    found: other.to_string(),
                });
            }
        };
        let name = match table.remove("name") {
            Some(Value::String(name)) => name,
            None if table.contains_key("transforms") => "sequence".to_owned(),
            found => {
                return Err(AugmentationError::Form {
                    found: found.map_or_else(
                        || Value::Object(table).to_string(),
                        |name| format!("the name {name}"),
                    ),
                });
            }
        };
        Self::read(&name, table)
    }
}

impl<'de> Deserialize<'de> for Augmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsa::DsaMode;
    use burn::tensor::{Device, Distribution};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn images(device: &Device) -> Tensor<4> {
        Tensor::random([3, 3, 8, 6], Distribution::Normal(0.0, 1.0), device)
    }

    #[test]
    fn none_changes_and_draws_nothing() {
        let device = Device::flex();
        let input = images(&device);
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let output = Augmentation::None.augment(input.clone(), &mut generator);
        input.into_data().assert_eq(&output.into_data(), true);
        assert_eq!(
            generator.next_u64(),
            ChaCha8Rng::seed_from_u64(1).next_u64()
        );
    }

    #[test]
    fn a_seed_decides_the_result() {
        let device = Device::flex();
        let input = images(&device);
        let dsa = Dsa {
            mode: DsaMode::Multiple,
            ..Dsa::default()
        };
        let augmentation = Augmentation::Dsa(dsa);
        let run = |seed| {
            let mut generator = ChaCha8Rng::seed_from_u64(seed);
            augmentation
                .augment(input.clone(), &mut generator)
                .into_data()
        };
        run(4).assert_eq(&run(4), true);
        assert_ne!(run(4), run(5));
    }

    #[test]
    fn gradients_reach_the_images() {
        let device = Device::flex().autodiff();
        let input = images(&device).require_grad();
        let dsa = Dsa {
            mode: DsaMode::Multiple,
            ..Dsa::default()
        };
        let mut generator = ChaCha8Rng::seed_from_u64(2);
        let draws = dsa.draw(input.dims(), &mut generator);
        let gradients = dsa.apply(input.clone(), &draws).sum().backward();
        let gradient = input.grad(&gradients).unwrap().into_data();
        // Every operation is linear or affine in the image, so one step of any size is exact.
        let step = Tensor::<4>::random(
            [3, 3, 8, 6],
            Distribution::Normal(0.0, 1.0),
            &Device::flex(),
        );
        let plain = input.inner();
        let before = dsa.apply(plain.clone(), &draws).sum().into_scalar::<f32>();
        let after = dsa
            .apply(plain + step.clone(), &draws)
            .sum()
            .into_scalar::<f32>();
        let along = (Tensor::<4>::from_data(gradient, &Device::flex()) * step)
            .sum()
            .into_scalar::<f32>();
        assert!(
            (after - before - along).abs() < 1e-2 * (1.0 + along.abs()),
            "{} against {along}",
            after - before
        );
    }
}
