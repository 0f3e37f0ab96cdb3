//! What every augmentation does.

use std::fmt::Display;

use burn::tensor::Tensor;
use rand::Rng;

use crate::error::AugmentationError;

/// One operation on a batch: random numbers are drawn on the host, then used on the device.
///
/// Its [`Display`] is what a report says about it.
pub trait Transform: Display {
    /// The random numbers of one batch.
    type Draws;

    /// Draws for a batch of shape `[batch, channels, height, width]`.
    ///
    /// # Panics
    ///
    /// When images of that shape do not fit, see [`output_shape`](Self::output_shape).
    fn draw<R: Rng + ?Sized>(&self, shape: [usize; 4], generator: &mut R) -> Self::Draws;

    /// Transforms images `[batch, channels, height, width]` with given draws. They go to the images' device in one
    /// transfer; nothing comes back.
    ///
    /// # Panics
    ///
    /// When the images do not fit, see [`output_shape`](Self::output_shape), or the draws belong to another batch.
    fn apply(&self, images: Tensor<4>, draws: &Self::Draws) -> Tensor<4>;

    /// The shape `[channels, height, width]` of transformed images of the given shape.
    ///
    /// # Errors
    ///
    /// When such images cannot be transformed.
    fn output_shape(&self, shape: [usize; 3]) -> Result<[usize; 3], AugmentationError> {
        Ok(shape)
    }

    /// [`draw`](Self::draw), then [`apply`](Self::apply).
    ///
    /// # Panics
    ///
    /// As these.
    #[must_use]
    fn augment<R: Rng + ?Sized>(&self, images: Tensor<4>, generator: &mut R) -> Tensor<4> {
        let draws = self.draw(images.dims(), generator);
        self.apply(images, &draws)
    }

    /// [`output_shape`](Self::output_shape) where images that do not fit are a mistake of the caller.
    ///
    /// # Panics
    ///
    /// When they do not fit.
    #[must_use]
    fn fitting(&self, [_, channels, height, width]: [usize; 4]) -> [usize; 3] {
        match self.output_shape([channels, height, width]) {
            Ok(shape) => shape,
            Err(error) => panic!("{error}"),
        }
    }
}
