//! Opening and loading real datasets.

use super::opened::Opened;
use super::real_dataset::{OpenDataset, RealDataset};
use super::source::DatasetSource;
use crate::{DataError, Geometry, GeometryStep, ImagesError, Pictures};

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
    let dataset = source.name.dataset();
    let Opened {
        class_names,
        train,
        test,
    } = (dataset.open)(source)?;
    // From the training pictures, and of them before any augmentation: the test set must follow them.
    let geometry = source.geometry(&train)?;
    let normalisation = match &source.normalisation {
        // Pictures are RGB; of grey datasets one number is known.
        Some(chosen) if chosen.channels() == 1 => chosen.for_channels(3),
        Some(chosen) if chosen.channels() != 3 => {
            let (found, shape) = (chosen.channels(), geometry.shape());
            return Err(ImagesError::Channels { found, shape }.into());
        }
        Some(chosen) => chosen.clone(),
        None => source.name.normalisation(),
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

/// What a source asks for must be possible before any file is opened.
impl DatasetSource {
    fn check(&self) -> Result<(), DataError> {
        if !self.name.has_files() && self.root.is_some() {
            return Err(self.setting(
                "root",
                "is given: this dataset is generated and reads no files",
            ));
        }
        if let Some(root) = &self.root {
            let problem = match std::fs::metadata(root) {
                Ok(root) if root.is_dir() => None,
                Ok(_) => Some("it is a file; expected the folder with the dataset's files"),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Some("there is no such folder")
                }
                Err(error) => return Err(DataError::read(root, error)),
            };
            if let Some(problem) = problem {
                return Err(DataError::content(root, problem));
            }
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
