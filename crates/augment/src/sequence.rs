//! Several augmentations one after the other.

use std::fmt;

use burn::tensor::Tensor;
use rand::Rng;
use serde::Serialize;
use serde_json::Value;

use crate::augmentation::{Augmentation, AugmentationDraws};
use crate::error::AugmentationError;
use crate::keys::Keys;
use crate::transform::Transform;

/// Augmentations that are applied in the order given; each draws from the same generator in that order.
///
/// In a configuration: a list of tables, or `transforms = [{ name = "resize-crop", size = 32 }, { name = "flip" }]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sequence {
    transforms: Vec<Augmentation>,
}

const KEY: &str = "transforms";
const ALLOWED: &str =
    "a list of at least one augmentation; `name = \"none\"` stands for no augmentation";

impl Sequence {
    /// A sequence of at least one augmentation.
    ///
    /// # Errors
    ///
    /// When the list is empty.
    pub fn new(transforms: Vec<Augmentation>) -> Result<Self, AugmentationError> {
        if transforms.is_empty() {
            return Err(AugmentationError::value(KEY, "empty", ALLOWED));
        }
        Ok(Self { transforms })
    }

    /// The augmentations in their order.
    #[must_use]
    pub fn transforms(&self) -> &[Augmentation] {
        &self.transforms
    }

    pub(crate) fn read(keys: &mut Keys) -> Result<Self, AugmentationError> {
        Self::from_values(keys.needed_list(KEY, ALLOWED)?)
    }

    pub(crate) fn from_values(values: Vec<Value>) -> Result<Self, AugmentationError> {
        let entry = |(index, value)| {
            Augmentation::from_value(value).map_err(|source| AugmentationError::Entry {
                place: index + 1,
                source: Box::new(source),
            })
        };
        let transforms: Result<Vec<_>, _> = values.into_iter().enumerate().map(entry).collect();
        Self::new(transforms?)
    }
}

impl Transform for Sequence {
    type Draws = Vec<AugmentationDraws>;

    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Self::Draws {
        let mut shape = shape;
        let mut draws = Vec::with_capacity(self.transforms.len());
        for transform in &self.transforms {
            let [channels, height, width] = transform.fitting(shape);
            draws.push(transform.draw(shape, generator));
            shape = [shape[0], channels, height, width];
        }
        draws
    }

    fn apply(&self, images: Tensor<4>, draws: &Self::Draws) -> Tensor<4> {
        assert_eq!(
            draws.len(),
            self.transforms.len(),
            "these draws were made for another sequence than {self}"
        );
        let steps = self.transforms.iter().zip(draws);
        steps.fold(images, |images, (transform, draws)| {
            transform.apply(images, draws)
        })
    }

    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        let step = |shape, (index, transform): (usize, &Augmentation)| {
            transform
                .output_shape(shape)
                .map_err(|source| AugmentationError::Entry {
                    place: index + 1,
                    source: Box::new(source),
                })
        };
        self.transforms.iter().enumerate().try_fold(shape, step)
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
