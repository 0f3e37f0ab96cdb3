//! Opcodes that are one plain value.
use std::io::BufRead;

use super::super::FileError;
use super::node::Node;
use super::source::Source;

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
        // Texts of Python 2.
        b'T' | b'U' => {
            let length = length(opcode == b'U', false, source)?;
            Node::Text(source.bytes(length)?.into_iter().map(char::from).collect())
        }
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
