//! Documentation of keys as tables of Markdown.

use crate::choice::Choice;
use crate::key::KeyDoc;

/// A table with a row a key: key, values, default, meaning.
pub fn keys(docs: &[KeyDoc]) -> String {
    let rows = docs.iter().map(|doc| {
        let name = format!("`{}`", doc.name);
        [
            name,
            doc.values.clone(),
            doc.default.clone(),
            doc.meaning.to_owned(),
        ]
    });
    table(["key", "values", "default", "meaning"], rows)
}

/// A table with a row a choice: its name, its keys with their defaults, its meaning.
pub fn choices(what: &str, choices: &[Choice]) -> String {
    let rows = choices.iter().map(|choice| {
        let keys: Vec<String> = choice
            .docs()
            .iter()
            .map(|doc| format!("`{}` ({})", doc.name, doc.default.trim_matches('`')))
            .collect();
        [
            format!("`{}`", choice.name),
            keys.join(", "),
            choice.meaning.to_owned(),
        ]
    });
    table([what, "keys (default)", "meaning"], rows)
}

/// A table with a row a word: the word and its meaning.
pub fn words(what: &str, words: impl IntoIterator<Item = (&'static str, &'static str)>) -> String {
    let rows = words.into_iter();
    table(
        [what, "meaning"],
        rows.map(|(word, meaning)| [format!("`{word}`"), meaning.to_owned()]),
    )
}

/// A table of any columns. A bar inside a cell is escaped.
pub fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Documented, Key};

    #[test]
    fn tables_hold_what_the_constants_say() {
        const SIDE: Key<u32> = Key::new("side", || 3, "a | b").at_least_one();
        assert_eq!(
            keys(&[SIDE.doc()]),
            "| key | values | default | meaning |\n| --- | --- | --- | --- |\n\
             | `side` | a whole number of at least 1 | `3` | a \\| b |\n"
        );
        let choice = Choice {
            name: "square",
            meaning: "four sides",
            keys: &[&SIDE],
        };
        assert!(choices("form", &[choice]).contains("| `square` | `side` (3) | four sides |"));
        assert!(words("way", [("up", "to the sky")]).contains("| `up` | to the sky |"));
    }
}
