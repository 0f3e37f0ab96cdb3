//! What is to be known of each dataset, by name.

use super::dataset_name::DatasetName;
use super::descriptor::Dataset;
use super::list::datasets;
use crate::Normalisation;

macro_rules! describe {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $module:ident :: $descriptor:ident;)*) => {
        /// Its descriptor.
        pub(super) fn dataset(self) -> &'static Dataset {
            match self {
                $(Self::$variant => &super::$module::$descriptor,)*
            }
        }
    };
}

impl DatasetName {
    datasets!(describe);

    /// The name as people write it, such as `CIFAR-10`.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.dataset().title
    }

    /// Number of classes; `None` where its files tell.
    #[must_use]
    pub fn classes(self) -> Option<usize> {
        self.dataset().classes
    }

    /// Height and width that its images have unless a source says otherwise; `None` for folders, whose pictures tell.
    #[must_use]
    pub fn size(self) -> Option<[usize; 2]> {
        self.dataset().side.map(|side| [side, side])
    }

    /// Its mean and standard deviation, as DD-Ranking uses them.
    #[must_use]
    pub fn normalisation(self) -> Normalisation {
        (self.dataset().normalisation)()
    }

    /// What the folder of its files must hold, for people; `None` where it is generated and has no files.
    #[must_use]
    pub fn root(self) -> Option<&'static str> {
        self.dataset().root
    }

    /// Whether it is read from files, so that a source needs their folder.
    #[must_use]
    pub fn has_files(self) -> bool {
        self.root().is_some()
    }
}
