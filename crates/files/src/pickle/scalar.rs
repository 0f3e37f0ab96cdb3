//! Opcodes that are one plain value.
use std::io::BufRead;

use super::literal::{string_literal, unicode_literal};
use super::node::Node;
use super::source::Source;
use crate::FileError;

/// No name in a file of tensors is longer.
const LONGEST_NAME: usize = 4096;

/// Reads the value of an opcode.
pub(super) fn scalar<R: BufRead>(opcode: u8, source: &mut Source<R>) -> Result<Node, FileError> {
    Ok(match opcode {
        b'N' => Node::None,
        0x88 => Node::Bool(true),
        0x89 => Node::Bool(false),
        b'J' => Node::Int(i64::from(i32::from_le_bytes(source.array()?))),
        b'K' => Node::Int(i64::from(source.byte()?)),
        b'M' => Node::Int(i64::from(u16::from_le_bytes(source.array()?))),
        b'I' | b'L' => match source.line()?.trim_end_matches('L') {
            "00" => Node::Bool(false),
            "01" => Node::Bool(true),
            text => match text.parse() {
                Ok(value) => Node::Int(value),
                Err(_) => {
                    return Err(FileError::damaged(format!(
                        "the pickle has the number `{text}`"
                    )));
                }
            },
        },
        0x8a => {
            // A length of 0 is the number 0.
            let length = source.byte()?;
            long(&source.bytes(u64::from(length))?)
        }
        0x8b => {
            let length = u32::from_le_bytes(source.array()?);
            long(&source.bytes(u64::from(length))?)
        }
        b'F' => {
            let text = source.line()?;
            Node::Float(
                text.parse().map_err(|_| {
                    FileError::damaged(format!("the pickle has the number `{text}`"))
                })?,
            )
        }
        b'G' => Node::Float(f64::from_be_bytes(source.array()?)),
        b'X' | 0x8c | 0x8d => {
            let length = length(opcode == 0x8c, opcode == 0x8d, source)?;
            // Lone surrogates (never in names of tensors) are replaced.
            Node::Text(String::from_utf8_lossy(&source.bytes(length)?).into_owned())
        }
        b'T' | b'U' => {
            let length = length(opcode == b'U', false, source)?;
            text_or_data(source.bytes(length)?)
        }
        b'S' => text_or_data(string_literal(&source.long_line()?)?),
        b'V' => Node::Text(unicode_literal(&source.long_line()?)?),
        b'B' | b'C' | 0x8e | 0x96 => {
            let length = length(opcode == b'C', opcode >= 0x8e, source)?;
            Node::Bytes(source.bytes(length)?)
        }
        other => {
            return Err(FileError::Unsupported {
                seen: format!("pickle opcode 0x{other:02x}"),
                expected: "save tensors with torch.save, or use safetensors".to_owned(),
            });
        }
    })
}

/// A `str` of Python 2, which is a name or data; only the length tells. As text it stands for the same bytes, character
/// by character, so nothing is lost either way, but data would take twice the memory.
fn text_or_data(bytes: Vec<u8>) -> Node {
    if bytes.len() > LONGEST_NAME {
        return Node::Bytes(bytes);
    }
    Node::Text(bytes.into_iter().map(char::from).collect())
}

/// A length in 1, 8 or else 4 bytes.
fn length<R: BufRead>(one: bool, eight: bool, source: &mut Source<R>) -> Result<u64, FileError> {
    Ok(if one {
        u64::from(source.byte()?)
    } else if eight {
        u64::from_le_bytes(source.array()?)
    } else {
        u64::from(u32::from_le_bytes(source.array()?))
    })
}

/// A whole number in little-endian two's complement; opaque beyond 64 bits.
fn long(bytes: &[u8]) -> Node {
    if bytes.len() > 8 {
        return Node::Opaque("a whole number of more than 64 bits".into());
    }
    let negative = bytes.last().is_some_and(|&b| b >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Node::Int(i64::from_le_bytes(wide))
}
