//! Sizes of pictures as configurations write them: those of the dataset's own transforms.

pub use ddrank_data::Size;
use ddrank_keys::{KeyError, Value};

/// A [`Size`] as the value of a key; both sides are from 1 to [`Size::LARGEST_SIDE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PictureSize(pub(crate) Size);

impl PictureSize {
    /// The size, if it is possible; an error has its place below the key `size`.
    pub(crate) fn checked(size: Size) -> Result<Size, KeyError> {
        if size.is_possible() {
            return Ok(size);
        }
        Err(refusal(size).below("size"))
    }
}

fn refusal(size: impl std::fmt::Display) -> KeyError {
    let allowed = PictureSize::KIND;
    KeyError::new(format!("{size} is not allowed; expected {allowed}"))
}

impl Value for PictureSize {
    const KIND: &'static str = "a whole number from 1 to 8192, or two of them, [height, width]";

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        let whole = |side: &toml::Value| usize::try_from(side.as_integer()?).ok();
        let size = match value.as_array().map(Vec::as_slice) {
            None => whole(&value).map(Size::Side),
            Some([height, width]) => whole(height)
                .zip(whole(width))
                .map(|(height, width)| Size::Exact { height, width }),
            Some(_) => None,
        };
        match size.filter(|size| size.is_possible()) {
            Some(size) => Ok(Self(size)),
            None => Err(refusal(value)),
        }
    }

    fn write(&self) -> String {
        match self.0 {
            Size::Side(side) => side.to_string(),
            Size::Exact { height, width } => format!("[{height}, {width}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for size in [
            Size::Side(32),
            Size::Exact {
                height: 1,
                width: Size::LARGEST_SIDE,
            },
        ] {
            let text = format!("size = {}", PictureSize(size).write());
            let table: toml::Table = toml::from_str(&text).unwrap();
            assert_eq!(
                PictureSize::read(table["size"].clone()),
                Ok(PictureSize(size))
            );
        }
    }

    /// The words name the limit, which the check has from the type.
    #[test]
    fn the_words_know_the_limit() {
        assert!(PictureSize::KIND.contains(&Size::LARGEST_SIDE.to_string()));
    }
}
