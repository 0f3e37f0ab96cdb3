//! Paths and names in token streams that are no syntax yet: insides of macros and attributes.

use proc_macro2::{TokenStream, TokenTree};

/// A path in tokens, with the line it begins on.
pub(crate) struct TokenPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// All paths in the tokens, single names included. Fields, methods, variables of macros (`$name`) and paths that begin with
/// `::` are left out; `$crate::x` is `crate::x`.
pub(crate) fn paths(tokens: &TokenStream) -> Vec<TokenPath> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: &TokenStream, found: &mut Vec<TokenPath>) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is = |at: usize, character: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character);
    let mut at = 0;
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Group(group) => collect(&group.stream(), found),
            TokenTree::Ident(ident) => {
                let first = ident.to_string();
                let before = |character| at > 0 && is(at - 1, character);
                // `..name` is a range or a struct's rest.
                let is_member = before('.') && !(at > 1 && is(at - 2, '.'));
                let is_variable = before('$') && first != "crate";
                let is_global = before(':') && at > 1 && is(at - 2, ':');
                let is_lifetime = before('\'');
                let line = ident.span().start().line;
                let mut segments = vec![first];
                while is(at + 1, ':') && is(at + 2, ':') {
                    let Some(TokenTree::Ident(next)) = trees.get(at + 3) else {
                        break;
                    };
                    segments.push(next.to_string());
                    at += 3;
                }
                if !(is_member || is_variable || is_global || is_lifetime) {
                    found.push(TokenPath { segments, line });
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

/// The names of the items that a macro's definition spells out, each with whether it is a type.
pub(crate) fn generated_names(definition: &TokenStream) -> Vec<(String, bool)> {
    let trees: Vec<TokenTree> = definition.clone().into_iter().collect();
    let is = |at: usize, character: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character);
    let mut names = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            // The right side of a rule and `$(...)` hold items; other groups are bodies, whose items are nobody else's.
            TokenTree::Group(group)
                if at > 0
                    && (is(at - 1, '$') || (at > 1 && is(at - 1, '>') && is(at - 2, '='))) =>
            {
                names.extend(generated_names(&group.stream()));
            }
            TokenTree::Ident(keyword) => {
                let is_type = match keyword.to_string().as_str() {
                    "enum" | "struct" | "union" | "trait" | "type" => true,
                    "fn" | "const" | "static" => false,
                    _ => continue,
                };
                if let Some(TokenTree::Ident(name)) = trees.get(at + 1) {
                    names.push((name.to_string(), is_type));
                }
            }
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    names
}

/// Paths of several segments in string literals, such as `#[serde(default = "defaults::epochs")]`.
pub(crate) fn quoted_paths(tokens: &TokenStream) -> Vec<TokenPath> {
    let mut found = Vec::new();
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) => found.extend(quoted_paths(&group.stream())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let inside = text.trim_matches('"');
                let is_name = |segment: &str| {
                    let of_name = |character: char| character.is_alphanumeric() || character == '_';
                    !segment.is_empty() && segment.chars().all(of_name)
                };
                if inside.contains("::") && inside.split("::").all(is_name) {
                    found.push(TokenPath {
                        segments: inside.split("::").map(str::to_owned).collect(),
                        line: literal.span().start().line,
                    });
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
    found
}
