//! Comments that say why.

use super::lines::{Line, Lines};

/// How many lines of code there are, and how many with a comment that is not documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommentCount {
    /// Lines with code, beside a comment or not.
    pub code: usize,
    /// Lines with a comment, beside code or not.
    pub why: usize,
}

impl CommentCount {
    /// Counts in a file.
    #[must_use]
    pub fn of(lines: &Lines) -> Self {
        let mut count = Self::default();
        for line in &lines.0 {
            count.code += usize::from(!line.code.is_empty());
            count.why += usize::from(!line.comment.is_empty());
        }
        count
    }

    /// Comments among lines of code; zero where there is no code.
    #[must_use]
    pub fn share(self) -> f64 {
        self.why as f64 / self.code.max(1) as f64
    }
}

impl std::iter::Sum for CommentCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |left, right| Self {
            code: left.code + right.code,
            why: left.why + right.why,
        })
    }
}

/// The lines, from 1, with an `unsafe {` that has no `// SAFETY:` above the statement it stands in.
#[must_use]
pub fn unreasoned_unsafe(lines: &Lines) -> Vec<usize> {
    let opens_unsafe =
        |line: &Line| line.code.contains("unsafe {") || line.code.contains("unsafe{");
    let numbered = lines.0.iter().enumerate();
    let open = numbered.filter(|(at, line)| opens_unsafe(line) && !has_reason(&lines.0[..*at]));
    open.map(|(at, _)| at + 1).collect()
}

/// Whether the comment above a line, or above the first line of its statement, gives a reason.
fn has_reason(above: &[Line]) -> bool {
    let mut in_comment = false;
    for line in above.iter().rev() {
        let is_comment = line.code.is_empty() && !line.comment.is_empty();
        if is_comment && line.comment.contains("SAFETY:") {
            return true;
        }
        let is_attribute = line.code.starts_with("#[");
        // Lines above that end like this belong to another statement.
        let ends = line.code.is_empty() || line.code.ends_with([';', '{', '}', ',']);
        if !is_comment && (in_comment || (ends && !is_attribute)) {
            return false;
        }
        in_comment = is_comment;
    }
    false
}
