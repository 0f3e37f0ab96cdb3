//! One tensor of a file, on the host.
use half::{bf16, f16};

use crate::{ElementType, FileError};

/// A named tensor in host memory: contiguous, row-major, little-endian bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileTensor {
    name: String,
    shape: Vec<usize>,
    element: ElementType,
    bytes: Vec<u8>,
}

/// Elements of a shape, or `None` when the product overflows.
pub(crate) fn element_count(shape: &[usize]) -> Option<usize> {
    // A zero anywhere makes the tensor empty, whatever the other sizes are.
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1_usize, |n, &size| n.checked_mul(size))
}

/// A name of a file as it is shown and asked for: a terminal would obey its control characters.
pub(crate) fn printable(name: String) -> String {
    // Marks that turn the direction of writing hide what a name is, too.
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !name.contains(hidden) {
        return name;
    }
    let mut shown = String::with_capacity(name.len() + 16);
    for c in name.chars() {
        if hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

impl FileTensor {
    /// A tensor from raw little-endian bytes in row-major order.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when `bytes` is not exactly the size of the shape.
    pub fn new(
        name: impl Into<String>,
        shape: Vec<usize>,
        element: ElementType,
        bytes: Vec<u8>,
    ) -> Result<Self, FileError> {
        let name = printable(name.into());
        let expected = element_count(&shape).and_then(|n| n.checked_mul(element.size()));
        if expected != Some(bytes.len()) {
            return Err(FileError::WrongLength {
                name,
                shape,
                element,
                expected,
                seen: bytes.len(),
            });
        }
        Ok(Self {
            name,
            shape,
            element,
            bytes,
        })
    }

    /// A tensor of 32-bit floats in row-major order.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when the values do not fill the shape.
    pub fn from_f32(
        name: impl Into<String>,
        shape: Vec<usize>,
        values: &[f32],
    ) -> Result<Self, FileError> {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(name, shape, ElementType::F32, bytes)
    }

    /// A tensor of 16-bit floats in row-major order.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when the values do not fill the shape.
    pub fn from_f16(
        name: impl Into<String>,
        shape: Vec<usize>,
        values: &[f16],
    ) -> Result<Self, FileError> {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(name, shape, ElementType::F16, bytes)
    }

    /// A tensor of 64-bit integers in row-major order.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when the values do not fill the shape.
    pub fn from_i64(
        name: impl Into<String>,
        shape: Vec<usize>,
        values: &[i64],
    ) -> Result<Self, FileError> {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(name, shape, ElementType::I64, bytes)
    }

    /// A tensor of bytes (such as pixels 0 to 255) in row-major order.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when the values do not fill the shape.
    pub fn from_u8(
        name: impl Into<String>,
        shape: Vec<usize>,
        values: Vec<u8>,
    ) -> Result<Self, FileError> {
        Self::new(name, shape, ElementType::U8, values)
    }

    /// The name: the path inside the file joined with `.`, empty for a file that is one bare tensor. Control
    /// characters in it are escaped.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same tensor under another name.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        self.name = printable(name.into());
        self
    }

    /// The shape; empty for a 0-dimensional tensor.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The element type as stored.
    #[must_use]
    pub fn element(&self) -> ElementType {
        self.element
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.element.size()
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The raw little-endian bytes, row-major.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The elements as `f32` in row-major order; wider types are rounded to nearest.
    #[must_use]
    pub fn to_f32(&self) -> Vec<f32> {
        match self.element {
            ElementType::F32 => self.decode(f32::from_le_bytes),
            ElementType::F16 => self.decode(|b| f16::from_le_bytes(b).to_f32()),
            ElementType::BF16 => self.decode(|b| bf16::from_le_bytes(b).to_f32()),
            ElementType::I64 => self.decode(|b| i64::from_le_bytes(b) as f32),
            ElementType::U64 => self.decode(|b| u64::from_le_bytes(b) as f32),
            _ => self.values().map(|v| v as f32).collect(),
        }
    }

    /// The elements as `f64` in row-major order; exact but for integers beyond 2^53.
    #[must_use]
    pub fn to_f64(&self) -> Vec<f64> {
        self.values().collect()
    }

    /// The elements as whole numbers in row-major order. Floats are taken when they are whole.
    ///
    /// # Errors
    /// [`FileError::NotIntegral`] for a fraction, an infinity, NaN, or a float outside the range of `i64`.
    pub fn to_i64(&self) -> Result<Vec<i64>, FileError> {
        if self.element == ElementType::I64 {
            return Ok(self.decode(i64::from_le_bytes));
        }
        if self.element == ElementType::U64 {
            // Not through f64, which rounds beyond 2^53.
            let whole = self.map(u64::from_le_bytes).enumerate();
            return whole
                .map(|(index, value)| {
                    i64::try_from(value).map_err(|_| FileError::NotIntegral {
                        name: self.name.clone(),
                        index,
                        value: value as f64,
                    })
                })
                .collect();
        }
        self.values()
            .enumerate()
            .map(|(index, value)| {
                // 2^63 is exact in f64, and every whole f64 below it fits.
                if value.fract() == 0.0 && (-TWO_POW_63..TWO_POW_63).contains(&value) {
                    Ok(value as i64)
                } else {
                    Err(FileError::NotIntegral {
                        name: self.name.clone(),
                        index,
                        value,
                    })
                }
            })
            .collect()
    }

    /// The elements one after another as `f64`.
    #[must_use]
    pub fn values(&self) -> Box<dyn Iterator<Item = f64> + '_> {
        match self.element {
            ElementType::F64 => Box::new(self.map(f64::from_le_bytes)),
            ElementType::F32 => Box::new(self.map(|b| f64::from(f32::from_le_bytes(b)))),
            ElementType::F16 => Box::new(self.map(|b| f16::from_le_bytes(b).to_f64())),
            ElementType::BF16 => Box::new(self.map(|b| bf16::from_le_bytes(b).to_f64())),
            ElementType::I64 => Box::new(self.map(|b| i64::from_le_bytes(b) as f64)),
            ElementType::I32 => Box::new(self.map(|b| f64::from(i32::from_le_bytes(b)))),
            ElementType::I16 => Box::new(self.map(|b| f64::from(i16::from_le_bytes(b)))),
            ElementType::I8 => Box::new(self.map(|b| f64::from(i8::from_le_bytes(b)))),
            ElementType::U64 => Box::new(self.map(|b| u64::from_le_bytes(b) as f64)),
            ElementType::U32 => Box::new(self.map(|b| f64::from(u32::from_le_bytes(b)))),
            ElementType::U16 => Box::new(self.map(|b| f64::from(u16::from_le_bytes(b)))),
            ElementType::U8 => Box::new(self.bytes.iter().map(|&b| f64::from(b))),
            ElementType::Bool => Box::new(self.bytes.iter().map(|&b| f64::from(u8::from(b != 0)))),
        }
    }

    /// One line: name, shape and type.
    pub(crate) fn describe(&self) -> String {
        let name = if self.name.is_empty() {
            "(bare tensor)"
        } else {
            &self.name
        };
        format!("{name} {:?} {}", self.shape, self.element)
    }

    fn map<const N: usize, T>(&self, convert: fn([u8; N]) -> T) -> impl Iterator<Item = T> + '_
    where
        T: 'static,
    {
        self.bytes
            .as_chunks::<N>()
            .0
            .iter()
            .map(move |&b| convert(b))
    }

    fn decode<const N: usize, T: 'static>(&self, convert: fn([u8; N]) -> T) -> Vec<T> {
        self.map(convert).collect()
    }
}

const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;

/// Reverses the bytes of every element, in place.
pub(crate) fn swap_bytes(bytes: &mut [u8], size: usize) {
    for element in bytes.chunks_exact_mut(size) {
        element.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_that_overflows_is_an_error() {
        let result = FileTensor::new("x", vec![usize::MAX, 2], ElementType::F32, vec![]);
        assert!(matches!(
            result,
            Err(FileError::WrongLength { expected: None, .. })
        ));
    }

    #[test]
    fn an_empty_tensor_has_any_other_sizes() {
        let tensor =
            FileTensor::new("x", vec![usize::MAX, 2, 0], ElementType::F32, vec![]).unwrap();
        assert_eq!(tensor.len(), 0);
    }

    #[test]
    fn only_whole_numbers_become_integers() {
        let t = |v: &[f32]| FileTensor::from_f32("x", vec![v.len()], v).unwrap();
        assert_eq!(t(&[-3.0, 0.0, 9.0]).to_i64().unwrap(), [-3, 0, 9]);
        for bad in [0.5, f32::NAN, f32::INFINITY, 1e30] {
            assert!(matches!(
                t(&[1.0, bad]).to_i64(),
                Err(FileError::NotIntegral { index: 1, .. })
            ));
        }
        assert_eq!(
            FileTensor::from_i64("x", vec![1], &[i64::MAX])
                .unwrap()
                .to_i64()
                .unwrap(),
            [i64::MAX]
        );
    }
}
