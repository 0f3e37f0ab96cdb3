//! Pictures as batches: transformed to one size, or with their own.

use rayon::prelude::*;

use super::collection::{Picture, Store, first_error, picked};
use super::picture::{of_planes, write_planes};
use crate::{DataError, Geometry, LabelledImages, Pictures, Pixels, RaggedBatch, memory};

impl Pictures {
    /// Bytes that [`prepared`](Self::prepared) takes.
    #[must_use]
    pub fn prepared_bytes(&self, geometry: &Geometry) -> u64 {
        (geometry.shape().len() as u64).saturating_mul(self.len() as u64)
    }

    /// All pictures in memory, transformed to one size.
    ///
    /// # Errors
    ///
    /// When they do not fit into memory, or a file cannot be decoded, or a picture does not come out with the transform's
    /// size. Of several bad pictures the first in order is named.
    pub fn prepared(&self, geometry: &Geometry) -> Result<LabelledImages, DataError> {
        // CIFAR at its own size: no pixel would change, so nothing is copied twice.
        if let Store::Uniform(images) = &self.store
            && geometry.keeps([images.shape().height, images.shape().width])
        {
            return Ok(images.clone());
        }
        let all: Vec<usize> = (0..self.len()).collect();
        self.prepared_batch(&all, geometry)
    }

    /// The pictures at these positions, in this order, transformed to one size.
    ///
    /// They are decoded by the threads of the rayon pool that this is called from.
    ///
    /// # Errors
    ///
    /// As [`prepared`](Self::prepared).
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    pub(crate) fn prepared_batch(
        &self,
        indices: &[usize],
        geometry: &Geometry,
    ) -> Result<LabelledImages, DataError> {
        let shape = geometry.shape();
        let total = shape.len().saturating_mul(indices.len());
        let mut bytes = Vec::new();
        if !memory::holds(total as u64) || bytes.try_reserve_exact(total).is_err() {
            let count = indices.len();
            let problem = format!(
                "{count} pictures of {shape} take {} of memory, this machine has {}: read them in batches, or set a limit or a smaller size",
                memory::shown(total as u64),
                memory::shown(memory::total_memory())
            );
            return Err(DataError::content(self.folder(), problem));
        }
        bytes.resize(total, 0);
        // The first failure in the order of the list, whichever thread met one first.
        let failure = (bytes.par_chunks_mut(shape.len()).zip(indices))
            .find_map_first(|(planes, &index)| self.prepare(index, geometry, planes).err());
        if let Some(error) = failure {
            return Err(error);
        }
        Ok(LabelledImages::new(
            shape,
            self.classes,
            Pixels::Bytes(bytes),
            picked(&self.labels, indices),
        )?)
    }

    /// The pictures at these positions, in this order, with their own sizes, padded to the largest of them.
    ///
    /// They are decoded by the threads of the rayon pool that this is called from.
    ///
    /// # Errors
    ///
    /// When a file cannot be decoded, or the batch does not fit into memory.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    pub fn ragged_batch(&self, indices: &[usize]) -> Result<RaggedBatch, DataError> {
        let pictures = first_error(indices.len(), |place| self.picture(indices[place]))?;
        let pictures: Vec<_> = pictures
            .iter()
            .map(|picture| (picture.size, &picture.planes[..]))
            .collect();
        RaggedBatch::padded(&pictures, picked(&self.labels, indices))
            .map_err(|problem| DataError::content(self.folder(), problem))
    }

    /// A picture with its own size.
    fn picture(&self, index: usize) -> Result<Picture, DataError> {
        match &self.store {
            Store::Uniform(images) => {
                let (size, shape) = (images.shape().len(), images.shape());
                Ok(Picture {
                    size: [shape.height, shape.width],
                    planes: images.bytes()?[index * size..(index + 1) * size].into(),
                })
            }
            Store::Decoded(pictures) => Ok(pictures[index].clone()),
            Store::Files(files) => {
                let picture = files.decode(index)?;
                let mut planes = vec![0; picture.as_raw().len()];
                write_planes(&picture, &mut planes);
                Ok(Picture {
                    size: [picture.height() as usize, picture.width() as usize],
                    planes: planes.into(),
                })
            }
        }
    }

    fn prepare(
        &self,
        index: usize,
        geometry: &Geometry,
        planes: &mut [u8],
    ) -> Result<(), DataError> {
        let picture = match &self.store {
            Store::Files(files) => files.decode(index)?,
            _ => {
                let Picture { size, planes } = self.picture(index)?;
                of_planes(&planes, size)
            }
        };
        let picture = geometry
            .apply(picture)
            .map_err(|source| DataError::Resize {
                picture: self.name(index),
                source,
            })?;
        write_planes(&picture, planes);
        Ok(())
    }
}
