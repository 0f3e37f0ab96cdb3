//! YAML text as a tree in which every value knows its line. JSON is YAML.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::error::ImportError;

/// How deep values may nest; a configuration needs five levels.
const DEEPEST: usize = 16;

/// A value and its line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    pub(super) value: Value,
}

/// A value. Plain scalars are what YAML's core schema or PyYAML take them for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Flag(value) => write!(formatter, "{value}"),
            Self::Whole(value) => write!(formatter, "{value}"),
            Self::Number(value) => write!(formatter, "{value}"),
            Self::Text(text) if text.chars().count() > 60 => {
                let start: String = text.chars().take(60).collect();
                write!(formatter, "the text {start:?}...")
            }
            Self::Text(text) => write!(formatter, "the text {text:?}"),
            Self::List(items) => write!(formatter, "a list of {}", items.len()),
            Self::Table(entries) => write!(formatter, "a mapping with {} keys", entries.len()),
        }
    }
}

/// A list or table that is being read.
struct Open {
    line: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Table(OpenTable),
}

/// A table that is being read.
#[derive(Default)]
struct OpenTable {
    entries: Vec<Entry>,
    /// Where each key stands among the entries.
    places: HashMap<String, usize>,
    /// The key whose value comes next, and its line.
    pending: Option<(String, usize)>,
}

/// Keys that stand in a table more than once, the lines of each as far as they are told.
#[derive(Default)]
struct Repeated {
    notices: Vec<String>,
    untold: usize,
}

/// The most repeated keys that are told one by one.
const TOLD: usize = 8;

impl Repeated {
    fn add(&mut self, key: &str, earlier: usize, line: usize) {
        if self.notices.len() == TOLD {
            self.untold += 1;
            return;
        }
        let key: String = key.chars().take(60).collect();
        self.notices.push(format!(
            "`{key}` stands in line {earlier} and again in line {line}; the last one counts, as in DD-Ranking"
        ));
    }

    fn notices(mut self) -> Vec<String> {
        if self.untold > 0 {
            let more = format!("{} more keys stand there again", self.untold);
            self.notices.push(more);
        }
        self.notices
    }
}

/// Parses a text with one document; with it come notices about what stands there twice.
pub(super) fn parse(path: &Path, text: &str) -> Result<(Node, Vec<String>), ImportError> {
    let mut repeated = Repeated::default();
    let refuse = |line, message: String| ImportError::content(path, Some(line), message);
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<Node> = None;
    // By hand rather than with the crate's loader: nothing here calls itself, so no input can exhaust the stack.
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let message = format!("not valid YAML: {}", error.info());
            refuse(error.marker().line(), message)
        })?;
        let line = span.start.line();
        let (anchor, tag) = marks(&event);
        if anchor != 0 || matches!(event, Event::Alias(_)) {
            let message = "anchors (&) and aliases (*) are not read; write the value out";
            return Err(refuse(line, message.to_owned()));
        }
        if let Some(tag) = tag {
            let message = format!("the tag {tag} is not read; write a plain value");
            return Err(refuse(line, message));
        }
        let node = match event {
            Event::Scalar(text, style, ..) => Node {
                line,
                value: scalar(&text, style),
            },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() == DEEPEST {
                    let message = format!("values nest over {DEEPEST} levels deep");
                    return Err(refuse(line, message));
                }
                let content = match event {
                    Event::SequenceStart(..) => Content::List(Vec::new()),
                    _ => Content::Table(OpenTable::default()),
                };
                open.push(Open { line, content });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                let value = match done.content {
                    Content::List(items) => Value::List(items),
                    Content::Table(table) => Value::Table(table.entries),
                };
                Node {
                    line: done.line,
                    value,
                }
            }
            Event::DocumentStart(_) if root.is_some() => {
                let message = "a second document begins here; a configuration is one";
                return Err(refuse(line, message.to_owned()));
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(node),
            Some(parent) => parent
                .take(node, &mut repeated)
                .map_err(|(line, message)| refuse(line, message))?,
        }
    }
    let root = root.ok_or_else(|| ImportError::content(path, None, "the file is empty"))?;
    Ok((root, repeated.notices()))
}

impl Open {
    /// Adds an item, a key, or the value of the last key.
    fn take(&mut self, node: Node, repeated: &mut Repeated) -> Result<(), (usize, String)> {
        match &mut self.content {
            Content::List(items) => {
                items.push(node);
                Ok(())
            }
            Content::Table(table) => table.take(node, repeated),
        }
    }
}

impl OpenTable {
    /// Adds a key, or the value of the last key. PyYAML, and so DD-Ranking, takes the last value of a key.
    fn take(&mut self, node: Node, repeated: &mut Repeated) -> Result<(), (usize, String)> {
        let Some((key, line)) = self.pending.take() else {
            let key = match node.value {
                Value::Text(key) => key,
                other => return Err((node.line, format!("{other} cannot be a key"))),
            };
            self.pending = Some((key, node.line));
            return Ok(());
        };
        if let Some(&place) = self.places.get(&key) {
            let entry = &mut self.entries[place];
            repeated.add(&key, entry.line, line);
            (entry.line, entry.value) = (line, node);
            return Ok(());
        }
        self.places.insert(key.clone(), self.entries.len());
        self.entries.push(Entry {
            key,
            line,
            value: node,
        });
        Ok(())
    }
}

/// The anchor and the tag of an event.
fn marks<'a>(event: &'a Event<'_>) -> (usize, Option<&'a Tag>) {
    match event {
        Event::Scalar(_, _, anchor, tag)
        | Event::SequenceStart(anchor, tag)
        | Event::MappingStart(anchor, tag) => (*anchor, tag.as_deref()),
        _ => (0, None),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::Flag(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Flag(false);
        }
        _ => {}
    }
    // What Rust takes for a number but YAML does not ("inf", "nan") has other letters.
    let numeric = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE_".contains(c))
        && text.contains(|c: char| c.is_ascii_digit())
        && !text.starts_with('_');
    if numeric {
        let digits = text.replace('_', "");
        if let Ok(value) = digits.parse() {
            return Value::Whole(value);
        }
        if let Ok(value) = digits.parse() {
            return Value::Number(value);
        }
    }
    Value::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Value, String> {
        parse(Path::new("x.yaml"), text)
            .map(|(node, _)| node.value)
            .map_err(|error| error.to_string())
    }

    fn value_of(text: &str) -> Value {
        match parsed(&format!("key: {text}")).unwrap() {
            Value::Table(mut entries) => entries.remove(0).value.value,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn scalars_are_what_pyyaml_takes_them_for() {
        for (text, expected) in [
            ("null", Value::Null),
            ("~", Value::Null),
            ("", Value::Null),
            ("True", Value::Flag(true)),
            ("off", Value::Flag(false)),
            ("12", Value::Whole(12)),
            ("-3", Value::Whole(-3)),
            ("1_000", Value::Whole(1000)),
            ("0.5", Value::Number(0.5)),
            (".5", Value::Number(0.5)),
            ("5e-4", Value::Number(5e-4)),
            ("1.0e+2", Value::Number(100.0)),
            ("\"12\"", Value::Text("12".into())),
            ("'true'", Value::Text("true".into())),
            ("inf", Value::Text("inf".into())),
            ("nan", Value::Text("nan".into())),
            ("e", Value::Text("e".into())),
            ("ConvNet-3", Value::Text("ConvNet-3".into())),
            ("./dataset/", Value::Text("./dataset/".into())),
        ] {
            assert_eq!(value_of(text), expected, "{text}");
        }
    }

    #[test]
    fn json_is_read_with_its_lines() {
        let Value::Table(entries) =
            parsed("{\n\t\"a\": 1,\n\t\"b\": [32, 32],\n  \"c\": {\"d\": null}\n}\n").unwrap()
        else {
            panic!("not a table");
        };
        let lines: Vec<_> = entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.line))
            .collect();
        assert_eq!(lines, [("a", 2), ("b", 3), ("c", 4)]);
        assert!(matches!(&entries[1].value.value, Value::List(items) if items.len() == 2));
    }

    #[test]
    fn what_could_hurt_is_refused_with_its_line() {
        let deep = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
        let deeper = format!("a: {}", "[".repeat(100_000));
        let block: String = (0..200)
            .map(|depth| format!("{}a:\n", " ".repeat(depth)))
            .collect();
        for (text, part) in [
            ("a: &x 1\nb: 2", "x.yaml:1: anchors"),
            ("a: 1\nb: *x", "x.yaml:2:"),
            ("a: &x [lol]\nb: &y [*x, *x]", "anchors"),
            ("a: !!python/object:os.system x", "tag"),
            ("a: !local 1", "tag"),
            (deep.as_str(), "over 16 levels"),
            (deeper.as_str(), "x.yaml:1:"),
            (block.as_str(), "over 16 levels"),
            ("? [1, 2]\n: 3", "cannot be a key"),
            ("a: [1, 2", "not valid YAML"),
            ("a: b: c", "not valid YAML"),
            ("a: 1\n---\nb: 2", "x.yaml:2: a second document"),
            ("", "empty"),
            ("# only a comment\n", "empty"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
    }

    #[test]
    fn the_last_of_a_repeated_key_counts_with_a_note() {
        let text = "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n";
        let (node, notices) = parse(Path::new("x.yaml"), text).unwrap();
        let Value::Table(entries) = node.value else {
            panic!("not a table");
        };
        // As yaml.safe_load: {'a': 4, 'b': {'c': 2}}.
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].key.as_str(), entries[0].line), ("a", 4));
        assert_eq!(entries[0].value.value, Value::Whole(4));
        assert!(matches!(&entries[1].value.value, Value::Table(inner)
            if inner.len() == 1 && inner[0].value.value == Value::Whole(2)));
        assert_eq!(notices.len(), 3);
        assert!(
            notices[1].contains("`a` stands in line 1 and again in line 3"),
            "{notices:?}"
        );
        let many = "a: 1\n".repeat(1000);
        let (_, notices) = parse(Path::new("x.yaml"), &many).unwrap();
        assert_eq!(notices.len(), TOLD + 1);
        assert!(notices[TOLD].starts_with("991 more"), "{notices:?}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_tree_or_an_error(text in "[\\PC\n\t ]{0,200}") {
            let _ = parsed(&text);
        }

        #[test]
        fn any_punctuation_is_a_tree_or_an_error(text in "[-\\[\\]{}:,?&*!|>'\"%@`#a1 \n]{0,120}") {
            let _ = parsed(&text);
        }
    }
}
