//! Labelled pictures that need not have one size, in memory or still in their files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::picture::{decode, dimensions, of_planes, write_planes};
use crate::{DataError, Geometry, GeometryStep, ImagesError, LabelledImages, Pixels, memory};

/// Pictures with one class each, of any sizes.
///
/// They are images of one size in memory (CIFAR, the demo dataset), or files that are decoded when they are asked for.
#[derive(Clone, Debug)]
pub struct Pictures {
    classes: usize,
    labels: Vec<u32>,
    store: Store,
}

#[derive(Clone, Debug)]
enum Store {
    /// Bytes of one size.
    Uniform(LabelledImages),
    /// Files below a folder.
    Files {
        folder: PathBuf,
        paths: Vec<Arc<Path>>,
    },
}

impl Pictures {
    /// Images of one size.
    ///
    /// # Errors
    ///
    /// When the images are floats or have not three channels.
    pub fn uniform(images: LabelledImages) -> Result<Self, DataError> {
        images.bytes()?;
        if images.shape().channels != 3 {
            return Err(ImagesError::NotColour(images.shape()).into());
        }
        Ok(Self {
            classes: images.classes(),
            labels: images.labels().to_vec(),
            store: Store::Uniform(images),
        })
    }

    /// Files below `folder` with their labels. Nothing is opened.
    ///
    /// # Errors
    ///
    /// When a label is not below `classes`.
    pub fn files(
        folder: &Path,
        classes: usize,
        pictures: Vec<(PathBuf, u32)>,
    ) -> Result<Self, DataError> {
        let (paths, labels): (Vec<Arc<Path>>, Vec<u32>) = (pictures.into_iter())
            .map(|(path, label)| (Arc::from(path), label))
            .unzip();
        crate::images::check_labels(&labels, classes)?;
        let folder = folder.to_owned();
        Ok(Self {
            classes,
            labels,
            store: Store::Files { folder, paths },
        })
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no pictures.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of classes; labels are below it.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Class of each picture.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Whether the pixels are in memory.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        matches!(self.store, Store::Uniform(_))
    }

    /// The pictures at these positions, in this order; files stay files.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let store = match &self.store {
            Store::Uniform(images) => Store::Uniform(images.select(indices)),
            Store::Files { folder, paths } => Store::Files {
                folder: folder.clone(),
                paths: indices.iter().map(|&index| paths[index].clone()).collect(),
            },
        };
        Self {
            classes: self.classes,
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
            store,
        }
    }

    /// The first `count` pictures, or all of them where there are fewer.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.labels.truncate(count);
        self.store = match self.store {
            Store::Uniform(images) => Store::Uniform(images.first(count)),
            Store::Files { folder, mut paths } => {
                paths.truncate(count);
                Store::Files { folder, paths }
            }
        };
        self
    }

    /// Height and width of the first picture, `None` where there is none. Of a file only the header is read.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no picture.
    pub fn first_size(&self) -> Result<Option<[usize; 2]>, DataError> {
        match &self.store {
            Store::Uniform(images) => Ok(Some([images.shape().height, images.shape().width])),
            Store::Files { paths, .. } => {
                let first = paths.first();
                first.map(|path| dimensions(path)).transpose()
            }
        }
    }

    /// A transform that gives all these pictures one size: where the steps do not fix it themselves, it is what they make
    /// of the first picture.
    ///
    /// # Errors
    ///
    /// When the first picture is needed and there is none or it cannot be read, or the steps are impossible.
    pub fn geometry(&self, steps: Vec<GeometryStep>) -> Result<Geometry, DataError> {
        let example = match Geometry::fixed_size(&steps) {
            Some(size) => size,
            None => (self.first_size()?)
                .ok_or_else(|| DataError::content(self.folder(), "no pictures"))?,
        };
        Ok(Geometry::new(steps, example)?)
    }

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
    pub fn prepared_batch(
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
                memory::shown(memory::total())
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
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        Ok(LabelledImages::new(
            shape,
            self.classes,
            Pixels::Bytes(bytes),
            labels,
        )?)
    }

    fn prepare(
        &self,
        index: usize,
        geometry: &Geometry,
        planes: &mut [u8],
    ) -> Result<(), DataError> {
        let picture = match &self.store {
            Store::Uniform(images) => {
                let (size, bytes) = (images.shape().len(), images.bytes()?);
                let sides = [images.shape().height, images.shape().width];
                of_planes(&bytes[index * size..(index + 1) * size], sides)
            }
            Store::Files { paths, .. } => decode(&paths[index])?,
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

    /// How an error names a picture.
    fn name(&self, index: usize) -> String {
        match &self.store {
            Store::Uniform(_) => format!("image {index}"),
            Store::Files { paths, .. } => paths[index].display().to_string(),
        }
    }

    fn folder(&self) -> &Path {
        match &self.store {
            Store::Uniform(_) => Path::new("images in memory"),
            Store::Files { folder, .. } => folder,
        }
    }
}
