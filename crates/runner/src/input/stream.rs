//! Pictures that are read batch by batch.

use std::sync::Arc;

use ddrank_data::{Geometry, Normalisation, Pictures};

/// Pictures that are read batch by batch.
#[derive(Clone, Debug)]
pub struct PictureStream {
    /// The pictures.
    pub pictures: Arc<Pictures>,
    /// How their bytes are normalised.
    pub normalisation: Normalisation,
    /// How they are brought to one size; `None` leaves that to an augmentation.
    pub geometry: Option<Geometry>,
}
