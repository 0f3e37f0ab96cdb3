//! Sizes of pictures as configurations write them: those of the dataset's own transforms.

pub use ddrank_data::Size;

use crate::error::AugmentationError;

/// The size, if both sides are from 1 to [`Size::LARGEST_SIDE`].
pub(crate) fn checked(size: Size) -> Result<Size, AugmentationError> {
    if size.is_possible() {
        return Ok(size);
    }
    let allowed = "from 1 to 8192 pixels a side";
    Err(AugmentationError::value("size", size, allowed))
}
