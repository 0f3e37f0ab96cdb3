//! What every augmentation does.

use std::fmt::Display;

use burn::tensor::Tensor;
use rand::Rng;

use crate::error::AugmentationError;
use crate::mixing::Mixing;

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

    /// What becomes of pictures of several sizes with so many channels: `[channels, height, width]` of all of them, or
    /// nothing where they still have several sizes.
    ///
    /// # Errors
    ///
    /// When only pictures of one size can be transformed, which is so unless a transform says otherwise.
    fn output_of_ragged(&self, channels: usize) -> Result<Option<[usize; 3]>, AugmentationError> {
        let _ = channels;
        let transform = self.to_string();
        Err(AugmentationError::OneSize { transform })
    }

    /// Draws for pictures of these sizes, `[height, width]` each. Of equal sizes it draws what [`draw`](Self::draw) does.
    ///
    /// # Panics
    ///
    /// When a picture does not fit, or only pictures of one size can be transformed, see
    /// [`output_of_ragged`](Self::output_of_ragged).
    fn draw_ragged<R: Rng + ?Sized>(
        &self,
        channels: usize,
        sizes: &[[usize; 2]],
        generator: &mut R,
    ) -> Self::Draws {
        let _ = (channels, sizes, generator);
        panic!("{self} needs pictures of one size")
    }

    /// Transforms pictures of these sizes, each in the upper left corner of its part of `images`, with given draws. The
    /// result is padded to the largest picture that comes out; what the padding of `images` holds does not matter as long
    /// as it is finite.
    ///
    /// # Panics
    ///
    /// As [`draw_ragged`](Self::draw_ragged).
    fn apply_ragged(
        &self,
        images: Tensor<4>,
        sizes: &[[usize; 2]],
        draws: &Self::Draws,
    ) -> Tensor<4> {
        let _ = (images, sizes, draws);
        panic!("{self} needs pictures of one size")
    }

    /// How many steps mix pictures with each other.
    fn mixes(&self) -> usize {
        0
    }

    /// What these draws mix into pictures of these sizes: the last mixing, where there are several.
    fn mixing(&self, channels: usize, sizes: &[[usize; 2]], draws: &Self::Draws) -> Option<Mixing> {
        let _ = (channels, sizes, draws);
        None
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
