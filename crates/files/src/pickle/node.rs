//! The values a pickle is made of.
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::numpy_type::NumpyType;
use crate::{ElementType, FileError};

/// The place of a value in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct NodeId(u32);

/// What a storage is counted in.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum StorageElement {
    /// Numbers that are read.
    Number(ElementType),
    /// Bytes: its tensors say what they are.
    Byte,
    /// Numbers that are not read, with the name of their class and the bytes of each where they are known.
    Unread { class: Arc<str>, size: Option<u64> },
}

impl StorageElement {
    /// Bytes of one element; `None` where nobody knows.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Number(element) => Some(element.size() as u64),
            Self::Byte => Some(1),
            Self::Unread { size, .. } => *size,
        }
    }
}

/// A tensor's data before it is read.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Storage {
    /// The name of the data inside the container.
    pub(crate) key: Arc<str>,
    /// What its elements are.
    pub(crate) element: StorageElement,
    /// Bytes from the start of the data to the start of this (old files hold views of storages).
    pub(crate) start: u64,
    /// Bytes of this storage.
    pub(crate) bytes: u64,
}

/// A tensor as a view of a storage. Offset and strides count elements.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strided {
    pub(crate) storage: Storage,
    pub(crate) element: ElementType,
    pub(crate) offset: u64,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<usize>,
    /// Whether the tensor is the storage with its sign turned (PyTorch's lazy negation).
    pub(crate) negated: bool,
}

/// A NumPy array; `data` is a node that [`Pickle::bytes`] reads.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct NumpyArray {
    pub(crate) kind: NumpyType,
    pub(crate) fortran: bool,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: NodeId,
}

/// One value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Node {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// Bytes written as a text of the characters 0 to 255 (Python 2 protocols); decoded when used.
    Latin1(NodeId),
    Tuple(Vec<NodeId>),
    List(Vec<NodeId>),
    Dict(Vec<(NodeId, NodeId)>),
    /// A Python name, `module.name`.
    Global(Arc<str>),
    Storage(Box<Storage>),
    Tensor(Box<Strided>),
    NumpyType(NumpyType),
    /// An array that has not been given its content yet.
    EmptyArray,
    Array(Box<NumpyArray>),
    /// A value that is not a tensor and of which nothing is made.
    Opaque(Arc<str>),
    /// A tensor or array whose numbers are not read: what it is, and what to do.
    Unread(Arc<str>),
}

impl Node {
    /// What the value is, for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(_) => "a truth value".to_owned(),
            Self::Int(_) | Self::Float(_) => "a number".to_owned(),
            Self::Text(_) => "a text".to_owned(),
            Self::Bytes(_) | Self::Latin1(_) => "raw bytes".to_owned(),
            Self::Tuple(items) => format!("a tuple of {}", items.len()),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Dict(items) => format!("a dictionary of {}", items.len()),
            Self::Global(name) => format!("the Python name {name}"),
            Self::Storage(_) => "a bare storage".to_owned(),
            Self::Tensor(_) => "a tensor".to_owned(),
            Self::NumpyType(_) => "a NumPy type".to_owned(),
            Self::EmptyArray | Self::Array(_) => "a NumPy array".to_owned(),
            Self::Opaque(name) => format!("an object made by {name}"),
            Self::Unread(what) => what.to_string(),
        }
    }
}

/// A pickle's values and which of them is the result.
#[derive(Debug)]
pub(crate) struct Pickle {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

impl Pickle {
    /// The result.
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// A value.
    pub(crate) fn get(&self, id: NodeId) -> &Node {
        node(&self.nodes, id)
    }

    /// The bytes of a `Bytes`, `Latin1` or `Text` node. A text stands for one byte a character, as Python 2 wrote data.
    pub(crate) fn bytes(&self, id: NodeId) -> Result<Cow<'_, [u8]>, FileError> {
        bytes_of(&self.nodes, id)
    }

    /// Upper bound of the bytes of such a node, known without reading them.
    pub(crate) fn bytes_at_most(&self, id: NodeId) -> usize {
        length_of(&self.nodes, id)
    }

    /// Bytes per element of each storage that the pickle names.
    pub(crate) fn storage_sizes(&self) -> HashMap<&str, Option<u64>> {
        let storages = self.nodes.iter().filter_map(|node| match node {
            Node::Storage(storage) => Some(storage),
            _ => None,
        });
        storages
            .map(|storage| (&*storage.key, storage.element.size()))
            .collect()
    }
}

/// The node at `id`. Ids are made only by [`push`], so they are always inside the arena.
pub(super) fn node(nodes: &[Node], id: NodeId) -> &Node {
    &nodes[id.0 as usize]
}

pub(super) fn node_mut(nodes: &mut [Node], id: NodeId) -> &mut Node {
    &mut nodes[id.0 as usize]
}

/// Puts a node into the arena.
pub(super) fn push(nodes: &mut Vec<Node>, value: Node, limit: usize) -> Result<NodeId, FileError> {
    // Half the memory of usize ids; the limit on values is far below 2^32.
    let id = u32::try_from(nodes.len())
        .ok()
        .filter(|_| nodes.len() < limit);
    let id = id.ok_or(FileError::TooMany {
        what: "values in the pickle",
        limit,
    })?;
    nodes.push(value);
    Ok(NodeId(id))
}

/// Length of a node of bytes as stored, an upper bound of its bytes.
pub(super) fn length_of(nodes: &[Node], id: NodeId) -> usize {
    let id = match node(nodes, id) {
        Node::Latin1(text) => *text,
        _ => id,
    };
    match node(nodes, id) {
        Node::Bytes(bytes) => bytes.len(),
        Node::Text(text) => text.len(),
        _ => 0,
    }
}

pub(super) fn bytes_of(nodes: &[Node], id: NodeId) -> Result<Cow<'_, [u8]>, FileError> {
    let id = match node(nodes, id) {
        Node::Latin1(text) => *text,
        _ => id,
    };
    match node(nodes, id) {
        Node::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
        Node::Text(text) => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)))
            .collect::<Result<Vec<u8>, _>>()
            .map(Cow::Owned)
            .map_err(|_| FileError::damaged("raw bytes hold a character above 255")),
        other => Err(FileError::damaged(format!(
            "raw bytes are {}",
            other.describe()
        ))),
    }
}
