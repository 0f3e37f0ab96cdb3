//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error(
        "{} is not a configuration: {reason}. A configuration is a TOML file that describes an experiment; `ddrank recipes --show NAME` prints one, `ddrank keys` explains its keys",
        path.display()
    )]
    NotOne {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// A `--set` argument that is not `key=value`, or whose key cannot be set.
    #[error("--set {argument}: {reason}")]
    Override {
        /// The argument as typed.
        argument: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A syntax error, unknown key, wrong type or value that is not allowed.
    #[error("{0}")]
    Value(Box<ValueError>),
}

impl ConfigurationError {
    pub(crate) fn not_one(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotOne {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// A wrong value and its place.
#[derive(Debug)]
pub struct ValueError {
    path: PathBuf,
    place: Option<Place>,
    key: Option<String>,
    message: String,
}

/// The longest part of a line that is shown, in characters.
const LONGEST_LINE: usize = 100;

#[derive(Debug)]
struct Place {
    line: usize,
    column: usize,
    /// The line, or of a long one the part around the place.
    text: String,
    /// Where the place begins in `text`, and its width, in characters.
    indent: usize,
    width: usize,
}

impl ValueError {
    /// An error about `key` (dotted path) at the byte range `span` of `text`.
    pub(crate) fn new(
        path: &Path,
        text: &str,
        span: Option<std::ops::Range<usize>>,
        key: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            place: span.map(|span| Place::of(text, span)),
            key: key.map(str::to_owned),
            message: message.into(),
        }
    }
}

impl Place {
    fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.floor_char_boundary(span.end.min(text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let column = text[line_start..start].chars().count();
        let width = text[start..end.clamp(start, line_end)].chars().count();
        let left_out = if text[line_start..line_end].chars().count() > LONGEST_LINE {
            column.saturating_sub(LONGEST_LINE / 3)
        } else {
            0
        };
        let shown = text[line_start..line_end].chars().skip(left_out);
        // A tab is as wide as the terminal likes, and other control characters may do anything to it.
        let shown = shown.map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        });
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: column + 1,
            text: shown.take(LONGEST_LINE).collect(),
            indent: column - left_out,
            width: width
                .min(LONGEST_LINE - (column - left_out).min(LONGEST_LINE))
                .max(1),
        }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(place) = &self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        write!(f, ": ")?;
        if let Some(key) = &self.key {
            write!(f, "key `{key}`: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(place) = &self.place {
            let number = place.line.to_string();
            let margin = " ".repeat(number.len());
            let indent = " ".repeat(place.indent);
            write!(
                f,
                "\n {number} | {}\n {margin} | {indent}{}",
                place.text,
                "^".repeat(place.width)
            )?;
        }
        Ok(())
    }
}
