//! Several augmentations one after the other.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Documented, Key, KeyError, Table};
use rand::Rng;
use serde::Serialize;

use crate::augmentation::{Augmentation, AugmentationDraws};
use crate::error::AugmentationError;
use crate::mixing::Mixing;
use crate::ragged;
use crate::transform::Transform;

const TRANSFORMS: Key<Vec<Augmentation>> =
    Key::needed("transforms", "the augmentations in their order").where_(
        "a list of at least one augmentation and at most 100; `name = \"none\"` stands for no augmentation",
        |transforms| (1..=100).contains(&transforms.len()),
    );

/// Augmentations that are applied in the order given; each draws from the same generator in that order.
///
/// In a configuration: a list of tables, or `transforms = [{ name = "resize-crop", size = 32 }, { name = "flip" }]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sequence {
    transforms: Vec<Augmentation>,
}

impl Sequence {
    pub(crate) const MEANING: &'static str =
        "several one after the other; a table with `transforms` needs no `name`";
    pub(crate) const KEYS: &'static [&'static dyn Documented] = &[&TRANSFORMS];

    /// A sequence of at least one augmentation.
    ///
    /// # Errors
    ///
    /// When the list is empty.
    pub fn new(transforms: Vec<Augmentation>) -> Result<Self, KeyError> {
        if transforms.is_empty() {
            let message = format!("[] is not allowed; expected {}", TRANSFORMS.allowed());
            return Err(KeyError::at(TRANSFORMS.name(), message));
        }
        Ok(Self { transforms })
    }

    /// The augmentations in their order.
    #[must_use]
    pub fn transforms(&self) -> &[Augmentation] {
        &self.transforms
    }

    pub(crate) fn read(table: &mut Table) -> Result<Self, KeyError> {
        let transforms = table.take(&TRANSFORMS)?;
        Ok(Self { transforms })
    }

    /// Reads a list that stands in the place of an augmentation.
    pub(crate) fn read_list(list: toml::Value) -> Result<Self, KeyError> {
        let transforms = TRANSFORMS.read(list)?;
        Ok(Self { transforms })
    }

    /// Whether a table without a name is a sequence.
    pub(crate) fn is_meant(table: &Table) -> bool {
        table.has(&TRANSFORMS)
    }

    fn check(&self, draws: &[AugmentationDraws]) {
        assert_eq!(
            draws.len(),
            self.transforms.len(),
            "these draws were made for another sequence than {self}"
        );
    }

    /// Calls `step` with each transform, the sizes of the pictures that reach it, and its position.
    fn along<T>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        mut step: impl FnMut(&Augmentation, &[[usize; 2]], usize) -> T,
    ) -> Vec<T> {
        let mut sizes = sizes.to_vec();
        let mut results = Vec::with_capacity(self.transforms.len());
        for (index, transform) in self.transforms.iter().enumerate() {
            results.push(step(transform, &sizes, index));
            sizes = match ragged::sizes_after(transform, channels, &sizes) {
                Ok(sizes) => sizes,
                // `augment_ragged` has asked before anything was drawn.
                Err(error) => panic!("{error}"),
            };
        }
        results
    }
}

impl Transform for Sequence {
    type Draws = Vec<AugmentationDraws>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Self::Draws {
        let mut shape = shape;
        let mut draws = Vec::with_capacity(self.transforms.len());
        for transform in &self.transforms {
            // Each draws for what those before it leave, and all from one generator, in the order of the list.
            let [channels, height, width] = transform.fitting(shape);
            draws.push(transform.draw(shape, generator));
            shape = [shape[0], channels, height, width];
        }
        draws
    }

    fn apply(&self, images: Tensor<4>, draws: &Self::Draws) -> Tensor<4> {
        self.check(draws);
        let steps = self.transforms.iter().zip(draws);
        steps.fold(images, |images, (transform, draws)| {
            transform.apply(images, draws)
        })
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let step = |shape, (index, transform): (usize, &Augmentation)| {
            let output = transform.output_shape(shape);
            output.map_err(|source| AugmentationError::entry(index, source))
        };
        self.transforms.iter().enumerate().try_fold(shape, step)
    }

    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        let step = |shape: Option<[usize; 3]>, (index, transform): (usize, &Augmentation)| {
            let output = match shape {
                Some(shape) => transform.output_shape(shape).map(Some),
                None => transform.output_of_ragged(channels),
            };
            output.map_err(|source| AugmentationError::entry(index, source))
        };
        self.transforms.iter().enumerate().try_fold(None, step)
    }

    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Self::Draws {
        self.along(
            channels,
            sizes,
            |transform, sizes, _| match ragged::common(sizes) {
                Some([height, width]) => {
                    transform.draw([sizes.len(), channels, height, width], generator)
                }
                None => transform.draw_ragged(channels, sizes, generator),
            },
        )
    }

    fn apply_ragged(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        draws: &Self::Draws,
    ) -> Tensor<4> {
        self.check(draws);
        let [_, channels, ..] = images.dims();
        let mut images = Some(images);
        self.along(channels, sizes, |transform, sizes, index| {
            let draws = &draws[index];
            images = images.take().map(|images| match ragged::common(sizes) {
                Some(_) => transform.apply(images, draws),
                None => transform.apply_ragged(images, sizes, draws),
            });
        });
        match images {
            Some(images) => images,
            None => unreachable!("every step puts back what it took"),
        }
    }

    fn mixes(&self) -> usize {
        self.transforms.iter().map(Augmentation::mixes).sum()
    }

    fn mixing(&self, channels: usize, sizes: &[[usize; 2]], draws: &Self::Draws) -> Option<Mixing> {
        self.check(draws);
        let mixings = self.along(channels, sizes, |transform, sizes, index| {
            transform.mixing(channels, sizes, &draws[index])
        });
        // One mixing can be told; who mixes labels refuses more of them.
        mixings.into_iter().flatten().next_back()
    }
}

/// `random crop ..., then horizontal flip ...`.
impl fmt::Display for Sequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, transform) in self.transforms.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; then ")?;
            }
            transform.fmt(formatter)?;
        }
        Ok(())
    }
}
