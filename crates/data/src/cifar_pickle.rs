//! CIFAR's Python layout: a pickled dict with a numpy array of bytes.
//!
//! The pickle is parsed by `serde-pickle`, which runs nothing: a numpy array arrives as the tuple that Python would
//! have handed to `ndarray.__setstate__`. Only the shape of data that CIFAR files have is accepted, and values of other
//! keys only where they are flat, so that shared references cannot blow a small file up.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_pickle::DeOptions;

use crate::DataError;
use crate::cifar::{IMAGE_BYTES, Records};

/// Appends the images of one pickled file whose labels lie under `label_key`.
pub(crate) fn read_pickled(
    path: &Path,
    bytes: &[u8],
    label_key: &'static str,
    records: &mut Records,
) -> Result<(), DataError> {
    let options = DeOptions::new()
        .keep_restore_state()
        .replace_unresolved_globals();
    let batch: Batch =
        serde_pickle::from_slice(bytes, options).map_err(|source| DataError::Pickle {
            path: path.to_owned(),
            source,
        })?;
    let Some(data) = batch.data else {
        return Err(DataError::content(
            path,
            "the pickled dict has no key `data`",
        ));
    };
    let labels = match label_key {
        "labels" => batch.labels,
        _ => batch.fine_labels,
    };
    let Some(labels) = labels else {
        return Err(DataError::content(
            path,
            format!("the pickled dict has no key `{label_key}`"),
        ));
    };
    let [images, values] = data.shape;
    if values != IMAGE_BYTES || images == 0 {
        return Err(DataError::content(
            path,
            format!("`data` has shape [{images}, {values}]: expected [images, {IMAGE_BYTES}]"),
        ));
    }
    if images.checked_mul(values) != Some(data.bytes.len()) {
        return Err(DataError::content(
            path,
            format!(
                "`data` of shape [{images}, {values}] holds {} bytes: expected one per value",
                data.bytes.len()
            ),
        ));
    }
    if labels.len() != images {
        return Err(DataError::content(
            path,
            format!(
                "{} labels for {images} images in `{label_key}`: expected one each",
                labels.len()
            ),
        ));
    }
    records.pixels.extend_from_slice(&data.bytes);
    records.labels.extend_from_slice(&labels);
    Ok(())
}

/// The dict of a batch; its keys are 8-bit strings (Python 2) or text.
#[derive(Default)]
struct Batch {
    data: Option<ByteArray>,
    labels: Option<Vec<u32>>,
    fine_labels: Option<Vec<u32>>,
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dict;
        impl<'de> Visitor<'de> for Dict {
            type Value = Batch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the dict of a CIFAR batch")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Batch, A::Error> {
                let mut batch = Batch::default();
                while let Some(Text(key)) = map.next_key()? {
                    match key.as_slice() {
                        b"data" => batch.data = Some(map.next_value()?),
                        b"labels" => batch.labels = Some(map.next_value()?),
                        b"fine_labels" => batch.fine_labels = Some(map.next_value()?),
                        _ => {
                            map.next_value::<Flat>()?;
                        }
                    }
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_map(Dict)
    }
}

/// Text or an 8-bit string.
struct Text(Vec<u8>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, value: &[u8]) -> Result<Text, E> {
                Ok(Text(value.to_owned()))
            }

            fn visit_byte_buf<E>(self, value: Vec<u8>) -> Result<Text, E> {
                Ok(Text(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Text, E> {
                Ok(Text(value.as_bytes().to_owned()))
            }
        }
        deserializer.deserialize_any(Bytes)
    }
}

/// The state of a two-dimensional row-major numpy array of single bytes.
struct ByteArray {
    shape: [usize; 2],
    bytes: Vec<u8>,
}

impl<'de> Deserialize<'de> for ByteArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct State;
        impl<'de> Visitor<'de> for State {
            type Value = ByteArray;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a numpy array of bytes with two dimensions, row-major")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ByteArray, A::Error> {
                let mut part = 0;
                let mut missing = || {
                    part += 1;
                    A::Error::custom(format!("part {part} of a numpy array's state is missing"))
                };
                let Flat = seq.next_element()?.ok_or_else(&mut missing)?;
                let shape: (usize, usize) = seq.next_element()?.ok_or_else(&mut missing)?;
                let Flat = seq.next_element()?.ok_or_else(&mut missing)?;
                let column_major: bool = seq.next_element()?.ok_or_else(&mut missing)?;
                let Text(bytes) = seq.next_element()?.ok_or_else(&mut missing)?;
                if column_major {
                    return Err(A::Error::custom(
                        "a column-major numpy array: expected a row-major one",
                    ));
                }
                Ok(ByteArray {
                    shape: [shape.0, shape.1],
                    bytes,
                })
            }
        }
        deserializer.deserialize_any(State)
    }
}

/// A value that is not needed: a scalar, or a list of scalars.
struct Flat;

/// A value that is not needed and holds no others.
struct Scalar;

/// Visitor methods that accept every scalar and drop it.
macro_rules! accept_scalars {
    ($value:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Drop;
        impl Visitor<'_> for Drop {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a string or nothing")
            }

            accept_scalars!(Scalar);
        }
        deserializer.deserialize_any(Drop)
    }
}

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Drop;
        impl<'de> Visitor<'de> for Drop {
            type Value = Flat;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a string or a flat list of them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Flat, A::Error> {
                while seq.next_element::<Scalar>()?.is_some() {}
                Ok(Flat)
            }

            accept_scalars!(Flat);
        }
        deserializer.deserialize_any(Drop)
    }
}
