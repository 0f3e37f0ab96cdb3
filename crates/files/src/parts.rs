//! Writing one tensor part by part, so that it never has to be in memory.
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use half::f16;

use crate::replace::replace_file;
use crate::tensor::element_count;
use crate::write::{Entry, header};
use crate::{ElementType, FileError};

/// A container that a tensor can be written to part by part, chosen by the extension of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartsFormat {
    /// `.safetensors`.
    Safetensors,
    /// `.npy`, which has no place for the tensor's name.
    Npy,
}

impl PartsFormat {
    /// The container that the extension of `path` asks for.
    ///
    /// # Errors
    /// [`FileError::Write`], which names the file and what is allowed, for any other extension.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path.extension().and_then(std::ffi::OsStr::to_str);
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("safetensors") => Ok(Self::Safetensors),
            Some("npy") => Ok(Self::Npy),
            other => Err(FileError::Write {
                path: path.to_owned(),
                source: Box::new(FileError::Unsupported {
                    seen: match other {
                        Some(other) => format!("the extension `.{other}`"),
                        None => "a name without an extension".to_owned(),
                    },
                    expected: "allowed are .safetensors and .npy".to_owned(),
                }),
            }),
        }
    }
}

/// What is written: name, shape and element type of a tensor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartsLayout<'a> {
    /// Its name; `.npy` files have none.
    pub name: &'a str,
    /// Its shape.
    pub shape: &'a [usize],
    /// How its numbers are stored: [`ElementType::F32`] or [`ElementType::F16`].
    pub element: ElementType,
}

/// Takes the numbers of a tensor, in row-major order.
pub struct TensorParts<'a> {
    writer: &'a mut dyn Write,
    path: PathBuf,
    element: ElementType,
    left: usize,
}

/// Writes a tensor of which `fill` hands over the numbers in row-major order, part after part.
///
/// The file appears whole or not at all: it is written under a temporary name in the same folder, synced and renamed. An
/// existing file is replaced.
///
/// # Errors
/// What `fill` returns; [`FileError::Write`] for another extension than [`PartsFormat`] knows, another element type than
/// the two, more or fewer numbers than the shape has, and I/O errors.
pub fn write_in_parts<E: From<FileError>>(
    path: &Path,
    layout: PartsLayout<'_>,
    fill: impl FnOnce(&mut TensorParts<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let at = |source| FileError::Write {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let format = PartsFormat::of(path)?;
    let (start, count) = start(format, layout).map_err(at)?;
    // The error of `fill` passes through a writer that knows only io errors; it is kept aside to come out as it was.
    let mut refusal = None;
    let written = replace_file(path, |writer| {
        writer.write_all(&start)?;
        let mut parts = TensorParts {
            writer,
            path: path.to_owned(),
            element: layout.element,
            left: count,
        };
        match fill(&mut parts) {
            Ok(()) if parts.left == 0 => Ok(()),
            Ok(()) => Err(io::Error::other(format!(
                "{} of {count} numbers are missing",
                parts.left
            ))),
            Err(error) => {
                refusal = Some(error);
                Err(io::Error::other("given up"))
            }
        }
    });
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(written.map_err(|error| at(error.into()))?),
    }
}

impl TensorParts<'_> {
    /// Writes the next numbers.
    ///
    /// # Errors
    /// [`FileError::Write`] for numbers beyond the shape, a finite number that is too large for half precision, and I/O
    /// errors.
    pub fn write(&mut self, values: &[f32]) -> Result<(), FileError> {
        self.put(values).map_err(|source| FileError::Write {
            path: self.path.clone(),
            source: Box::new(source),
        })
    }

    fn put(&mut self, values: &[f32]) -> Result<(), FileError> {
        let Some(left) = self.left.checked_sub(values.len()) else {
            let (seen, left) = (values.len(), self.left);
            let problem = format!("{seen} numbers, but the shape has room for {left} more");
            return Err(io::Error::other(problem).into());
        };
        let bytes: Vec<u8> = if self.element == ElementType::F16 {
            let halves: Vec<f16> = values.iter().map(|&value| f16::from_f32(value)).collect();
            // An infinity that was a number would spoil every loss that touches it, silently.
            let overflow = |(half, value): (&f16, &f32)| half.is_infinite() && value.is_finite();
            if let Some(place) = halves.iter().zip(values).position(overflow) {
                return Err(FileError::Unsupported {
                    seen: format!("the number {} in half precision", values[place]),
                    expected: format!("it holds numbers up to {}; use single precision", f16::MAX),
                });
            }
            halves.iter().flat_map(|half| half.to_le_bytes()).collect()
        } else {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
        self.writer.write_all(&bytes)?;
        self.left = left;
        Ok(())
    }
}

/// What comes before the numbers, and how many numbers there are.
fn start(format: PartsFormat, layout: PartsLayout<'_>) -> Result<(Vec<u8>, usize), FileError> {
    let PartsLayout {
        name,
        shape,
        element,
    } = layout;
    let code = match element {
        ElementType::F32 => "<f4",
        ElementType::F16 => "<f2",
        other => {
            return Err(FileError::Unsupported {
                seen: format!("writing {other} in parts"),
                expected: "allowed are f32 and f16".to_owned(),
            });
        }
    };
    let bytes = element_count(shape).and_then(|count| count.checked_mul(element.size()));
    let Some(bytes) = bytes else {
        return Err(FileError::Unsupported {
            seen: format!("the shape {shape:?}"),
            expected: "its product must be a number that the machine can count to".to_owned(),
        });
    };
    let start = match format {
        PartsFormat::Safetensors => {
            let header = header([Entry {
                name,
                shape,
                element,
                bytes,
            }])?;
            let mut start = (header.len() as u64).to_le_bytes().to_vec();
            start.extend(header);
            start
        }
        PartsFormat::Npy => npy_start(code, shape),
    };
    Ok((start, bytes / element.size()))
}

/// NumPy's header, version 1.0: the numbers after it begin at a multiple of 64 bytes.
fn npy_start(code: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let tuple = match sizes.as_slice() {
        // Python writes a tuple of one with a comma.
        [only] => format!("({only},)"),
        sizes => format!("({})", sizes.join(", ")),
    };
    let mut text = format!("{{'descr': '{code}', 'fortran_order': False, 'shape': {tuple}, }}");
    let fixed = crate::npy::MAGIC.len() + 2 + 2;
    // NumPy pads its header so that the data begins at a multiple of 64.
    let length = (fixed + text.len() + 1).next_multiple_of(64) - fixed;
    text.push_str(&" ".repeat(length - text.len() - 1));
    text.push('\n');
    let mut start = crate::npy::MAGIC.to_vec();
    // Version 1.0, whose length has two bytes: shapes are far shorter than 64 KiB.
    start.extend([1, 0]);
    start.extend((length as u16).to_le_bytes());
    start.extend(text.bytes());
    start
}
