//! Element types in NumPy's notation.
use crate::{ElementType, FileError};

/// An element type in NumPy's notation, such as `<f4`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct NumpyType {
    pub(crate) element: ElementType,
    pub(crate) big_endian: bool,
}

impl NumpyType {
    /// Parses `<f4`, `|u1`, `f8` (machine order, taken as little-endian) and the like.
    pub(crate) fn parse(text: &str) -> Result<Self, FileError> {
        let (order, code) = match text.as_bytes().first() {
            Some(b'<' | b'|' | b'=') => (false, &text[1..]),
            Some(b'>') => (true, &text[1..]),
            _ => (false, text),
        };
        let element = match code {
            "f8" => ElementType::F64,
            "f4" => ElementType::F32,
            "f2" => ElementType::F16,
            "i8" => ElementType::I64,
            "i4" => ElementType::I32,
            "i2" => ElementType::I16,
            "i1" => ElementType::I8,
            "u8" => ElementType::U64,
            "u4" => ElementType::U32,
            "u2" => ElementType::U16,
            "u1" => ElementType::U8,
            // JAX and ml_dtypes register bfloat16 with NumPy, whose own files call it two bytes of anything.
            "V2" | "bfloat16" => ElementType::BF16,
            "b1" => ElementType::Bool,
            code if code.starts_with('O') => {
                return Err(FileError::Unsupported {
                    seen: "a NumPy array of Python objects".to_owned(),
                    expected: format!(
                        "save a plain array ({}), not a list of arrays of different shapes",
                        ElementType::SUPPORTED
                    ),
                });
            }
            _ => return Err(FileError::element(&format!("`{text}` (NumPy)"))),
        };
        Ok(Self {
            element,
            big_endian: order,
        })
    }
}
