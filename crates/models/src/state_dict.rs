//! Parameters by their PyTorch names: saving, loading, gradients.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Int, Tensor, TensorData};

use crate::checkpoint_error::{CheckpointError, ShapeMismatch};
use crate::network::Network;

/// What PyTorch's data-parallel wrapper puts in front of every key.
const WRAPPER_PREFIX: &str = "module.";
/// The counter of batch normalisation, which older checkpoints lack and which no computation needs.
const COUNTER: &str = "num_batches_tracked";
/// Last parts of the names of values that are saved but not trained.
const BUFFERS: [&str; 4] = ["running_mean", "running_var", COUNTER, TABLE];
/// Where each entry of a window's bias is found; the architecture decides it, and no checkpoint may say otherwise.
const TABLE: &str = "relative_position_index";
/// What stands in front of a number in the names of fields that are members of a PyTorch `Sequential`.
const MEMBER: &str = "member_";
/// The field for what a PyTorch class has among its own members and several of ours share.
const SHARED: &str = "trunk";
/// Structs that only hold a list and have no name in PyTorch.
const LISTS: [&str; 2] = ["Struct:Sequential", "Struct:Classifier"];

impl Network {
    /// All parameters and buffers in PyTorch's order, names and layouts, read from the device.
    ///
    /// Floats are `f32`; `num_batches_tracked` is a scalar `i64`.
    #[must_use]
    pub fn state_dict(&self) -> Vec<(String, TensorData)> {
        let mut collector = Collector::default();
        self.visit(&mut collector);
        collector.entries
    }

    /// This network with the values of a state dict.
    ///
    /// The load is strict: every tensor must be there with its exact shape, and nothing else. A `module.` prefix that all
    /// keys share is ignored, and `num_batches_tracked` may be absent. Values are converted to `f32`. Parameters keep their
    /// identity, device and readiness for training. On an error no other copy of the network has changed.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Mismatch`] lists every missing key, unexpected key and different shape at once;
    /// [`CheckpointError::ElementType`] names tensors that hold no plain numbers, [`CheckpointError::Table`] a table of
    /// positions that is not this architecture's.
    pub fn load_state_dict(
        self,
        state_dict: &BTreeMap<String, TensorData>,
    ) -> Result<Self, CheckpointError> {
        let is_wrapped =
            !state_dict.is_empty() && state_dict.keys().all(|key| key.starts_with(WRAPPER_PREFIX));
        let skipped = if is_wrapped { WRAPPER_PREFIX.len() } else { 0 };
        let found: BTreeMap<&str, &TensorData> = state_dict
            .iter()
            .map(|(key, data)| (&key[skipped..], data))
            .collect();

        let mut shapes = Shapes::default();
        // Everything is looked at before anything is replaced, so that a network never is half loaded.
        self.visit(&mut shapes);
        check(&shapes.entries, &found)?;
        if let Some((name, _)) = shapes.tables.into_iter().find(|(name, table)| {
            found
                .get(name.as_str())
                .is_some_and(|data| !data.iter::<i64>().eq(table.iter().copied()))
        }) {
            return Err(CheckpointError::Table { name });
        }
        Ok(self.map(&mut Loader {
            path: Path::default(),
            found,
        }))
    }

    /// The gradients of all parameters that have one, in PyTorch's order, names and layouts, read from the device.
    #[must_use]
    pub fn gradients_by_name(&self, gradients: &Gradients) -> Vec<(String, TensorData)> {
        let mut collector = GradientCollector {
            path: Path::default(),
            gradients,
            entries: Vec::new(),
        };
        self.visit(&mut collector);
        collector.entries
    }

    /// Names and shapes of the trainable parameters, in PyTorch's order.
    #[must_use]
    pub fn parameter_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let mut shapes = Shapes::default();
        self.visit(&mut shapes);
        shapes.entries.retain(|(name, _)| !is_buffer(name));
        shapes.entries
    }

    /// Names and shapes of all parameters and buffers, in PyTorch's order; those of counters are empty.
    #[must_use]
    pub fn tensor_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let mut shapes = Shapes::default();
        self.visit(&mut shapes);
        for (name, shape) in &mut shapes.entries {
            if is_counter(name) {
                shape.clear();
            }
        }
        shapes.entries
    }

    /// The number of trainable numbers; running statistics do not count.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameter_shapes()
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum()
    }
}

fn is_buffer(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|last| BUFFERS.contains(&last))
}

pub(crate) fn is_counter(name: &str) -> bool {
    name.rsplit('.').next() == Some(COUNTER)
}

fn check(
    expected: &[(String, Vec<usize>)],
    found: &BTreeMap<&str, &TensorData>,
) -> Result<(), CheckpointError> {
    let mut missing = Vec::new();
    let mut shapes = Vec::new();
    let mut element_types = Vec::new();
    for (name, shape) in expected {
        let Some(data) = found.get(name.as_str()) else {
            if !is_counter(name) {
                missing.push(name.clone());
            }
            continue;
        };
        let is_right = if is_counter(name) {
            data.num_elements() == 1
        } else {
            data.shape().as_slice() == shape.as_slice()
        };
        if !is_right {
            shapes.push(ShapeMismatch {
                name: name.clone(),
                expected: if is_counter(name) {
                    Vec::new()
                } else {
                    shape.clone()
                },
                found: data.shape().as_slice().to_vec(),
            });
        } else if !(data.dtype().is_float() || data.dtype().is_int() || data.dtype().is_uint()) {
            element_types.push((name.clone(), data.dtype()));
        }
    }
    let known: BTreeSet<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    let unexpected: Vec<String> = found
        .keys()
        .filter(|key| !known.contains(*key))
        .map(|key| (*key).to_owned())
        .collect();
    if !(missing.is_empty() && unexpected.is_empty() && shapes.is_empty()) {
        return Err(CheckpointError::Mismatch {
            missing,
            unexpected,
            shapes,
        });
    }
    match element_types.is_empty() {
        true => Ok(()),
        false => Err(CheckpointError::ElementType {
            tensors: element_types,
        }),
    }
}

/// The PyTorch name of the place that a traversal has reached.
///
/// Three things that burn walks through have no name in PyTorch: the variants of enums, the list inside a `Sequential`, and
/// the field `trunk`.
/// Two kinds of names cannot be names of fields: the field `member_2` is called `2`, and a field whose name ends with an
/// underscore, such as `encoder_layer_`, is the beginning of the names of what it holds.
#[derive(Default)]
struct Path {
    parts: Vec<Option<String>>,
}

impl Path {
    fn enter(&mut self, name: &str, container: &str) {
        let is_named =
            !container.starts_with("Enum:") && !LISTS.contains(&container) && name != SHARED;
        let name = name.strip_prefix(MEMBER).unwrap_or(name);
        self.parts.push(is_named.then(|| name.to_owned()));
    }

    fn exit(&mut self) {
        self.parts.pop();
    }

    fn name(&self) -> String {
        let mut name = String::new();
        for part in self.parts.iter().flatten() {
            if !(name.is_empty() || name.ends_with('_')) {
                name.push('.');
            }
            name.push_str(part);
        }
        name
    }
}

#[derive(Default)]
struct Collector {
    path: Path,
    entries: Vec<(String, TensorData)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data().convert::<f32>();
        self.entries.push((self.path.name(), data));
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let name = self.path.name();
        let values: Vec<i64> = param.val().into_data().iter::<i64>().collect();
        let shape = if is_counter(&name) {
            Vec::new()
        } else {
            param.lazy_shape().as_slice().to_vec()
        };
        self.entries.push((name, TensorData::new(values, shape)));
    }
}

#[derive(Default)]
struct Shapes {
    path: Path,
    entries: Vec<(String, Vec<usize>)>,
    /// The tables that the architecture decides, read from the device.
    tables: Vec<(String, Vec<i64>)>,
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let shape = param.lazy_shape().as_slice().to_vec();
        self.entries.push((self.path.name(), shape));
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let shape = param.lazy_shape().as_slice().to_vec();
        let name = self.path.name();
        if !is_counter(&name) {
            let values = param.val().into_data().iter::<i64>().collect();
            self.tables.push((name.clone(), values));
        }
        self.entries.push((name, shape));
    }
}

struct GradientCollector<'a> {
    path: Path,
    gradients: &'a Gradients,
    entries: Vec<(String, TensorData)>,
}

impl ModuleVisitor for GradientCollector<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !param.is_require_grad() {
            return;
        }
        if let Some(gradient) = param.val().grad(self.gradients) {
            let data = gradient.into_data().convert::<f32>();
            self.entries.push((self.path.name(), data));
        }
    }
}

/// Puts checked values in; [`check`] has seen every name, shape and element type.
struct Loader<'a> {
    path: Path,
    found: BTreeMap<&'a str, &'a TensorData>,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(data) = self.found.get(self.path.name().as_str()) else {
            return param;
        };
        let data = (*data).clone().convert::<f32>();
        param.map(|old| {
            let is_trained = old.is_require_grad();
            let new = Tensor::from_data(data, &old.device());
            if is_trained { new.require_grad() } else { new }
        })
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        let Some(data) = self.found.get(self.path.name().as_str()) else {
            return param;
        };
        let values: Vec<i64> = data.iter::<i64>().collect();
        param.map(|old| {
            let data = TensorData::new(values, old.dims());
            Tensor::from_data(data, &old.device())
        })
    }
}
