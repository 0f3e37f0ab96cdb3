//! What distinguishes one dataset from another.

use super::opened::Opened;
use super::source::DatasetSource;
use crate::{DataError, Normalisation};

/// A dataset: all that is to be known of it, in the file of its own.
pub(super) struct Dataset {
    /// Its name as people write it.
    pub(super) title: &'static str,
    /// Number of classes; `None` where its files tell.
    pub(super) classes: Option<usize>,
    /// Pixels of a side of its square images; `None` where its pictures tell.
    pub(super) side: Option<usize>,
    /// Mean and standard deviation, as DD-Ranking uses them.
    pub(super) normalisation: fn() -> Normalisation,
    /// What `root` must hold, for people; `None` where it is generated.
    pub(super) root: Option<&'static str>,
    /// Finds and checks its files, and takes as much as the limits of the source allow.
    pub(super) open: fn(&DatasetSource) -> Result<Opened, DataError>,
}
