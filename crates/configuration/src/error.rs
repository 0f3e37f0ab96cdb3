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

/// A wrong value and its place.
#[derive(Debug)]
pub struct ValueError {
    path: PathBuf,
    place: Option<Place>,
    key: Option<String>,
    message: String,
}

#[derive(Debug)]
struct Place {
    line: usize,
    column: usize,
    width: usize,
    text: String,
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
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end.clamp(start, line_end)]
                .chars()
                .count()
                .max(1),
            text: text[line_start..line_end].to_owned(),
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
            let indent = " ".repeat(place.column - 1);
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
