//! What the allowed Python names build.
use super::globals;
use super::machine::Machine;
use super::node::{Node, NodeId, NumpyArray, Storage, Strided, bytes_of, length_of};
use crate::numpy_type::NumpyType;
use crate::{ElementType, FileError};

/// PyTorch itself stops at 64.
const MAX_DIMENSIONS: usize = 64;
/// Storages are numbered; old files use addresses.
const MAX_KEY: usize = 128;
/// No allowed function has more arguments.
const MAX_ARGUMENTS: usize = 16;

impl Machine {
    /// What `callable(*arguments)` stands for.
    pub(super) fn call(
        &mut self,
        mut callable: NodeId,
        mut arguments: NodeId,
    ) -> Result<NodeId, FileError> {
        loop {
            let name = match self.get(callable) {
                Node::Global(name) => name.clone(),
                Node::Opaque(name) => {
                    let opaque = Node::Opaque(name.clone());
                    return self.make(opaque);
                }
                other => {
                    return Err(FileError::damaged(format!(
                        "the pickle calls {}",
                        other.describe()
                    )));
                }
            };
            let args = self.arguments(arguments)?;
            let value = match &*name {
                // A tensor subclass or a tensor with attributes: (function, class, arguments, state).
                "torch._tensor._rebuild_from_type_v2" => {
                    callable = argument(&args, 0, &name)?;
                    arguments = argument(&args, 2, &name)?;
                    continue;
                }
                "torch._utils._rebuild_tensor"
                | "torch._utils._rebuild_tensor_v2"
                | "torch._utils._rebuild_tensor_v3" => {
                    self.count_view()?;
                    self.tensor(&name, &args)?
                }
                // Gradients, hooks and names of a parameter do not change its values.
                "torch._utils._rebuild_parameter"
                | "torch._utils._rebuild_parameter_with_state"
                | "torch.nn.parameter.Parameter"
                | "torch.Size" => return argument(&args, 0, &name),
                "collections.OrderedDict" => self.ordered(&args)?,
                "_codecs.encode" => Node::Latin1(argument(&args, 0, &name)?),
                "numpy.dtype" => self.numpy_type(argument(&args, 0, &name)?)?,
                "numpy.core.multiarray.scalar" | "numpy._core.multiarray.scalar" => {
                    self.numpy_number(&args)?
                }
                "numpy.core.multiarray._reconstruct" | "numpy._core.multiarray._reconstruct" => {
                    Node::EmptyArray
                }
                "numpy.core.numeric._frombuffer" | "numpy._core.numeric._frombuffer" => {
                    let order = self.get(argument(&args, 3, &name)?);
                    let fortran = matches!(order, Node::Text(order) if order == "F");
                    let (data, kind) = (argument(&args, 0, &name)?, argument(&args, 1, &name)?);
                    self.numpy_array(kind, fortran, argument(&args, 2, &name)?, data)?
                }
                "torch.storage._load_from_bytes" => {
                    return Err(FileError::Unsupported {
                        seen: "a tensor written with pickle.dump".to_owned(),
                        expected: "write it with torch.save".to_owned(),
                    });
                }
                _ if name.starts_with("torch._") && name.contains("_rebuild") => {
                    return Err(FileError::Unsupported {
                        seen: format!("a tensor made by `{name}`"),
                        expected: "save plain dense tensors (not sparse, quantised or nested ones)"
                            .to_owned(),
                    });
                }
                _ => Node::Opaque(name),
            };
            return self.make(value);
        }
    }

    /// What `class.__new__(class, *arguments)` stands for.
    pub(super) fn instance(
        &mut self,
        class: NodeId,
        arguments: NodeId,
    ) -> Result<NodeId, FileError> {
        let value = match self.get(class) {
            Node::Global(name) if &**name == "collections.OrderedDict" => {
                let args = self.arguments(arguments)?;
                self.ordered(&args)?
            }
            Node::Global(name) | Node::Opaque(name) => Node::Opaque(name.clone()),
            other => {
                return Err(FileError::damaged(format!(
                    "the pickle makes an instance of {}",
                    other.describe()
                )));
            }
        };
        self.make(value)
    }

    /// Gives an object its state. Only NumPy's objects have one that matters.
    pub(super) fn build(&mut self, object: NodeId, state: NodeId) -> Result<(), FileError> {
        let value = match self.get(object) {
            // (version, byte order, ...)
            &Node::NumpyType(kind) => {
                let order = self.tuple(state, "a NumPy type's state")?.get(1).copied();
                let big_endian = order
                    .is_some_and(|id| matches!(self.get(id), Node::Text(order) if order == ">"));
                Node::NumpyType(NumpyType { big_endian, ..kind })
            }
            // (version, shape, type, Fortran order, data)
            Node::EmptyArray => {
                let parts = self.arguments(state)?;
                let what = "a NumPy array's state";
                let fortran = matches!(self.get(argument(&parts, 3, what)?), Node::Bool(true));
                let (kind, shape) = (argument(&parts, 2, what)?, argument(&parts, 1, what)?);
                self.numpy_array(kind, fortran, shape, argument(&parts, 4, what)?)?
            }
            _ => return Ok(()),
        };
        *self.get_mut(object) = value;
        Ok(())
    }

    /// The storage that a persistent id stands for: ("storage", class, key, device, length, view).
    pub(super) fn persistent(&self, id: NodeId) -> Result<Node, FileError> {
        let parts = self.tuple(id, "a persistent id")?;
        let what = "a persistent id";
        let kind = match self.get(argument(parts, 0, what)?) {
            Node::Text(kind) => kind,
            other => {
                return Err(FileError::damaged(format!(
                    "{what} begins with {}",
                    other.describe()
                )));
            }
        };
        if kind != "storage" {
            // ("module", ...) carries source code in old files.
            return Ok(Node::Opaque("a persistent id".into()));
        }
        let class = match self.get(argument(parts, 1, what)?) {
            Node::Global(class) => class,
            other => {
                return Err(FileError::damaged(format!(
                    "a storage's class is {}",
                    other.describe()
                )));
            }
        };
        let key = match self.get(argument(parts, 2, what)?) {
            Node::Text(key) if key.len() <= MAX_KEY => key.clone(),
            Node::Int(key) => key.to_string(),
            other => {
                return Err(FileError::damaged(format!(
                    "a storage's name is {}",
                    other.describe()
                )));
            }
        };
        let element = globals::storage_element(class)?;
        let size = element.map_or(1, ElementType::size) as u64;
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

    /// (storage, offset, size, stride, ...); version 3 names the element type in the seventh place.
    fn tensor(&self, name: &str, args: &[NodeId]) -> Result<Node, FileError> {
        let storage = match self.get(argument(args, 0, name)?) {
            Node::Storage(storage) => (**storage).clone(),
            other => {
                return Err(FileError::damaged(format!(
                    "a tensor's storage is {}",
                    other.describe()
                )));
            }
        };
        let element = if name.ends_with("_v3") {
            match self.get(argument(args, 6, name)?) {
                Node::Global(dtype) => globals::dtype(dtype)?,
                other => {
                    return Err(FileError::damaged(format!(
                        "a tensor's type is {}",
                        other.describe()
                    )));
                }
            }
        } else {
            storage
                .element
                .ok_or_else(|| FileError::element("of an untyped storage"))?
        };
        let shape = self.sizes(argument(args, 2, name)?, "shape")?;
        let strides = self.sizes(argument(args, 3, name)?, "strides")?;
        if shape.len() != strides.len() {
            return Err(FileError::damaged(format!(
                "a tensor has shape {shape:?} and strides {strides:?}"
            )));
        }
        Ok(Node::Tensor(Box::new(Strided {
            storage,
            element,
            offset: self.natural(argument(args, 1, name)?, "offset")?,
            shape,
            strides,
        })))
    }

    /// An ordered dictionary, from nothing or from a list of pairs.
    fn ordered(&mut self, args: &[NodeId]) -> Result<Node, FileError> {
        let mut pairs = Vec::new();
        if let Some(&items) = args.first() {
            let (Node::List(items) | Node::Tuple(items)) = self.get(items) else {
                return Err(FileError::damaged(
                    "an ordered dictionary is not made of pairs",
                ));
            };
            let items = items.clone();
            self.count_copies(items.len())?;
            for item in items {
                match self.get(item) {
                    Node::List(pair) | Node::Tuple(pair) if pair.len() == 2 => {
                        pairs.push((pair[0], pair[1]));
                    }
                    _ => {
                        return Err(FileError::damaged(
                            "an ordered dictionary is not made of pairs",
                        ));
                    }
                }
            }
        }
        Ok(Node::Dict(pairs))
    }

    fn numpy_type(&self, id: NodeId) -> Result<Node, FileError> {
        match self.get(id) {
            Node::Text(text) => Ok(NumpyType::parse(text).map_or_else(
                // A type that is not a number's only matters when an array has it.
                |_| {
                    let text: String = text.chars().take(32).collect();
                    Node::Opaque(format!("numpy.dtype({text})").into())
                },
                Node::NumpyType,
            )),
            other => Err(FileError::damaged(format!(
                "a NumPy type is named by {}",
                other.describe()
            ))),
        }
    }

    fn kind(&self, id: NodeId) -> Result<NumpyType, FileError> {
        match self.get(id) {
            Node::NumpyType(kind) => Ok(*kind),
            other => Err(FileError::element(&other.describe())),
        }
    }

    /// (type, bytes)
    fn numpy_number(&self, args: &[NodeId]) -> Result<Node, FileError> {
        let kind = match self.get(argument(args, 0, "a NumPy number")?) {
            Node::NumpyType(kind) => *kind,
            _ => return Ok(Node::Opaque("a NumPy scalar".into())),
        };
        let data = argument(args, 1, "a NumPy number")?;
        // Twice the bytes, since raw bytes may be written as text.
        if length_of(&self.nodes, data) > 16 {
            return Err(FileError::damaged("a NumPy number of more than 8 bytes"));
        }
        let mut bytes = bytes_of(&self.nodes, data)?.into_owned();
        if kind.big_endian {
            bytes.reverse();
        }
        let number = crate::FileTensor::new("number", vec![], kind.element, bytes)?;
        number
            .values()
            .next()
            .map(Node::Float)
            .ok_or_else(|| FileError::damaged("a NumPy number without a value"))
    }

    fn numpy_array(
        &mut self,
        kind: NodeId,
        fortran: bool,
        shape: NodeId,
        data: NodeId,
    ) -> Result<Node, FileError> {
        self.count_view()?;
        Ok(Node::Array(Box::new(NumpyArray {
            kind: self.kind(kind)?,
            fortran,
            shape: self.sizes(shape, "shape")?,
            data,
        })))
    }

    /// The first arguments of a call: unknown functions may have any number, and nobody reads them.
    fn arguments(&self, id: NodeId) -> Result<Vec<NodeId>, FileError> {
        let items = self.tuple(id, "arguments")?;
        Ok(items.iter().take(MAX_ARGUMENTS).copied().collect())
    }

    fn tuple(&self, id: NodeId, what: &str) -> Result<&[NodeId], FileError> {
        match self.get(id) {
            Node::Tuple(items) => Ok(items),
            other => Err(FileError::damaged(format!(
                "the pickle has {} for {what}",
                other.describe()
            ))),
        }
    }

    fn sizes(&self, id: NodeId, what: &str) -> Result<Vec<usize>, FileError> {
        let items = self.tuple(id, what)?;
        if items.len() > MAX_DIMENSIONS {
            return Err(FileError::TooMany {
                what: "dimensions",
                limit: MAX_DIMENSIONS,
            });
        }
        items
            .iter()
            .map(|&item| {
                let size = self.natural(item, what)?;
                usize::try_from(size).map_err(|_| FileError::damaged(format!("{what} {size}")))
            })
            .collect()
    }

    fn natural(&self, id: NodeId, what: &str) -> Result<u64, FileError> {
        match self.get(id) {
            Node::Int(value) => u64::try_from(*value)
                .map_err(|_| FileError::damaged(format!("a tensor has the {what} {value}"))),
            other => Err(FileError::damaged(format!(
                "a tensor's {what} is {}",
                other.describe()
            ))),
        }
    }
}

fn argument(args: &[NodeId], place: usize, what: &str) -> Result<NodeId, FileError> {
    args.get(place)
        .copied()
        .ok_or_else(|| FileError::damaged(format!("{what} has only {} parts", args.len())))
}
