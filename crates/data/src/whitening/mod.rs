//! ZCA whitening of whole datasets.

mod error;
mod variant;
mod zca;
mod zca_cache;
mod zca_moments;

pub use error::WhiteningError;
pub use variant::{ZcaSettingError, ZcaVariant};
pub use zca::Whitening;
pub use zca_cache::{CacheNotice, CachedWhitening};
