//! Where an architecture was published.

use std::fmt;

/// The paper of an architecture; the head of its file has the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The first authors' names.
    pub authors: &'static str,
    /// The year in which it appeared, on arXiv where it is there.
    pub year: u16,
    /// The number on arXiv, where it is there.
    pub arxiv: Option<&'static str>,
}

impl fmt::Display for Paper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.authors, self.year)?;
        match self.arxiv {
            Some(number) => write!(formatter, ", arXiv {number}"),
            None => Ok(()),
        }
    }
}
