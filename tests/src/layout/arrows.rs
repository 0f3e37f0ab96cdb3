//! Which file imports what from which other file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::modules::SourceTree;
use super::resolve::Meaning;

/// An import: `from` mentions an item that `to` defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The file that imports.
    pub from: PathBuf,
    /// Where it first mentions the item, from 1.
    pub line: usize,
    /// The file that defines the item.
    pub to: PathBuf,
    /// The path as it is written there.
    pub path: String,
    /// Whether `to` is the file of a module around `from`.
    pub upward: bool,
}

impl fmt::Display for Arrow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.display(), self.to.display());
        let Self { line, path, .. } = self;
        write!(formatter, "{from}:{line}: {path}, which {to} defines")
    }
}

impl SourceTree {
    /// All imports between files: one for each item that a file mentions, in the order of the lines.
    #[must_use]
    pub fn arrows(&self) -> Vec<Arrow> {
        // By file and by item, or by the path of what only macros generate.
        let mut first: BTreeMap<(&Path, Meaning, Option<&str>), Arrow> = BTreeMap::new();
        for (id, module) in self.modules.iter().enumerate() {
            for mention in &module.mentions {
                for meaning in self.meanings(id, mention) {
                    // A module by itself is no item: what is used of it, is.
                    let (target, name) = match meaning {
                        Meaning::Module(_) | Meaning::External => continue,
                        Meaning::Item(target, _) => (target, None),
                        Meaning::Hidden(target) => (target, mention.segments.last()),
                    };
                    let to = &self.modules[target].file;
                    if *to == module.file {
                        continue;
                    }
                    let (from, above) = (self.file_module(id), self.file_module(target));
                    let arrow = || Arrow {
                        from: module.file.clone(),
                        line: mention.line,
                        to: to.clone(),
                        path: mention.to_string(),
                        upward: self.is_ancestor(above, from),
                    };
                    let key = (module.file.as_path(), meaning, name.map(String::as_str));
                    let known = first.entry(key).or_insert_with(arrow);
                    if mention.line < known.line {
                        *known = arrow();
                    }
                }
            }
        }
        let mut arrows: Vec<Arrow> = first.into_values().collect();
        arrows.sort_by_cached_key(|arrow| (arrow.from.clone(), arrow.line, arrow.path.clone()));
        arrows
    }
}
