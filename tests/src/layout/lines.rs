//! Code and comments of a file, told apart line by line.

/// One line of a source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What is left without comments and without the insides of strings, which are a quotation mark; trimmed.
    pub code: String,
    /// What the comments on it say, `//` included, which are not documentation.
    pub comment: String,
    /// Whether documentation stands on it.
    pub documentation: bool,
}

/// The lines of a source file.
#[derive(Clone, Debug, Default)]
pub struct Lines(pub Vec<Line>);

#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment { documentation: bool },
    BlockComment { documentation: bool, depth: usize },
    Text,
    RawText { hashes: usize },
}

impl Lines {
    /// Reads a source text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let mut lines = vec![Line::default()];
        let mut state = State::Code;
        let mut at = 0;
        while at < characters.len() {
            let rest = &characters[at..];
            if rest[0] == '\n' {
                if matches!(state, State::LineComment { .. }) {
                    state = State::Code;
                }
                lines.push(Line::default());
                at += 1;
                continue;
            }
            let (next, taken) = step(state, rest, at.checked_sub(1).map(|at| characters[at]));
            // The delimiters of a comment belong to it, those of a string to the code.
            let shown = if state == State::Code { next } else { state };
            let Some(line) = lines.last_mut() else {
                break;
            };
            let taken_text = &rest[..taken];
            match shown {
                State::Code => line.code.extend(taken_text),
                State::LineComment {
                    documentation: true,
                }
                | State::BlockComment {
                    documentation: true,
                    ..
                } => line.documentation = true,
                State::LineComment { .. } | State::BlockComment { .. } => {
                    line.comment.extend(taken_text);
                }
                // A line inside a long string is code as well.
                State::Text | State::RawText { .. } => {
                    if !line.code.ends_with('"') && !rest[0].is_whitespace() {
                        line.code.push('"');
                    }
                }
            }
            state = next;
            at += taken;
        }
        for line in &mut lines {
            line.code = line.code.trim().to_owned();
        }
        if text.ends_with('\n') || text.is_empty() {
            lines.pop();
        }
        Self(lines)
    }
}

/// The state after the next few characters, and how many they are; none of them ends a line.
fn step(state: State, rest: &[char], before: Option<char>) -> (State, usize) {
    match state {
        State::Code => begin(rest, before),
        State::LineComment { .. } => (state, 1),
        State::BlockComment {
            documentation,
            depth,
        } => {
            let nested = |depth| State::BlockComment {
                documentation,
                depth,
            };
            if rest.starts_with(&['/', '*']) {
                (nested(depth + 1), 2)
            } else if rest.starts_with(&['*', '/']) {
                let outside = depth == 1;
                (
                    if outside {
                        State::Code
                    } else {
                        nested(depth - 1)
                    },
                    2,
                )
            } else {
                (state, 1)
            }
        }
        State::Text => match rest {
            ['"', ..] => (State::Code, 1),
            // An escaped end of line stays to be seen as one.
            ['\\', escaped, ..] if *escaped != '\n' => (state, 2),
            _ => (state, 1),
        },
        State::RawText { hashes } => {
            let ends = rest[0] == '"'
                && rest[1..].len() >= hashes
                && rest[1..=hashes].iter().all(|&character| character == '#');
            if ends {
                (State::Code, 1 + hashes)
            } else {
                (state, 1)
            }
        }
    }
}

fn begin(rest: &[char], before: Option<char>) -> (State, usize) {
    let third = rest.get(2).copied();
    match rest {
        ['/', '/', ..] => {
            let four = rest.starts_with(&['/', '/', '/', '/']);
            let documentation = third == Some('!') || (third == Some('/') && !four);
            (State::LineComment { documentation }, 2)
        }
        ['/', '*', ..] => {
            let documentation =
                third == Some('!') || (third == Some('*') && rest.get(3) != Some(&'/'));
            let depth = 1;
            (
                State::BlockComment {
                    documentation,
                    depth,
                },
                2,
            )
        }
        ['"', ..] => (State::Text, 1),
        ['r', '"' | '#', ..] if !before.is_some_and(in_word_but_b) => {
            let hashes = rest[1..]
                .iter()
                .take_while(|&&character| character == '#')
                .count();
            // `r#type` is a name.
            if rest.get(1 + hashes) == Some(&'"') {
                (State::RawText { hashes }, 2 + hashes)
            } else {
                (State::Code, 1)
            }
        }
        ['\'', '\\', escaped, ..] if *escaped != '\n' => {
            let end = rest[3..].iter().position(|&character| character == '\'');
            (State::Code, end.map_or(1, |end| end + 4))
        }
        // Otherwise a lifetime.
        ['\'', inside, '\'', ..] if *inside != '\n' => (State::Code, 3),
        _ => (State::Code, 1),
    }
}

/// Whether an `r` behind this character is part of a word, and not the beginning of `r"` or `br"`.
fn in_word_but_b(before: char) -> bool {
    before != 'b' && (before.is_alphanumeric() || before == '_')
}
