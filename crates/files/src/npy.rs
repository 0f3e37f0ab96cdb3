//! NumPy arrays.
//!
//! The header is a Python dictionary literal of fixed form. It is read by a scanner without recursion, so that a
//! hostile header cannot exhaust the stack.
use std::borrow::Cow;

use crate::limits::{Budget, reserve};
use crate::numpy_type::NumpyType;
use crate::tensor::{element_count, swap_bytes};
use crate::{FileError, FileTensor};

/// The first bytes of every array file.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";
/// No header of a plain array comes near it.
const MAX_HEADER: usize = 64 << 10;
const MAX_DIMENSIONS: usize = 64;

#[derive(PartialEq, Debug)]
struct Header {
    kind: NumpyType,
    fortran: bool,
    shape: Vec<usize>,
}

/// Reads one array from the whole content of a `.npy` file.
pub(crate) fn read(
    name: &str,
    mut content: Vec<u8>,
    budget: &mut Budget,
) -> Result<FileTensor, FileError> {
    // The header is text of the file's own length; the data stays where it is and is cut free below.
    let (header, data) = split(&content)?;
    let start = content.len() - data.len();
    let header = parse(header)?;
    content.drain(..start);
    array(
        name,
        header.kind,
        header.fortran,
        header.shape,
        Cow::Owned(content),
        budget,
    )
}

/// A tensor from the parts of an array; `data` must be exactly as long as the shape says.
pub(crate) fn array(
    name: &str,
    kind: NumpyType,
    fortran: bool,
    shape: Vec<usize>,
    data: Cow<'_, [u8]>,
    budget: &mut Budget,
) -> Result<FileTensor, FileError> {
    let size = kind.element.size();
    let expected = element_count(&shape).and_then(|n| n.checked_mul(size));
    if expected != Some(data.len()) {
        return Err(FileError::WrongLength {
            name: name.to_owned(),
            shape,
            element: kind.element,
            expected,
            seen: data.len(),
        });
    }
    let what = format!("array `{name}`");
    let length = budget.take(&what, data.len() as u64)?;
    // Only now: many arrays may share the data of one, and each copy has to be paid for.
    let mut data = data.into_owned();
    if fortran && shape.len() > 1 && length > 0 {
        let mut stride = 1_usize;
        let strides: Vec<usize> = shape
            .iter()
            .map(|&n| {
                let here = stride;
                stride *= n; // bounded by the element count, checked above
                here
            })
            .collect();
        let mut rows = reserve(&what, length)?;
        crate::view::gather(&data, size, 0, &shape, &strides, &mut rows);
        data = rows;
    }
    if kind.big_endian {
        swap_bytes(&mut data, size);
    }
    FileTensor::new(name, shape, kind.element, data)
}

/// The header's text and the data behind it.
fn split(content: &[u8]) -> Result<(&str, &[u8]), FileError> {
    let cut = || FileError::damaged("the NumPy file ends inside its header");
    let rest = content
        .strip_prefix(MAGIC)
        .ok_or_else(|| FileError::damaged("the NumPy magic bytes are missing"))?;
    let (version, rest) = rest.split_at_checked(2).ok_or_else(cut)?;
    let (length, rest) = match version[0] {
        1 => {
            let (n, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
            (u32::from(u16::from_le_bytes(*n)), rest)
        }
        2 | 3 => {
            let (n, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            (u32::from_le_bytes(*n), rest)
        }
        other => {
            return Err(FileError::Unsupported {
                seen: format!("NumPy file version {other}"),
                expected: "allowed are 1, 2 and 3".to_owned(),
            });
        }
    };
    let length = length as usize;
    if length > MAX_HEADER {
        return Err(FileError::TooLarge {
            what: "the NumPy header".to_owned(),
            bytes: length as u64,
            limit: MAX_HEADER as u64,
        });
    }
    let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header)
        .map_err(|_| FileError::damaged("the NumPy header is not text"))?;
    Ok((header, data))
}

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn parse(header: &str) -> Result<Header, FileError> {
    let mut scan = Scanner(header.trim());
    let (mut kind, mut fortran, mut shape) = (None, None, None);
    scan.expect('{')?;
    while !scan.accept('}') {
        let key = scan.text()?;
        scan.expect(':')?;
        match key {
            "descr" if scan.peek() == Some('[') => {
                return Err(FileError::Unsupported {
                    seen: "a NumPy array of records".to_owned(),
                    expected: "save one plain array per tensor".to_owned(),
                });
            }
            "descr" => kind = Some(NumpyType::parse(scan.text()?)?),
            "fortran_order" => fortran = Some(scan.boolean()?),
            "shape" => shape = Some(scan.shape()?),
            other => {
                return Err(FileError::damaged(format!(
                    "NumPy header has the key `{other}`"
                )));
            }
        }
        if !scan.accept(',') {
            scan.expect('}')?;
            break;
        }
    }
    match (kind, fortran, shape) {
        (Some(kind), Some(fortran), Some(shape)) if scan.0.trim().is_empty() => Ok(Header {
            kind,
            fortran,
            shape,
        }),
        _ => Err(FileError::damaged(
            "the NumPy header lacks `descr`, `fortran_order` or `shape`, or has something behind it",
        )),
    }
}

struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn peek(&mut self) -> Option<char> {
        self.0 = self.0.trim_start();
        self.0.chars().next()
    }

    fn accept(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.0 = &self.0[wanted.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), FileError> {
        if self.accept(wanted) {
            return Ok(());
        }
        let near: String = self.0.chars().take(20).collect();
        Err(FileError::damaged(format!(
            "NumPy header: expected `{wanted}` before `{near}`"
        )))
    }

    fn text(&mut self) -> Result<&'a str, FileError> {
        let quote = if self.peek() == Some('"') { '"' } else { '\'' };
        self.expect(quote)?;
        let (text, rest) = self
            .0
            .split_once(quote)
            .ok_or_else(|| FileError::damaged("NumPy header: a text has no end"))?;
        self.0 = rest;
        Ok(text)
    }

    fn boolean(&mut self) -> Result<bool, FileError> {
        self.peek();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(FileError::damaged(
            "NumPy header: `fortran_order` must be True or False",
        ))
    }

    fn shape(&mut self) -> Result<Vec<usize>, FileError> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.accept(')') {
            self.peek();
            let digits = self
                .0
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(self.0.len());
            let size = self.0[..digits].parse().map_err(|_| {
                FileError::damaged("NumPy header: `shape` must be a tuple of whole numbers")
            })?;
            // Python 2 wrote long integers with an L.
            self.0 = self.0[digits..].trim_start_matches('L');
            shape.push(size);
            if shape.len() > MAX_DIMENSIONS {
                return Err(FileError::TooMany {
                    what: "dimensions",
                    limit: MAX_DIMENSIONS,
                });
            }
            if !self.accept(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementType;

    #[test]
    fn reads_the_headers_numpy_writes() {
        let header =
            parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n").unwrap();
        assert_eq!(header.shape, [3, 4]);
        assert_eq!(header.kind.element, ElementType::F32);
        assert!(!header.fortran);
        assert_eq!(
            parse("{'descr': '>i2', 'fortran_order': True, 'shape': (), }")
                .unwrap()
                .shape,
            [0; 0]
        );
        assert_eq!(
            parse("{'shape': (5L,), 'fortran_order': True, 'descr': '|b1'}")
                .unwrap()
                .shape,
            [5]
        );
    }

    #[test]
    fn refuses_other_headers() {
        for bad in [
            "",
            "{",
            "{}",
            "[]",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let deep = "(".repeat(60_000);
        assert!(parse(&format!("{{'shape': {deep}")).is_err());
    }
}
