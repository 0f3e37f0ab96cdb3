//! Values that no training survives.

use std::path::Path;

use super::error::SyntheticError;

/// Refuses NaN and infinities.
pub(super) fn check_finite(
    path: &Path,
    what: &'static str,
    name: &str,
    values: &[f32],
) -> Result<(), SyntheticError> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(first) => Err(SyntheticError::NotFinite {
            path: path.to_owned(),
            what,
            name: name.to_owned(),
            nan: values.iter().filter(|v| v.is_nan()).count(),
            infinite: values.iter().filter(|v| v.is_infinite()).count(),
            first,
        }),
    }
}
