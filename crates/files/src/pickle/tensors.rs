//! PyTorch's tensors: their storages, and everything that changes their numbers afterwards.
use std::sync::Arc;

use super::globals;
use super::machine::Machine;
use super::node::{Node, NodeId, Storage, StorageElement, Strided};
use super::rebuild::argument;
use crate::{ElementType, FileError};

/// Storages are numbered; old files use addresses.
const MAX_KEY: usize = 128;

/// The attributes of a tensor whose assignment writes its numbers (of PyTorch 2.15, by trying all).
const VALUES: [&str; 3] = ["data", "real", "imag"];

impl Machine {
    /// The storage that a persistent id stands for: ("storage", class, key, device, length, view).
    pub(super) fn persistent(&self, id: NodeId) -> Result<Node, FileError> {
        let parts = self.tuple(id, "a persistent id")?;
        let what = "a persistent id";
        let is = |name: &str, other: &Node| {
            Err(FileError::damaged(format!("{name} {}", other.describe())))
        };
        let kind = match self.get(argument(parts, 0, what)?) {
            Node::Text(kind) => kind,
            other => return is("a persistent id begins with", other),
        };
        if kind != "storage" {
            // ("module", ...) carries source code in old files.
            return Ok(Node::Opaque("a persistent id".into()));
        }
        let class = match self.get(argument(parts, 1, what)?) {
            Node::Global(class) => class,
            other => return is("a storage's class is", other),
        };
        let key: Arc<str> = match self.get(argument(parts, 2, what)?) {
            Node::Text(key) if key.len() <= MAX_KEY => key.as_str().into(),
            Node::Int(key) => key.to_string().into(),
            other => return is("a storage's name is", other),
        };
        let element = globals::storage_element(class);
        let size = element.size().unwrap_or(1);
        let (mut start, mut length) = (
            0,
            self.natural(argument(parts, 4, what)?, "storage length")?,
        );
        if let Some(&view) = parts.get(5)
            && !matches!(self.get(view), Node::None)
        {
            let view = self.tuple(view, "a storage's view")?;
            start = self.natural(argument(view, 1, what)?, "storage view")?;
            length = self.natural(argument(view, 2, what)?, "storage view")?;
        }
        let overflow = || FileError::damaged("a storage is larger than any file");
        Ok(Node::Storage(Box::new(Storage {
            key,
            element,
            start: start.checked_mul(size).ok_or_else(overflow)?,
            bytes: length.checked_mul(size).ok_or_else(overflow)?,
        })))
    }

    /// (storage, offset, size, stride, requires_grad, hooks, metadata); version 3 names the element type before the
    /// metadata, and the first version ends with the strides.
    pub(super) fn tensor(&mut self, name: &str, args: &[NodeId]) -> Result<Node, FileError> {
        let typed = name.ends_with("_v3");
        let dtype = if typed {
            Some(argument(args, 6, name)?)
        } else {
            None
        };
        let metadata = match name {
            _ if typed => args.get(7),
            _ if name.ends_with("_v2") => args.get(6),
            _ => None,
        };
        let view = self.view(name, args, dtype)?;
        let Node::Tensor(mut tensor) = view else {
            return Ok(view);
        };
        if let Some(&metadata) = metadata {
            match self.negation(metadata) {
                Ok(negated) => tensor.negated = negated,
                Err(what) => {
                    return Ok(Node::Unread(
                        format!(
                            "a tensor with {what}, which may change its numbers: save `x.resolve_neg().clone()`"
                        )
                        .into(),
                    ));
                }
            }
        }
        Ok(Node::Tensor(tensor))
    }

    /// Whether a tensor's metadata says that its sign is turned; `Err` says what else stands there.
    fn negation(&self, metadata: NodeId) -> Result<bool, String> {
        let items = match self.get(metadata) {
            Node::None => return Ok(false),
            Node::Dict(items) => items,
            other => return Err(format!("{} for metadata", other.describe())),
        };
        let mut negated = false;
        for &(key, value) in items {
            match (self.get(key), self.get(value)) {
                (Node::Text(key), Node::Bool(flag)) if key == "neg" => negated = *flag,
                // The conjugate of a real number is the number, and complex tensors are not read.
                (Node::Text(key), Node::Bool(_)) if key == "conj" => {}
                (Node::Text(key), _) => {
                    let key: String = key.chars().take(40).collect();
                    return Err(format!("the unknown metadata `{key}`"));
                }
                (other, _) => return Err(format!("metadata named by {}", other.describe())),
            }
        }
        Ok(negated)
    }

    /// A view of a storage from (storage, offset, size, stride).
    fn view(
        &mut self,
        name: &str,
        args: &[NodeId],
        dtype: Option<NodeId>,
    ) -> Result<Node, FileError> {
        let storage = match self.get(argument(args, 0, name)?) {
            Node::Storage(storage) => (**storage).clone(),
            // A storage that could not be read.
            Node::Unread(what) => return Ok(Node::Unread(Arc::clone(what))),
            other => {
                return Err(FileError::damaged(format!(
                    "a tensor's storage is {}",
                    other.describe()
                )));
            }
        };
        let element = match dtype.map(|dtype| self.get(dtype)) {
            Some(Node::Global(dtype)) => globals::dtype(dtype).map_err(|_| Arc::clone(dtype)),
            Some(other) => {
                return Err(FileError::damaged(format!(
                    "a tensor's type is {}",
                    other.describe()
                )));
            }
            None => match &storage.element {
                StorageElement::Number(element) => Ok(*element),
                StorageElement::Byte => Err("an untyped storage".into()),
                StorageElement::Unread { class, .. } => Err(Arc::clone(class)),
            },
        };
        let element = match element {
            Ok(element) => element,
            Err(class) => return Ok(Node::Unread(unread_element(&class))),
        };
        let shape = self.sizes(argument(args, 2, name)?, "shape")?;
        let strides = self.sizes(argument(args, 3, name)?, "strides")?;
        if shape.len() != strides.len() {
            return Err(FileError::damaged(format!(
                "a tensor has shape {shape:?} and strides {strides:?}"
            )));
        }
        self.count_axes(shape.len())?;
        Ok(Node::Tensor(Box::new(Strided {
            storage,
            element,
            offset: self.natural(argument(args, 1, name)?, "offset")?,
            shape,
            strides,
            negated: false,
        })))
    }

    /// A tensor of its own on the same storage: what is done to the copy is not done to the original.
    pub(super) fn copy_of(&mut self, id: NodeId) -> Result<Node, FileError> {
        self.count_view()?;
        let axes = match self.get(id) {
            Node::Tensor(tensor) => tensor.shape.len(),
            Node::Array(array) => array.shape.len(),
            Node::Unread(what) | Node::Opaque(what) => {
                return Ok(Node::Unread(Arc::clone(what)));
            }
            other => {
                return Err(FileError::damaged(format!(
                    "a parameter is made of {}",
                    other.describe()
                )));
            }
        };
        self.count_axes(axes)?;
        Ok(self.get(id).clone())
    }

    /// A tensor of a device (a TPU), written as a tensor or array of the host and the type that it had.
    pub(super) fn device_tensor(&mut self, data: NodeId, dtype: NodeId) -> Result<Node, FileError> {
        let copy = self.copy_of(data)?;
        let element = match &copy {
            Node::Tensor(tensor) => tensor.element,
            Node::Array(array) => array.kind.element,
            _ => return Ok(copy),
        };
        let wanted = match self.get(dtype) {
            Node::Global(name) => globals::dtype(name).map_err(|_| Arc::clone(name)),
            other => Err(other.describe().into()),
        };
        Ok(match wanted {
            Ok(wanted) if wanted == element => copy,
            Ok(wanted) => Node::Unread(
                format!(
                    "a tensor of type {wanted} of a device, written as {element}: save it with `x.cpu()`"
                )
                .into(),
            ),
            Err(name) => Node::Unread(unread_element(&name)),
        })
    }

    /// A tensor as an object of a class, with a state of its own.
    pub(super) fn of_class(
        &mut self,
        made: NodeId,
        class: NodeId,
        state: Option<NodeId>,
    ) -> Result<NodeId, FileError> {
        let known = match self.get(class) {
            Node::Global(name) => {
                // Their state is attributes and nothing else.
                name.starts_with("torch.") || name.starts_with("torchvision.tv_tensors")
            }
            _ => false,
        };
        let name = self.get(class).describe();
        let empty = match state.map(|state| self.get(state)) {
            None | Some(Node::None) => true,
            Some(Node::Dict(items)) => items.is_empty(),
            Some(_) => false,
        };
        let copy = self.copy_of(made)?;
        let copy = self.make(copy)?;
        match state {
            Some(state) if known => self.set_attributes(copy, state),
            // A class of somebody's own may take its numbers from its state.
            Some(_) if !empty => {
                let what = format!(
                    "a tensor whose state only {name} understands: save `x.as_subclass(torch.Tensor)`"
                );
                *self.get_mut(copy) = Node::Unread(what.into());
            }
            _ => {}
        }
        Ok(copy)
    }

    /// What `setattr` does to a tensor for each item of a state.
    pub(super) fn set_attributes(&mut self, tensor: NodeId, state: NodeId) {
        let parts = match self.get(state) {
            Node::Tuple(parts) => parts.iter().take(2).copied().collect(),
            _ => vec![state],
        };
        for part in parts {
            let problem = match self.get(part) {
                Node::None => None,
                Node::Dict(items) => items.iter().find_map(|&(key, _)| match self.get(key) {
                    Node::Text(key) if VALUES.contains(&key.as_str()) => Some(key.clone()),
                    Node::Text(_) => None,
                    other => Some(other.describe()),
                }),
                other => Some(other.describe()),
            };
            if let Some(problem) = problem {
                let what = format!(
                    "a tensor that is given `{problem}` when it is loaded: load it in Python and save `x.clone()`"
                );
                *self.get_mut(tensor) = Node::Unread(what.into());
            }
        }
    }

    /// What `Tensor.__setstate__` does: four parts are a new view, five give new data, three change no number.
    pub(super) fn set_state(&mut self, tensor: NodeId, state: NodeId) -> Result<(), FileError> {
        let parts = match self.get(state) {
            Node::Tuple(_) => self.arguments(state)?,
            _ => Vec::new(),
        };
        let value = match parts.as_slice() {
            [_, _, _] => return Ok(()),
            [_, _, _, _] => {
                self.count_view()?;
                self.view("a tensor's state", &parts, None)?
            }
            &[data, _, _, _, _] => self.copy_of(data)?,
            _ => Node::Unread(
                "a tensor whose state is set in a way that ddrank does not know: load it in Python and save \
                 `x.clone()`"
                    .into(),
            ),
        };
        *self.get_mut(tensor) = value;
        Ok(())
    }
}

fn unread_element(class: &str) -> Arc<str> {
    format!(
        "a tensor of element type {class}, which is not supported: allowed are {}",
        ElementType::SUPPORTED
    )
    .into()
}
