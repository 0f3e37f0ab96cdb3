//! Real datasets: where they come from, opening and loading them.

use std::path::{Path, PathBuf};

use crate::{
    DataError, DatasetName, DemoOptions, Geometry, GeometryStep, LabelledImages, Normalisation,
    Pictures, cifar, demo, folder,
};

/// Which real dataset, from where, how much of it, and how its images are brought to size.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSource {
    /// The dataset.
    pub name: DatasetName,
    /// Folder of its files; needed by all but the demo dataset, which takes none.
    pub root: Option<PathBuf>,
    /// Height and width of the images; without it the dataset's own ([`DatasetName::size`]), of a folder that of its
    /// pictures. Pictures of other sizes are resized, both sides, unless `transform` says how.
    pub size: Option<(usize, usize)>,
    /// How test images, and training images that no augmentation touches, are brought to size, instead of a resize of
    /// both sides. Where `size` is given too, it must be what these steps lead to.
    pub transform: Option<Vec<GeometryStep>>,
    /// Use only the first so many training images.
    pub train_limit: Option<usize>,
    /// Use only the first so many test images.
    pub test_limit: Option<usize>,
    /// Statistics to use instead of the dataset's own.
    pub normalisation: Option<Normalisation>,
}

impl DatasetSource {
    /// A dataset with no settings.
    #[must_use]
    pub fn new(name: DatasetName) -> Self {
        Self {
            name,
            root: None,
            size: None,
            transform: None,
            train_limit: None,
            test_limit: None,
            normalisation: None,
        }
    }

    pub(crate) fn setting(&self, key: &'static str, problem: impl Into<String>) -> DataError {
        DataError::Setting {
            dataset: self.name,
            key,
            problem: problem.into(),
        }
    }

    fn needed_root(&self) -> Result<&Path, DataError> {
        match self.root.as_deref() {
            Some(root) => Ok(root),
            None => Err(self.setting(
                "root",
                "is missing: expected the folder that holds its files",
            )),
        }
    }

    fn check(&self) -> Result<(), DataError> {
        if !self.name.has_files() && self.root.is_some() {
            return Err(self.setting(
                "root",
                "is given: this dataset is generated and reads no files",
            ));
        }
        for (key, limit) in [
            ("train_limit", self.train_limit),
            ("test_limit", self.test_limit),
        ] {
            if limit == Some(0) {
                return Err(self.setting(
                    key,
                    "is 0: expected at least 1, or leave it out for all images",
                ));
            }
        }
        // Impossible steps are seen before any file is.
        let steps = self.steps();
        if let Some(size) = Geometry::fixed_size(&steps) {
            let key = if self.transform.is_some() {
                "transform"
            } else {
                "size"
            };
            Geometry::new(steps, size)
                .map_err(|error| self.setting(key, format!("is impossible: {error}")))?;
        }
        Ok(())
    }

    /// The steps to the images' size; none where a folder's pictures keep the size that they have.
    fn steps(&self) -> Vec<GeometryStep> {
        let size = self.size.map(|(height, width)| [height, width]);
        match (&self.transform, size.or(self.name.size())) {
            (Some(steps), _) => steps.clone(),
            (None, Some(size)) => Geometry::resize_steps(size),
            (None, None) => Vec::new(),
        }
    }

    fn geometry(&self, pictures: &Pictures) -> Result<Geometry, DataError> {
        let geometry = pictures.geometry(self.steps())?;
        if let (Some((height, width)), Some(_)) = (self.size, &self.transform)
            && geometry.size() != [height, width]
        {
            let [to_height, to_width] = geometry.size();
            let problem = format!(
                "is {height}x{width}, but `transform` leads to {to_height}x{to_width}: expected the same, or one of the two"
            );
            return Err(self.setting("size", problem));
        }
        Ok(geometry)
    }
}

/// A real dataset whose pictures need not be decoded yet, nor have one size.
#[derive(Clone, Debug)]
pub struct OpenDataset {
    /// Which dataset it is.
    pub name: DatasetName,
    /// Names of the classes; the label is the position.
    pub class_names: Vec<String>,
    /// Training pictures.
    pub train: Pictures,
    /// Test pictures.
    pub test: Pictures,
    /// How test pictures, and training pictures that no augmentation touches, are brought to one size.
    pub geometry: Geometry,
    /// The statistics to normalise both with: the source's own choice, else the dataset's.
    pub normalisation: Normalisation,
}

/// A real dataset in host memory: pixel bytes of one size, labels, class names and how to normalise.
#[derive(Clone, Debug)]
pub struct RealDataset {
    /// Which dataset it is.
    pub name: DatasetName,
    /// Names of the classes; the label is the position.
    pub class_names: Vec<String>,
    /// Training images, as bytes.
    pub train: LabelledImages,
    /// Test images, as bytes.
    pub test: LabelledImages,
    /// The statistics to normalise both with: the source's own choice, else the dataset's.
    pub normalisation: Normalisation,
}

impl OpenDataset {
    /// Decodes what is not decoded and brings all images to size.
    ///
    /// # Errors
    ///
    /// When the images do not fit into memory, or a picture is broken or has another size than it should.
    pub fn load(self) -> Result<RealDataset, DataError> {
        Ok(RealDataset {
            name: self.name,
            class_names: self.class_names,
            train: self.train.prepared(&self.geometry)?,
            test: self.test.prepared(&self.geometry)?,
            normalisation: self.normalisation,
        })
    }
}

/// Opens a real dataset: its files are listed and checked for completeness; pictures in class folders are not decoded.
///
/// The order of images is fixed: for CIFAR that of the files, for folders and the demo dataset one image of each
/// class in turn, so that a limit keeps the classes balanced.
///
/// # Errors
///
/// When a setting is missing or has no meaning for the dataset, when files are missing or not what their place says, and
/// when the normalisation has another number of channels than the images.
pub fn open_dataset(source: &DatasetSource) -> Result<OpenDataset, DataError> {
    source.check()?;
    let (class_names, train, test, normalisation);
    if let Some(kind) = source.name.folder_kind() {
        let splits = folder::list(&kind, source.needed_root()?, source)?;
        let pictures = |listing: folder::Listing| {
            Pictures::files(&listing.folder, listing.classes.len(), listing.pictures)
        };
        class_names = splits.train.classes.clone();
        (train, test) = (pictures(splits.train)?, pictures(splits.test)?);
        normalisation = source.name.normalisation();
    } else {
        let dataset = match source.name {
            DatasetName::Cifar10 => cifar::load(cifar::CIFAR10, source.needed_root()?)?,
            DatasetName::Cifar100 => cifar::load(cifar::CIFAR100, source.needed_root()?)?,
            _ => demo::demo_dataset(&DemoOptions::default()),
        };
        let limited = |images: LabelledImages, limit: Option<usize>| {
            Pictures::uniform(match limit {
                Some(limit) => images.first(limit),
                None => images,
            })
        };
        class_names = dataset.class_names;
        train = limited(dataset.train, source.train_limit)?;
        test = limited(dataset.test, source.test_limit)?;
        normalisation = dataset.normalisation;
    }
    let geometry = source.geometry(&train)?;
    let normalisation = match &source.normalisation {
        Some(chosen) if chosen.channels() != 3 => {
            let (found, shape) = (chosen.channels(), geometry.shape());
            return Err(crate::ImagesError::Channels { found, shape }.into());
        }
        Some(chosen) => chosen.clone(),
        None => normalisation,
    };
    Ok(OpenDataset {
        name: source.name,
        class_names,
        train,
        test,
        geometry,
        normalisation,
    })
}

/// Loads a real dataset into memory, all images of one size: [`open_dataset`], then [`OpenDataset::load`].
///
/// ```
/// use ddrank_data::{DatasetName, DatasetSource, load_dataset};
///
/// let mut source = DatasetSource::new(DatasetName::Demo);
/// source.train_limit = Some(50);
/// let dataset = load_dataset(&source)?;
/// let train = dataset.train.normalised(&dataset.normalisation)?;
/// assert_eq!(train.shape().to_string(), "3x32x32");
/// assert_eq!(train.class_counts(), [5; 10]);
/// # Ok::<(), ddrank_data::DataError>(())
/// ```
///
/// # Errors
///
/// As these two.
pub fn load_dataset(source: &DatasetSource) -> Result<RealDataset, DataError> {
    open_dataset(source)?.load()
}
