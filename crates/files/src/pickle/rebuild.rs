//! What the allowed Python names build.
use super::machine::Machine;
use super::node::{Node, NodeId, NumpyArray, bytes_of, length_of};
use crate::numpy_type::NumpyType;
use crate::{ElementType, FileError};

/// PyTorch itself stops at 64.
const MAX_DIMENSIONS: usize = 64;
/// No allowed function has more arguments.
const MAX_ARGUMENTS: usize = 16;

impl Machine {
    /// What `callable(*arguments)` stands for.
    pub(super) fn call(
        &mut self,
        callable: NodeId,
        arguments: NodeId,
    ) -> Result<NodeId, FileError> {
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
                // Nested ones cost stack, and PyTorch writes none.
                let inner = argument(&args, 0, &name)?;
                if matches!(self.get(inner), Node::Global(inner) if *inner == name) {
                    return Err(FileError::damaged("a tensor's class inside another"));
                }
                let made = self.call(inner, argument(&args, 2, &name)?)?;
                let class = argument(&args, 1, &name)?;
                return self.of_class(made, class, args.get(3).copied());
            }
            "torch._utils._rebuild_tensor"
            | "torch._utils._rebuild_tensor_v2"
            | "torch._utils._rebuild_tensor_v3" => {
                self.count_view()?;
                self.tensor(&name, &args)?
            }
            // Gradients and hooks of a parameter do not change its values.
            "torch._utils._rebuild_parameter" | "torch.nn.parameter.Parameter" => {
                self.copy_of(argument(&args, 0, &name)?)?
            }
            "torch._utils._rebuild_parameter_with_state" => {
                let copy = self.copy_of(argument(&args, 0, &name)?)?;
                let copy = self.make(copy)?;
                if let Some(&state) = args.get(3) {
                    self.set_attributes(copy, state);
                }
                return Ok(copy);
            }
            "torch._utils._rebuild_device_tensor_from_numpy"
            | "torch._utils._rebuild_device_tensor_from_cpu_tensor" => {
                self.device_tensor(argument(&args, 0, &name)?, argument(&args, 1, &name)?)?
            }
            "torch.Size" => return argument(&args, 0, &name),
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
                Node::Unread("a tensor written with pickle.dump: write it with torch.save".into())
            }
            _ if name.starts_with("torch.") && name.contains("_rebuild") => Node::Unread(
                format!(
                    "a tensor made by `{name}`, which is not supported: save plain dense tensors (not sparse, \
                     quantised or nested ones), as `x.to_dense()` or `x.dequantize()` makes them"
                )
                .into(),
            ),
            _ => Node::Opaque(name),
        };
        self.make(value)
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
                match order.map(|id| self.get(id)) {
                    Some(Node::Text(order)) if order == ">" => Node::NumpyType(NumpyType {
                        big_endian: true,
                        ..kind
                    }),
                    Some(Node::Text(order)) if matches!(&**order, "<" | "|" | "=") => {
                        Node::NumpyType(NumpyType {
                            big_endian: false,
                            ..kind
                        })
                    }
                    _ => Node::Opaque("a NumPy type of an unknown byte order".into()),
                }
            }
            Node::Tensor(_) => return self.set_state(object, state),
            // An array has one state, which it got already; another one would change what was read.
            Node::Array(_) => Node::Unread("a NumPy array that is given its content twice".into()),
            // (version, shape, type, Fortran order, data)
            Node::EmptyArray => {
                let parts = self.arguments(state)?;
                let what = "a NumPy array's state";
                // Python 2 and old protocols write truth as a number.
                let fortran = match self.get(argument(&parts, 3, what)?) {
                    Node::Bool(fortran) => *fortran,
                    Node::Int(fortran) => *fortran != 0,
                    other => {
                        let seen = other.describe();
                        return Err(FileError::damaged(format!(
                            "a NumPy array's order is {seen}"
                        )));
                    }
                };
                let (kind, shape) = (argument(&parts, 2, what)?, argument(&parts, 1, what)?);
                self.numpy_array(kind, fortran, shape, argument(&parts, 4, what)?)?
            }
            _ => return Ok(()),
        };
        *self.get_mut(object) = value;
        Ok(())
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
        let shape = self.sizes(shape, "shape")?;
        self.count_axes(shape.len())?;
        let kind = match self.get(kind) {
            Node::NumpyType(kind) => *kind,
            other => {
                let what = format!(
                    "a NumPy array of {}, which is not supported: save it as a plain array ({})",
                    other.describe().trim_start_matches("an object made by "),
                    ElementType::SUPPORTED
                );
                return Ok(Node::Unread(what.into()));
            }
        };
        Ok(Node::Array(Box::new(NumpyArray {
            kind,
            fortran,
            shape,
            data,
        })))
    }

    /// The first arguments of a call: unknown functions may have any number, and nobody reads them.
    pub(super) fn arguments(&self, id: NodeId) -> Result<Vec<NodeId>, FileError> {
        let items = self.tuple(id, "arguments")?;
        Ok(items.iter().take(MAX_ARGUMENTS).copied().collect())
    }

    pub(super) fn tuple(&self, id: NodeId, what: &str) -> Result<&[NodeId], FileError> {
        match self.get(id) {
            Node::Tuple(items) => Ok(items),
            other => Err(FileError::damaged(format!(
                "the pickle has {} for {what}",
                other.describe()
            ))),
        }
    }

    pub(super) fn sizes(&self, id: NodeId, what: &str) -> Result<Vec<usize>, FileError> {
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

    pub(super) fn natural(&self, id: NodeId, what: &str) -> Result<u64, FileError> {
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

pub(super) fn argument(args: &[NodeId], place: usize, what: &str) -> Result<NodeId, FileError> {
    args.get(place)
        .copied()
        .ok_or_else(|| FileError::damaged(format!("{what} has only {} parts", args.len())))
}
