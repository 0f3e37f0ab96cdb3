//! Pictures in class folders, decoded when they are asked for.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::picture::{decode, resized, write_planes};
use crate::synthetic::{SyntheticError, scan};
use crate::{DataError, ImageShape, LabelledImages, Pixels};

/// An image folder `<class>/<file>` of any size: its list is in memory, its pictures are not.
///
/// Classes and files are in the order of the bytes of their names, class after class: the order in which a distilled set
/// of the same folder is loaded.
#[derive(Clone, Debug)]
pub struct PictureFolder {
    root: PathBuf,
    classes: Vec<String>,
    files: Vec<PathBuf>,
    labels: Vec<u32>,
    odd: Vec<PathBuf>,
    shape: ImageShape,
    is_resized: bool,
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
        let listing = scan(root).map_err(|error| match error {
            SyntheticError::Folder { path, source } => DataError::read(&path, source),
            other => DataError::content(root, other.to_string()),
        })?;
        let classes: Vec<_> = (listing.classes.into_iter())
            .filter(|class| !class.files.is_empty())
            .collect();
        let Some(first) = classes.first().and_then(|class| class.files.first()) else {
            return Err(DataError::content(
                root,
                "no pictures: expected one folder per class with pictures (jpg, jpeg, png, ppm, bmp, pgm, tif, tiff, webp)",
            ));
        };
        let [height, width] = match size {
            Some(size) => size,
            None => {
                let picture = decode(first)?;
                [picture.height() as usize, picture.width() as usize]
            }
        };
        let label = |(label, class): (u32, &crate::synthetic::ClassFolder)| {
            std::iter::repeat_n(label, class.files.len())
        };
        Ok(Self {
            root: root.to_owned(),
            labels: (0..).zip(&classes).flat_map(label).collect(),
            files: classes
                .iter()
                .flat_map(|class| class.files.clone())
                .collect(),
            classes: classes.into_iter().map(|class| class.name).collect(),
            odd: listing.odd,
            shape: ImageShape {
                channels: 3,
                height,
                width,
            },
            is_resized: size.is_some(),
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
        &self.labels
    }

    /// Files and folders that were passed over: hidden ones, other extensions, wrong depth.
    #[must_use]
    pub fn odd(&self) -> &[PathBuf] {
        &self.odd
    }

    /// Shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
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
        let decoded: Vec<Result<Vec<u8>, DataError>> = indices
            .par_iter()
            .map(|&index| self.planes(&self.files[index]))
            .collect();
        let mut bytes = Vec::with_capacity(indices.len() * self.shape.len());
        for planes in decoded {
            bytes.extend(planes?);
        }
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        let pixels = Pixels::Bytes(bytes);
        let classes = self.classes.len();
        Ok(LabelledImages::new(self.shape, classes, pixels, labels)?)
    }

    fn planes(&self, path: &Path) -> Result<Vec<u8>, DataError> {
        let ImageShape { height, width, .. } = self.shape;
        let mut picture = decode(path)?;
        let (seen_width, seen_height) = picture.dimensions();
        if (seen_height as usize, seen_width as usize) != (height, width) {
            if !self.is_resized {
                let first = self.files[0].display();
                let problem = format!(
                    "is {seen_height}x{seen_width} (height x width), but {first} is {height}x{width}: expected pictures of one size, or a size to bring them to"
                );
                return Err(DataError::content(path, problem));
            }
            picture = resized(&picture, height as u32, width as u32);
        }
        let mut planes = vec![0; self.shape.len()];
        write_planes(&picture, &mut planes);
        Ok(planes)
    }
}
