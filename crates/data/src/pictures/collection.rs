//! Labelled pictures that need not have one size, in memory or still in their files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use image::RgbImage;
use rayon::prelude::*;

use super::picture::{decode, dimensions, resized, write_planes};
use crate::images::check_labels;
use crate::{
    DataError, Fingerprint, Geometry, GeometryStep, ImagesError, LabelledImages, Size, memory,
};

/// Pictures with one class each, of any sizes.
///
/// They are images of one size in memory (CIFAR, the demo dataset), or files. Files are decoded whenever they are asked
/// for, or once and for all with [`decoded`](Self::decoded). What is larger than memory is read ahead by
/// [`ragged_batches`](Self::ragged_batches) and [`prepared_batches`](Self::prepared_batches).
///
/// ```no_run
/// use std::sync::Arc;
/// use ddrank_data::{DatasetName, DatasetSource, Prefetch, open_dataset};
///
/// let mut source = DatasetSource::new(DatasetName::Imagenet1k);
/// source.root = Some("/data/imagenet".into());
/// let dataset = open_dataset(&source)?;
/// // The test set, a few batches in memory at a time.
/// let test = Arc::new(dataset.test);
/// let order: Vec<usize> = (0..test.len()).collect();
/// let batches = order.chunks(100).map(<[usize]>::to_vec).collect();
/// let prefetch = Prefetch { depth: 4, threads: 8 };
/// for images in test.prepared_batches(batches, dataset.geometry, prefetch)? {
///     let images = images?.normalised(&dataset.normalisation)?;
/// }
/// # Ok::<(), ddrank_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pictures {
    pub(super) classes: usize,
    pub(super) labels: Vec<u32>,
    pub(super) store: Store,
}

#[derive(Clone, Debug)]
pub(super) enum Store {
    /// Bytes of one size.
    Uniform(LabelledImages),
    /// Bytes of any sizes.
    Decoded(Vec<Picture>),
    /// Files below a folder.
    Files(Files),
}

/// A decoded picture.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Height and width.
    pub(super) size: [usize; 2],
    /// Red, green, blue, row after row.
    pub(super) planes: Arc<[u8]>,
}

#[derive(Clone, Debug)]
pub(super) struct Files {
    folder: PathBuf,
    // Shared, since selections and batches of a million files copy this list.
    paths: Vec<Arc<Path>>,
    /// Pictures with a longer shorter side are reduced to it.
    shrink: Option<usize>,
}

impl Files {
    pub(super) fn decode(&self, index: usize) -> Result<RgbImage, DataError> {
        let picture = decode(&self.paths[index])?;
        let size = [picture.height() as usize, picture.width() as usize];
        match self.shrink {
            // Never enlarged: that would only cost memory.
            Some(side) if size[0].min(size[1]) > side => {
                let [height, width] = Size::Side(side).of_resized(size);
                Ok(resized(&picture, height as u32, width as u32))
            }
            _ => Ok(picture),
        }
    }
}

impl Pictures {
    /// Images of one size.
    ///
    /// # Errors
    ///
    /// When the images are floats or have not three channels.
    pub fn uniform(images: LabelledImages) -> Result<Self, DataError> {
        // Floats are prepared already: resizing or normalising them again would be silent nonsense.
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
        check_labels(&labels, classes)?;
        let folder = folder.to_owned();
        Ok(Self {
            classes,
            labels,
            store: Store::Files(Files {
                folder,
                paths,
                shrink: None,
            }),
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
        !matches!(self.store, Store::Files(_))
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
            Store::Decoded(pictures) => Store::Decoded(picked(pictures, indices)),
            Store::Files(files) => Store::Files(Files {
                folder: files.folder.clone(),
                paths: picked(&files.paths, indices),
                shrink: files.shrink,
            }),
        };
        Self {
            classes: self.classes,
            labels: picked(&self.labels, indices),
            store,
        }
    }

    /// The first `count` pictures, or all of them where there are fewer.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.labels.truncate(count);
        match &mut self.store {
            Store::Uniform(images) => *images = images.clone().first(count),
            Store::Decoded(pictures) => pictures.truncate(count),
            Store::Files(files) => files.paths.truncate(count),
        }
        self
    }

    /// Pictures in files whose shorter side is longer than `side` are reduced to it when they are decoded, which keeps a
    /// few huge pictures from deciding the memory of every padded batch. Their pixels then differ from those of a crop of
    /// the full picture. Pictures in memory stay as they are.
    ///
    /// # Errors
    ///
    /// When `side` is 0 or above [`Size::LARGEST_SIDE`].
    pub fn shrunk(mut self, side: usize) -> Result<Self, DataError> {
        GeometryStep::Resize {
            size: Size::Side(side),
        }
        .check()?;
        if let Store::Files(files) = &mut self.store {
            files.shrink = Some(side);
        }
        Ok(self)
    }

    /// All pictures decoded into memory, each with its own size. Decoded once, they need not be decoded every epoch.
    ///
    /// # Errors
    ///
    /// When a file cannot be decoded, or the pictures do not fit into memory.
    pub fn decoded(&self) -> Result<Self, DataError> {
        let Store::Files(files) = &self.store else {
            return Ok(self.clone());
        };
        // Sizes are known only as files are decoded, so the sum is watched while it grows.
        let taken = AtomicU64::new(0);
        let one = |index| {
            let picture = files.decode(index)?;
            let bytes = picture.as_raw().len();
            let total = taken.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
            if !memory::holds(total) {
                let problem = format!(
                    "the decoded pictures take more than the {} of memory of this machine: read them in batches, or set a limit",
                    memory::shown(memory::total_memory())
                );
                return Err(DataError::content(&files.folder, problem));
            }
            let mut planes = vec![0; bytes];
            write_planes(&picture, &mut planes);
            Ok(Picture {
                size: [picture.height() as usize, picture.width() as usize],
                planes: planes.into(),
            })
        };
        Ok(Self {
            classes: self.classes,
            labels: self.labels.clone(),
            store: Store::Decoded(first_error(self.len(), one)?),
        })
    }

    /// What identifies these pictures and labels, their order included.
    ///
    /// Pictures in memory are told apart by every pixel. Files are told apart by their names below the dataset's folder
    /// and their lengths, since reading a dataset larger than memory takes long: pictures that were changed but kept name
    /// and length are not noticed.
    ///
    /// # Errors
    ///
    /// When a file is not there.
    pub fn fingerprint(&self) -> Result<Fingerprint, DataError> {
        match &self.store {
            Store::Uniform(images) => Ok(images.fingerprint()),
            Store::Decoded(pictures) => {
                let pictures = pictures.iter().map(|one| (one.size, &one.planes[..]));
                Ok(Fingerprint::of_pictures(
                    self.classes,
                    pictures,
                    &self.labels,
                ))
            }
            Store::Files(files) => {
                let length = |index: usize| {
                    let path = &files.paths[index];
                    let metadata = std::fs::metadata(path);
                    let length = metadata
                        .map_err(|error| DataError::read(path, error))?
                        .len();
                    // Below the folder only: a dataset that is moved stays the same dataset.
                    let name = path.strip_prefix(&files.folder).unwrap_or(path);
                    Ok((name.as_os_str().as_encoded_bytes(), length))
                };
                let names = first_error(self.len(), length)?;
                Ok(Fingerprint::of_files(
                    self.classes,
                    files.shrink,
                    &names,
                    &self.labels,
                ))
            }
        }
    }

    /// Whether all pictures have this height and width, as far as it is known: those of files that are not decoded are not.
    #[must_use]
    pub fn all_have(&self, size: [usize; 2]) -> bool {
        match &self.store {
            Store::Uniform(images) => [images.shape().height, images.shape().width] == size,
            Store::Decoded(pictures) => pictures.iter().all(|picture| picture.size == size),
            // Reading the header of a million files to find out would take minutes.
            Store::Files(_) => false,
        }
    }

    /// Height and width of the first picture, `None` where there is none. Of a file only the header is read.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no picture.
    pub(crate) fn first_size(&self) -> Result<Option<[usize; 2]>, DataError> {
        match &self.store {
            Store::Uniform(images) => Ok(Some([images.shape().height, images.shape().width])),
            Store::Decoded(pictures) => Ok(pictures.first().map(|picture| picture.size)),
            Store::Files(files) => {
                let first = files.paths.first();
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

    /// How an error names a picture.
    pub(super) fn name(&self, index: usize) -> String {
        match &self.store {
            Store::Uniform(_) | Store::Decoded(_) => format!("image {index}"),
            Store::Files(files) => files.paths[index].display().to_string(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        match &self.store {
            Store::Uniform(_) | Store::Decoded(_) => Path::new("images in memory"),
            Store::Files(files) => &files.folder,
        }
    }
}

pub(super) fn picked<T: Clone>(all: &[T], indices: &[usize]) -> Vec<T> {
    indices.iter().map(|&index| all[index].clone()).collect()
}

/// The results for `0..count`, made in parallel; of several failures the first in order, whichever thread met one first.
pub(super) fn first_error<T: Send>(
    count: usize,
    one: impl Fn(usize) -> Result<T, DataError> + Sync,
) -> Result<Vec<T>, DataError> {
    let failed = AtomicU64::new(u64::MAX);
    let results: Vec<Option<Result<T, DataError>>> = (0..count)
        .into_par_iter()
        .map(|index| {
            // What comes after a failure is not needed any more.
            if failed.load(Ordering::Relaxed) < index as u64 {
                return None;
            }
            let result = one(index);
            if result.is_err() {
                failed.fetch_min(index as u64, Ordering::Relaxed);
            }
            Some(result)
        })
        .collect();
    // Everything before the first failure was made.
    results.into_iter().flatten().collect()
}
