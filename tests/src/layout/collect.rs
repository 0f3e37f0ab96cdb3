//! What one module's items define, import and mention.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Meta, TraitItem, UseTree, Visibility};

use super::mention::{Definition, How, Import, Kind, Mention};
use super::tokens::{self, TokenPath};

/// What a module holds.
#[derive(Default)]
pub(crate) struct Collected<'ast> {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) imports: Vec<Import>,
    pub(crate) mentions: Vec<Mention>,
    /// Child modules, with or without a file of their own.
    pub(crate) modules: Vec<&'ast ItemMod>,
    /// Macros that stand where items stand.
    pub(crate) calls: Vec<MacroCall>,
    /// What the macros that are defined here generate.
    pub(crate) macros: BTreeMap<String, Vec<(String, bool)>>,
}

/// `name! { tokens }` in place of items.
pub(crate) struct MacroCall {
    pub(crate) name: String,
    pub(crate) tokens: TokenStream,
}

/// Reads the items of one module; tests are passed over.
pub(crate) fn collect(items: &[Item]) -> Collected<'_> {
    let mut collected = Collected::default();
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        collected.definitions.extend(definition(item));
        match item {
            Item::Mod(module) => {
                collected.modules.push(module);
                continue;
            }
            Item::Macro(definition) => match &definition.ident {
                Some(name) => {
                    let generated = tokens::generated_names(&definition.mac.tokens);
                    collected.macros.insert(name.to_string(), generated);
                }
                None => collected
                    .calls
                    .extend(last_name(&definition.mac.path).map(|name| MacroCall {
                        name,
                        tokens: definition.mac.tokens.clone(),
                    })),
            },
            _ => {}
        }
        collected.visit_item(item);
    }
    collected
}

fn last_name(path: &syn::Path) -> Option<String> {
    path.segments
        .last()
        .map(|segment| segment.ident.to_string())
}

/// The item that others can name, if it is one.
fn definition(item: &Item) -> Option<Definition> {
    let (ident, kind) = match item {
        Item::Enum(item) => (&item.ident, Kind::Type),
        Item::Struct(item) => (&item.ident, Kind::Type),
        Item::Trait(item) => (&item.ident, Kind::Type),
        Item::TraitAlias(item) => (&item.ident, Kind::Type),
        Item::Type(item) => (&item.ident, Kind::Type),
        Item::Union(item) => (&item.ident, Kind::Type),
        Item::Const(item) => (&item.ident, Kind::Value),
        Item::Fn(item) => (&item.sig.ident, Kind::Value),
        Item::Macro(item) => (item.ident.as_ref()?, Kind::Macro),
        Item::Static(item) => (&item.ident, Kind::Value),
        _ => return None,
    };
    let mut definition = Definition::new(ident.to_string(), kind);
    let mut contents = Contents(Vec::new());
    match item {
        Item::Enum(item) => {
            let names = item
                .variants
                .iter()
                .map(|variant| variant.ident.to_string());
            definition.variants = names.collect();
            for variant in &item.variants {
                contents.visit_fields(&variant.fields);
            }
        }
        Item::Struct(item) => contents.visit_fields(&item.fields),
        Item::Union(item) => contents.visit_fields_named(&item.fields),
        Item::Type(item) => contents.visit_type(&item.ty),
        _ => {}
    }
    definition.contains = contents.0;
    Some(definition)
}

/// The paths in the types of fields.
struct Contents(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Contents {
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(segments(path));
        visit::visit_path(self, path);
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect()
}

impl Collected<'_> {
    fn mention(&mut self, segments: Vec<String>, line: usize, how: How) {
        self.mentions.push(Mention {
            segments,
            line,
            how,
        });
    }

    fn mention_all(&mut self, paths: Vec<TokenPath>) {
        for path in paths {
            self.mention(path.segments, path.line, How::Path);
        }
    }

    fn import(&mut self, prefix: &[String], tree: &UseTree, shown: bool) {
        let extended = |name: &syn::Ident| {
            let mut segments = prefix.to_vec();
            segments.push(name.to_string());
            segments
        };
        let (name, segments, ident) = match tree {
            UseTree::Path(path) => return self.import(&extended(&path.ident), &path.tree, shown),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(prefix, tree, shown);
                }
                return;
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                // A glob of an enum mentions it; one of a module mentions nothing until its names are used.
                self.mention(prefix.to_vec(), line, How::Import);
                self.imports.push(Import {
                    name: None,
                    segments: prefix.to_vec(),
                    shown,
                });
                return;
            }
            // `use a::b::{self}`
            UseTree::Name(name) if name.ident == "self" => {
                (prefix.last().cloned(), prefix.to_vec(), &name.ident)
            }
            UseTree::Rename(name) if name.ident == "self" => {
                (Some(name.rename.to_string()), prefix.to_vec(), &name.ident)
            }
            UseTree::Name(name) => (
                Some(name.ident.to_string()),
                extended(&name.ident),
                &name.ident,
            ),
            UseTree::Rename(name) => (
                Some(name.rename.to_string()),
                extended(&name.ident),
                &name.ident,
            ),
        };
        self.mention(segments.clone(), ident.span().start().line, How::Import);
        self.imports.extend(name.map(|name| Import {
            name: Some(name),
            segments,
            shown,
        }));
    }
}

impl<'ast> Visit<'ast> for Collected<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes: &[Attribute] = match item {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    /// Also inside functions: their imports are taken for the module's.
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            let shown = !matches!(item.vis, Visibility::Inherited);
            self.import(&[], &item.tree, shown);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path
            .segments
            .first()
            .filter(|_| path.leading_colon.is_none());
        if let Some(first) = first {
            let line = first.ident.span().start().line;
            self.mention(segments(path), line, How::Path);
        }
        visit::visit_path(self, path);
    }

    /// `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.mention_all(tokens::quoted_paths(&list.tokens));
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let (None, Some(first)) = (&call.path.leading_colon, call.path.segments.first()) {
            let line = first.ident.span().start().line;
            self.mention(segments(&call.path), line, How::Macro);
        }
        let mut paths = tokens::paths(&call.tokens);
        if call.path.is_ident("macro_rules") {
            // Other names mean what they mean where the macro is used.
            paths.retain(|path| path.segments[0] == "crate");
        }
        self.mention_all(paths);
    }
}

/// Whether the item exists in tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else {
            return attribute.path().is_ident("test");
        };
        let condition = list.tokens.to_string();
        let is_all = condition.starts_with("all") && !condition.contains("not");
        let words =
            || condition.split(|character: char| !character.is_alphanumeric() && character != '_');
        attribute.path().is_ident("cfg")
            && (condition == "test" || (is_all && words().any(|word| word == "test")))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
