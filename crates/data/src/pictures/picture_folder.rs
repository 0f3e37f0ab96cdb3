//! Pictures in class folders, decoded when they are asked for.

use std::path::{Path, PathBuf};

use super::image_folder::scan;
use super::picture::dimensions;
use crate::{ClassNumbers, DataError, Geometry, ImageShape, LabelledImages, Pictures};

/// An image folder `<class>/<file>` of any size: its list is in memory, its pictures are not.
///
/// Files are in the order of the bytes of their names, class folder after class folder
/// ([`PictureOrder::Text`](crate::synthetic::PictureOrder::Text)). The label of a class is its number where the folders are
/// the numbers 0 to n - 1, else its place.
#[derive(Clone, Debug)]
pub struct PictureFolder {
    root: PathBuf,
    classes: Vec<String>,
    files: Vec<PathBuf>,
    pictures: Pictures,
    geometry: Geometry,
    odd: Vec<PathBuf>,
}

impl PictureFolder {
    /// Lists a folder. Its pictures are resized (bilinear with antialiasing) to height and width where `size` is given;
    /// otherwise all of them must have the size of the first.
    ///
    /// # Errors
    ///
    /// When the folder cannot be listed or has no pictures in class folders, and when `size` is absent and the first
    /// picture cannot be decoded.
    pub fn open(root: &Path, size: Option<[usize; 2]>) -> Result<Self, DataError> {
        let listing = scan(root).map_err(|error| DataError::read(&error.path, error.source))?;
        // A class folder without pictures is no class: counting it would shift the labels of those behind it.
        let classes: Vec<_> = (listing.classes.into_iter())
            .filter(|class| !class.files.is_empty())
            .collect();
        let Some(first) = classes.first().and_then(|class| class.files.first()) else {
            return Err(DataError::content(
                root,
                "no pictures: expected one folder per class with pictures (jpg, jpeg, png, ppm, bmp, pgm, tif, tiff, webp)",
            ));
        };
        let is_resized = size.is_some();
        let size = match size {
            Some(size) => size,
            None => dimensions(first)?,
        };
        // Without steps the geometry compares sizes and refuses what differs, instead of resizing silently.
        let steps = match is_resized {
            true => Geometry::resize_steps(size),
            false => Vec::new(),
        };
        let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
        let order = ClassNumbers::of(&names).by_label(names.len());
        let names = order.iter().map(|&place| names[place].to_owned()).collect();
        let mut labels = vec![0_u32; order.len()];
        for (label, &place) in (0_u32..).zip(&order) {
            labels[place] = label;
        }
        let files: Vec<(PathBuf, u32)> = (classes.iter().zip(labels))
            .flat_map(|(class, label)| class.files.iter().map(move |file| (file.clone(), label)))
            .collect();
        Ok(Self {
            root: root.to_owned(),
            files: files.iter().map(|(file, _)| file.clone()).collect(),
            pictures: Pictures::files(root, classes.len(), files)?,
            geometry: Geometry::new(steps, size)?,
            classes: names,
            odd: listing.odd,
        })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Number of pictures, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Names of the class folders that hold pictures; the label is the position.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The file of each picture.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The class of each picture.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        self.pictures.labels()
    }

    /// Files and folders that were passed over: hidden ones, other extensions, wrong depth.
    #[must_use]
    pub fn odd(&self) -> &[PathBuf] {
        &self.odd
    }

    /// Shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.geometry.shape()
    }

    /// Decodes the pictures at these positions, in this order, to bytes.
    ///
    /// # Errors
    ///
    /// When a picture cannot be decoded, or has another size than the first and no size was asked for. Of several bad
    /// pictures the first in order is named.
    ///
    /// # Panics
    ///
    /// When a position is not below [`len`](Self::len).
    pub fn load(&self, indices: &[usize]) -> Result<LabelledImages, DataError> {
        self.pictures.prepared_batch(indices, &self.geometry)
    }
}
