//! The modules of one target, each with what it defines, imports and mentions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::collect::{MacroCall, collect};
use super::error::LayoutError;
use super::mention::{Definition, Import, Kind, Mention};
use super::sources::SourceFiles;
use super::tokens;

/// Index of a module in [`SourceTree`]; zero is the root.
pub(crate) type ModuleId = usize;

/// The modules of one target: a library or a binary.
#[derive(Clone, Debug)]
pub struct SourceTree {
    pub(crate) modules: Vec<Module>,
}

/// A module, in a file of its own or in its parent's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Module {
    pub(crate) parent: Option<ModuleId>,
    pub(crate) file: PathBuf,
    pub(crate) children: Vec<(String, ModuleId)>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) imports: Vec<Import>,
    pub(crate) mentions: Vec<Mention>,
}

impl SourceTree {
    /// Reads the root module `root` and every module that it declares, but for those under `#[cfg(test)]`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or parsed, or a declared module has none.
    pub fn read(files: &dyn SourceFiles, root: &Path) -> Result<Self, LayoutError> {
        let mut reader = Reader {
            files,
            tree: Self {
                modules: Vec::new(),
            },
            calls: Vec::new(),
            macros: BTreeMap::new(),
        };
        let text = files.text(root)?.ok_or_else(|| LayoutError::NoModule {
            path: root.to_owned(),
            name: "crate".to_owned(),
        })?;
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        reader.file(None, root, &folder, &text)?;
        Ok(reader.with_generated_items())
    }

    /// The module whose file this module stands in: itself, or an ancestor that holds it as `mod name { ... }`.
    pub(crate) fn file_module(&self, id: ModuleId) -> ModuleId {
        match self.modules[id].parent {
            Some(parent) if self.modules[parent].file == self.modules[id].file => {
                self.file_module(parent)
            }
            _ => id,
        }
    }

    /// Whether `above` is a module around `id`.
    pub(crate) fn is_ancestor(&self, above: ModuleId, id: ModuleId) -> bool {
        let parent = self.modules[id].parent;
        parent.is_some_and(|parent| parent == above || self.is_ancestor(above, parent))
    }
}

struct Reader<'a> {
    files: &'a dyn SourceFiles,
    tree: SourceTree,
    calls: Vec<(ModuleId, MacroCall)>,
    /// The names that macros of this target generate.
    macros: BTreeMap<String, Vec<(String, bool)>>,
}

impl Reader<'_> {
    /// `folder` is where the files of child modules are.
    fn file(
        &mut self,
        parent: Option<ModuleId>,
        path: &Path,
        folder: &Path,
        text: &str,
    ) -> Result<ModuleId, LayoutError> {
        let file = syn::parse_file(text).map_err(|error| LayoutError::Parse {
            path: path.to_owned(),
            line: error.span().start().line,
            message: error.to_string(),
        })?;
        self.module(parent, path, folder, &file.items)
    }

    fn module(
        &mut self,
        parent: Option<ModuleId>,
        file: &Path,
        folder: &Path,
        items: &[syn::Item],
    ) -> Result<ModuleId, LayoutError> {
        let id = self.tree.modules.len();
        let collected = collect(items);
        self.tree.modules.push(Module {
            parent,
            file: file.to_owned(),
            children: Vec::new(),
            definitions: collected.definitions,
            imports: collected.imports,
            mentions: collected.mentions,
        });
        self.calls
            .extend(collected.calls.into_iter().map(|call| (id, call)));
        self.macros.extend(collected.macros);
        for declared in collected.modules {
            let name = declared.ident.to_string();
            let name = name.trim_start_matches("r#");
            let child = match &declared.content {
                Some((_, items)) => self.module(Some(id), file, &folder.join(name), items)?,
                None => {
                    let flat = folder.join(format!("{name}.rs"));
                    let nested = folder.join(name).join("mod.rs");
                    let (path, text) = match self.files.text(&flat)? {
                        Some(text) => (flat, text),
                        None => match self.files.text(&nested)? {
                            Some(text) => (nested, text),
                            None => {
                                return Err(LayoutError::NoModule {
                                    path: file.to_owned(),
                                    name: name.to_owned(),
                                });
                            }
                        },
                    };
                    self.file(Some(id), &path, &folder.join(name), &text)?
                }
            };
            self.tree.modules[id]
                .children
                .push((name.to_owned(), child));
        }
        Ok(id)
    }

    /// An item that `name! { ... }` generates belongs to the module with the call, and holds whatever the call names.
    fn with_generated_items(mut self) -> SourceTree {
        for (id, call) in self.calls {
            let Some(names) = self.macros.get(&call.name) else {
                continue;
            };
            let named: Vec<_> = tokens::paths(&call.tokens)
                .into_iter()
                .map(|path| path.segments)
                .collect();
            for (name, is_type) in names {
                let kind = if *is_type { Kind::Type } else { Kind::Value };
                let mut definition = Definition::new(name.clone(), kind);
                if *is_type {
                    definition.contains.clone_from(&named);
                }
                self.tree.modules[id].definitions.push(definition);
            }
        }
        self.tree
    }
}
