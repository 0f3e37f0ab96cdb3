//! Texts as protocol 0 writes them: literals of Python's source code, one a line.

use crate::FileError;

/// The bytes of a Python 2 literal such as `'a\x00\n'` (opcode STRING).
pub(super) fn string_literal(line: &[u8]) -> Result<Vec<u8>, FileError> {
    let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = line else {
        return Err(FileError::damaged("a text of the pickle has no quotes"));
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else {
            return Err(cut_escape());
        };
        rest = after;
        match escape {
            b'\\' | b'\'' | b'"' => bytes.push(escape),
            b'a' => bytes.push(0x07),
            b'b' => bytes.push(0x08),
            b't' => bytes.push(b'\t'),
            b'n' => bytes.push(b'\n'),
            b'v' => bytes.push(0x0b),
            b'f' => bytes.push(0x0c),
            b'r' => bytes.push(b'\r'),
            b'x' => {
                let (value, after) = hexadecimal(rest, 2)?;
                // Two digits are a byte.
                bytes.push(value as u8);
                rest = after;
            }
            b'0'..=b'7' => {
                let more = rest.iter().take(2);
                let more = more
                    .take_while(|digit| matches!(digit, b'0'..=b'7'))
                    .count();
                let digits = [&[escape], &rest[..more]].concat();
                let value = digits
                    .iter()
                    .fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                // Python keeps the lower eight bits of \777.
                bytes.push(value as u8);
                rest = &rest[more..];
            }
            // What is no escape stands for itself.
            other => bytes.extend([b'\\', other]),
        }
    }
    Ok(bytes)
}

/// The text of a Unicode literal without quotes (opcode UNICODE): Latin-1, but for `\uXXXX` and `\UXXXXXXXX`.
pub(super) fn unicode_literal(line: &[u8]) -> Result<String, FileError> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = match (byte, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(byte));
                rest = after;
                continue;
            }
        };
        let (value, after) = hexadecimal(&after[1..], digits)?;
        // Lone surrogates (never in names of tensors) are replaced.
        text.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = after;
    }
    Ok(text)
}

/// A number of so many hexadecimal digits, and what follows it.
fn hexadecimal(text: &[u8], digits: usize) -> Result<(u32, &[u8]), FileError> {
    let (number, rest) = text.split_at_checked(digits).ok_or_else(cut_escape)?;
    let value = number.iter().try_fold(0_u32, |value, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(value << 4 | digit)
    });
    Ok((value.ok_or_else(cut_escape)?, rest))
}

fn cut_escape() -> FileError {
    FileError::damaged("a text of the pickle has an escape that is none")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn string_literals_are_read_as_python_2_writes_them() {
        for (line, bytes) in [
            (&br"''"[..], &b""[..]),
            (br"'a b'", b"a b"),
            (br#""it's""#, b"it's"),
            (br"'\x00\xff\n\t\r\\\''", b"\x00\xff\n\t\r\\'"),
            (br"'\0\12\3778\q'", b"\x00\x0a\xff8\\q"),
            (b"'\xe9'", b"\xe9"),
        ] {
            assert_eq!(string_literal(line).unwrap(), bytes);
        }
        for line in [
            &b""[..],
            b"'",
            b"a",
            b"'a\"",
            br"'\'",
            br"'\x1'",
            br"'\xg0'",
        ] {
            assert!(string_literal(line).is_err(), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn unicode_literals_are_read_as_python_writes_them() {
        let text = unicode_literal(b"a\xe9\\u20ac\\u005cx\\U0001F600\\ud800").unwrap();
        assert_eq!(text, "a\u{e9}\u{20ac}\\x\u{1f600}\u{fffd}");
        for line in [&br"\u12"[..], br"\U0001F60", br"\uxyzw"] {
            assert!(unicode_literal(line).is_err());
        }
    }
}
