//! Which item a path means.

use std::collections::BTreeSet;

use super::mention::{How, Kind, Mention};
use super::modules::{ModuleId, SourceTree};

/// What a path of this target can mean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    Module(ModuleId),
    /// The definition with this index in this module; what follows an item in a path belongs to it.
    Item(ModuleId, usize),
    /// Nothing in this module that can be seen without expanding macros.
    Hidden(ModuleId),
    /// Something of another crate, under a name of this one.
    External,
}

/// The imports that are being followed, so that `use name::name;` does not follow itself.
type Followed = Vec<(ModuleId, usize)>;

impl SourceTree {
    /// What is meant, re-exports followed to the definition: nothing for what is not of this target; several where names
    /// of types, values and macros are the same, or where `#[cfg]` chooses.
    pub(crate) fn meanings(&self, module: ModuleId, mention: &Mention) -> BTreeSet<Meaning> {
        let mut found = self.resolve(module, &mention.segments, &mut Vec::new());
        let is_macro = |meaning: &Meaning| match *meaning {
            Meaning::Item(module, index) => {
                self.modules[module].definitions[index].kind == Kind::Macro
            }
            Meaning::Module(_) | Meaning::Hidden(_) | Meaning::External => false,
        };
        match mention.how {
            How::Import => {}
            How::Path => found.retain(|meaning| !is_macro(meaning)),
            How::Macro => {
                let is_external = found.contains(&Meaning::External);
                found.retain(is_macro);
                if let ([name], true) = (
                    mention.segments.as_slice(),
                    found.is_empty() && !is_external,
                ) {
                    found = self.macro_named(name);
                }
            }
        }
        found
    }

    /// Macros are found by the order of the text, whatever the module.
    fn macro_named(&self, name: &str) -> BTreeSet<Meaning> {
        let modules = self.modules.iter().enumerate();
        let definitions = modules.flat_map(|(id, module)| {
            let definitions = module.definitions.iter().enumerate();
            definitions.map(move |(index, definition)| (definition, Meaning::Item(id, index)))
        });
        let of_name = definitions
            .filter(|(definition, _)| definition.name == name && definition.kind == Kind::Macro);
        of_name.map(|(_, meaning)| meaning).collect()
    }

    pub(crate) fn resolve(
        &self,
        module: ModuleId,
        segments: &[String],
        followed: &mut Followed,
    ) -> BTreeSet<Meaning> {
        let Some((first, mut rest)) = segments.split_first() else {
            return BTreeSet::new();
        };
        let mut meanings = match first.as_str() {
            "crate" => BTreeSet::from([Meaning::Module(0)]),
            "self" => BTreeSet::from([Meaning::Module(module)]),
            "super" => {
                let mut above = self.modules[module].parent;
                while let Some(("super", after)) = rest
                    .split_first()
                    .map(|(name, after)| (name.as_str(), after))
                {
                    above = above.and_then(|above| self.modules[above].parent);
                    rest = after;
                }
                above.map(Meaning::Module).into_iter().collect()
            }
            name => self.names(module, name, followed),
        };
        for name in rest {
            meanings = self.inside(&meanings, name, followed);
        }
        meanings
    }

    /// The meanings of `name` behind these.
    fn inside(
        &self,
        meanings: &BTreeSet<Meaning>,
        name: &str,
        followed: &mut Followed,
    ) -> BTreeSet<Meaning> {
        let mut found = BTreeSet::new();
        let mut hidden = BTreeSet::new();
        for meaning in meanings {
            match *meaning {
                Meaning::Module(module) => {
                    let names = self.names(module, name, followed);
                    if names.is_empty() {
                        hidden.insert(Meaning::Hidden(module));
                    }
                    found.extend(names);
                }
                Meaning::Item(module, index) => {
                    if self.modules[module].definitions[index].kind == Kind::Type {
                        found.insert(meaning.clone());
                    }
                }
                Meaning::Hidden(_) | Meaning::External => {
                    hidden.insert(meaning.clone());
                }
            }
        }
        if found.is_empty() { hidden } else { found }
    }

    /// The meanings of `name` in a module.
    fn names(&self, id: ModuleId, name: &str, followed: &mut Followed) -> BTreeSet<Meaning> {
        let module = &self.modules[id];
        let children = module.children.iter().filter(|(child, _)| child == name);
        let mut found: BTreeSet<_> = children.map(|(_, child)| Meaning::Module(*child)).collect();
        let definitions = module.definitions.iter().enumerate();
        let defined = definitions.filter(|(_, definition)| definition.name == name);
        found.extend(defined.map(|(index, _)| Meaning::Item(id, index)));
        for (index, import) in module.imports.iter().enumerate() {
            if import.name.as_deref() == Some(name) && !followed.contains(&(id, index)) {
                found.extend(self.imported(id, index, followed));
            }
        }
        if !found.is_empty() {
            return found;
        }
        for (index, import) in module.imports.iter().enumerate() {
            if import.name.is_none() && !followed.contains(&(id, index)) {
                for meaning in self.imported(id, index, followed) {
                    if meaning == Meaning::External && import.shown {
                        found.insert(Meaning::External);
                    }
                    found.extend(self.in_glob(&meaning, name, followed));
                }
            }
        }
        found
    }

    /// What an import brings in: of other crates, nothing more is known.
    fn imported(&self, id: ModuleId, index: usize, followed: &mut Followed) -> BTreeSet<Meaning> {
        followed.push((id, index));
        let mut found = self.resolve(id, &self.modules[id].imports[index].segments, followed);
        followed.pop();
        if found.is_empty() {
            found.insert(Meaning::External);
        }
        found
    }

    fn in_glob(&self, of: &Meaning, name: &str, followed: &mut Followed) -> BTreeSet<Meaning> {
        match *of {
            Meaning::Module(module) => self.names(module, name, followed),
            Meaning::Item(module, index) => {
                let variants = &self.modules[module].definitions[index].variants;
                let has = variants.iter().any(|variant| variant == name);
                has.then(|| of.clone()).into_iter().collect()
            }
            Meaning::Hidden(_) | Meaning::External => BTreeSet::new(),
        }
    }
}
