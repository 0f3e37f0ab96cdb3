//! PyTorch files: what the pickle holds, by name, and the tensors behind it.
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use crate::archive::Archive;
use crate::pickle::{Node, NodeId, NumpyArray, Pickle, Source, unpickle};
use crate::tensor::element_count;
use crate::view::{build, check};
use crate::{FileError, FileTensor, Limits, Skipped, npy};

/// What a pickle-based file holds.
#[derive(Default, Debug)]
pub(crate) struct Content {
    pub(crate) tensors: Vec<FileTensor>,
    pub(crate) skipped: Vec<Skipped>,
    /// Plain numbers, for learning rates; at most [`MAX_SKIPPED`].
    pub(crate) numbers: Vec<f64>,
    /// What the root is, for messages.
    pub(crate) root: String,
}

const MAX_SKIPPED: usize = 1000;
/// Values that are followed in search of tensors.
const MAX_VISITS: usize = 1_000_000;
/// Longest name of a tensor.
const MAX_NAME: usize = 1024;

/// Where the bytes of storages come from.
pub(crate) trait Storages {
    /// The bytes of a storage, all of them.
    fn load(&mut self, key: &str) -> Result<Vec<u8>, FileError>;
    /// Whether numbers are stored most significant byte first.
    fn big_endian(&self) -> bool;
}

/// The entry that makes a zip archive a PyTorch file.
pub(crate) fn pickle_entry(names: &[String]) -> Option<&String> {
    let is_pickle = |name: &&String| name.as_str() == "data.pkl" || name.ends_with("/data.pkl");
    // The outermost one: an archive may hold others in sub-folders.
    names.iter().filter(is_pickle).min_by_key(|name| name.len())
}

/// Reads the zip container; `entry` is its `data.pkl`.
pub(crate) fn read_zip(
    mut archive: Archive,
    entry: &str,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    // Arrays may lie in the pickle itself: its limit is for what it expands to beyond the file.
    let allowed = limits.max_pickle_bytes.max(file_bytes);
    let pickle = archive.read_at_most(entry, allowed)?;
    let mut source = Source::new(Cursor::new(&pickle), pickle.len() as u64);
    let pickle = unpickle(&mut source, limits)?;
    let folder = entry
        .strip_suffix("data.pkl")
        .unwrap_or_default()
        .to_owned();
    let order = format!("{folder}byteorder");
    let big_endian = archive.names()?.contains(&order)
        && archive.read_at_most(&order, 16)?.trim_ascii() == b"big";
    let storages = ZipStorages {
        archive,
        folder,
        big_endian,
    };
    collect(&pickle, storages, file_bytes, limits)
}

struct ZipStorages {
    archive: Archive,
    folder: String,
    big_endian: bool,
}

impl Storages for ZipStorages {
    fn load(&mut self, key: &str) -> Result<Vec<u8>, FileError> {
        self.archive.read(&format!("{}data/{key}", self.folder))
    }

    fn big_endian(&self) -> bool {
        self.big_endian
    }
}

/// A container without storages: a plain pickle.
pub(crate) struct NoStorages;

impl Storages for NoStorages {
    fn load(&mut self, key: &str) -> Result<Vec<u8>, FileError> {
        Err(FileError::damaged(format!(
            "the pickle needs storage `{key}`, and the file has no storages"
        )))
    }

    fn big_endian(&self) -> bool {
        false
    }
}

/// Names everything in the pickle and reads the tensors.
pub(crate) fn collect(
    pickle: &Pickle,
    mut storages: impl Storages,
    file_bytes: u64,
    limits: &Limits,
) -> Result<Content, FileError> {
    let mut walk = Walk {
        pickle,
        limits,
        path: Vec::new(),
        visits: 0,
        leaves: Vec::new(),
        content: Content::default(),
    };
    walk.content.root = pickle.get(pickle.root()).describe();
    walk.visit(String::new(), pickle.root())?;
    let (leaves, mut content) = (walk.leaves, walk.content);

    // Storages are shared by many tensors and may be gigabytes: each is read once and freed after its last use.
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (_, id) in &leaves {
        if let Node::Tensor(tensor) = pickle.get(*id) {
            *uses.entry(&tensor.storage.key).or_default() += 1;
        }
    }
    let mut budget = limits.budget(file_bytes);
    let mut loaded: HashMap<&str, Arc<Vec<u8>>> = HashMap::new();
    let mut names = std::collections::HashSet::new();
    for (name, id) in &leaves {
        if !names.insert(name.as_str()) {
            return Err(FileError::DuplicateName(name.clone()));
        }
        content.tensors.push(match pickle.get(*id) {
            Node::Tensor(tensor) => {
                let key = &*tensor.storage.key;
                check(name, tensor)?;
                let bytes = match loaded.get(key) {
                    Some(bytes) => Arc::clone(bytes),
                    None => Arc::new(storages.load(key)?),
                };
                // The last user of a storage takes its memory over.
                let left = uses.entry(key).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    loaded.remove(key);
                } else {
                    loaded.insert(key, Arc::clone(&bytes));
                }
                build(name, tensor, bytes, storages.big_endian(), &mut budget)?
            }
            Node::Array(array) => {
                let data = array_data(name, pickle, array)?;
                npy::array(
                    name,
                    array.kind,
                    array.fortran,
                    array.shape.clone(),
                    data,
                    &mut budget,
                )?
            }
            other => {
                return Err(FileError::damaged(format!(
                    "`{name}` is {}",
                    other.describe()
                )));
            }
        });
    }
    Ok(content)
}

/// The bytes of an array. Data written as text is converted, so what cannot fit the shape is refused before.
fn array_data<'a>(
    name: &str,
    pickle: &'a Pickle,
    array: &NumpyArray,
) -> Result<Cow<'a, [u8]>, FileError> {
    let size = array.kind.element.size();
    let expected = element_count(&array.shape).and_then(|n| n.checked_mul(size));
    let stored = pickle.bytes_at_most(array.data);
    // A byte above 127 takes two bytes of a text.
    if expected.is_none_or(|expected| stored > expected.saturating_mul(2)) {
        return Err(FileError::WrongLength {
            name: name.to_owned(),
            shape: array.shape.clone(),
            element: array.kind.element,
            expected,
            seen: stored,
        });
    }
    pickle.bytes(array.data)
}

struct Walk<'a> {
    pickle: &'a Pickle,
    limits: &'a Limits,
    path: Vec<NodeId>,
    visits: usize,
    leaves: Vec<(String, NodeId)>,
    content: Content,
}

impl Walk<'_> {
    /// Follows a value; recursion ends at the depth limit.
    fn visit(&mut self, name: String, id: NodeId) -> Result<(), FileError> {
        let pickle = self.pickle;
        let node = pickle.get(id);
        // Every item is looked at, each time the container appears.
        self.visits += match node {
            Node::List(items) | Node::Tuple(items) => items.len() + 1,
            Node::Dict(items) => items.len() + 1,
            _ => 1,
        };
        if self.visits > MAX_VISITS.min(self.limits.max_pickle_values) {
            return Err(FileError::TooMany {
                what: "values in the pickle, each counted as often as it appears",
                limit: MAX_VISITS.min(self.limits.max_pickle_values),
            });
        }
        match node {
            Node::Tensor(_) | Node::Array(_) => {
                if self.leaves.len() >= self.limits.max_entries {
                    return Err(FileError::TooMany {
                        what: "tensors",
                        limit: self.limits.max_entries,
                    });
                }
                self.leaves.push((name, id));
            }
            Node::List(items) | Node::Tuple(items) => {
                let is_number =
                    |&id: &NodeId| matches!(pickle.get(id), Node::Int(_) | Node::Float(_));
                // One line for a list of losses instead of ten thousand.
                if items.len() > 1 && items.iter().all(is_number) {
                    self.skip(name, format!("a list of {} numbers", items.len()));
                } else {
                    if !self.enter(&name, id) {
                        return Ok(());
                    }
                    for (place, &item) in items.iter().enumerate() {
                        self.visit(join(&name, &place.to_string())?, item)?;
                    }
                    self.path.pop();
                }
            }
            Node::Dict(items) => {
                if !self.enter(&name, id) {
                    return Ok(());
                }
                let mut last = HashMap::with_capacity(items.len());
                for (place, (key, _)) in items.iter().enumerate() {
                    last.insert(self.key(*key), place);
                }
                for (place, (key, value)) in items.iter().enumerate() {
                    let key = self.key(*key);
                    // As in Python, a key that is set again replaces the former value.
                    if last.get(&key) == Some(&place) {
                        self.visit(join(&name, &key)?, *value)?;
                    }
                }
                self.path.pop();
            }
            Node::Int(value) => self.number(name, *value as f64),
            Node::Float(value) => self.number(name, *value),
            other => self.skip(name, other.describe()),
        }
        Ok(())
    }

    /// Whether the items of a container are looked at; what lies too deep or inside itself is listed instead.
    fn enter(&mut self, name: &str, id: NodeId) -> bool {
        // Linear, but the path is at most as long as the depth limit.
        let problem = if self.path.contains(&id) {
            "a value that contains itself".to_owned()
        } else if self.path.len() >= self.limits.max_depth {
            format!(
                "values below {} levels, not looked at",
                self.limits.max_depth
            )
        } else {
            self.path.push(id);
            return true;
        };
        self.skip(name.to_owned(), problem);
        false
    }

    fn key(&self, key: NodeId) -> String {
        match self.pickle.get(key) {
            Node::Text(text) if text.len() <= MAX_NAME => text.clone(),
            Node::Text(text) => text.chars().take(MAX_NAME + 1).collect(),
            Node::Int(value) => value.to_string(),
            Node::Float(value) => value.to_string(),
            Node::Bool(value) => value.to_string(),
            other => format!("<{}>", other.describe()),
        }
    }

    fn number(&mut self, name: String, value: f64) {
        if self.content.numbers.len() < MAX_SKIPPED {
            self.content.numbers.push(value);
        }
        self.skip(name, format!("the number {value}"));
    }

    fn skip(&mut self, name: String, what: String) {
        if self.content.skipped.len() < MAX_SKIPPED {
            self.content.skipped.push(Skipped::new(name, what));
        }
    }
}

fn join(path: &str, key: &str) -> Result<String, FileError> {
    if path.len() + key.len() >= MAX_NAME {
        return Err(FileError::damaged(format!(
            "a name of more than {MAX_NAME} bytes"
        )));
    }
    Ok(if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    })
}
