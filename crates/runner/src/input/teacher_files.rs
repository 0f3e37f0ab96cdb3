//! Teachers on disk: a model and the file of its weights.
//!
//! A file is a state dict as PyTorch's `torch.save(model.state_dict(), path)` or safetensors write it, or a dictionary
//! with a state dict under one of the usual keys. What `DataParallel` and `torch.compile` put in front of every key is
//! taken off. Keys and shapes are then checked strictly against the model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, TensorData};
use ddrank_data::Fingerprint;
use ddrank_files::{ElementType, FileError, FileTensor, Limits, read_tensor_file};
use ddrank_labels::{TeacherError, TeacherProblem, Teachers};
use ddrank_models::{InputShape, ModelName, ModelSpec};

/// Keys under which training scripts save a state dict beside other things.
const CONTAINERS: [&str; 4] = ["state_dict", "model_state_dict", "model", "net"];
/// What wrappers put in front of every key: `DataParallel` and `torch.compile`.
const WRAPPERS: [&str; 2] = ["module", "_orig_mod"];
/// The counter of batch normalisation, which no computation needs and some checkpoints lack.
const COUNTER: &str = "num_batches_tracked";

/// A teacher: its model and the file of its weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeacherFile {
    /// The model.
    pub model: ModelSpec,
    /// A `.pt`, `.pth` or `.safetensors` file (recognised by content).
    pub weights: PathBuf,
}

/// Why teachers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TeacherFileError {
    /// The list of teachers is empty.
    #[error("there is no teacher; expected at least one model with a file of weights")]
    None,
    /// The file cannot be read; the source names it.
    #[error(transparent)]
    File(FileError),
    /// The file is readable and holds no tensor, such as a whole pickled model.
    #[error(
        "there are no weights in {}; expected a state dict: torch.save(model.state_dict(), path)",
        path.display()
    )]
    NoWeights {
        /// The file.
        path: PathBuf,
        /// What it holds.
        source: FileError,
    },
    /// Several of the usual keys are there, so which state dict is meant is a guess.
    #[error(
        "{} holds several state dicts ({found}); expected one: save the one you mean in a file of its own",
        path.display()
    )]
    Several {
        /// The file.
        path: PathBuf,
        /// The keys.
        found: String,
    },
    /// The weights are not of that model, or the model cannot be built.
    #[error("{} cannot be used as a teacher {model}", path.display())]
    Teacher {
        /// The file.
        path: PathBuf,
        /// The model.
        model: ModelName,
        /// Why.
        source: Box<TeacherProblem>,
    },
}

/// Loads teachers for images of this shape and so many classes onto `device`.
///
/// # Errors
///
/// When there is none; when a file cannot be read, holds no weights or several state dicts; when a model cannot be
/// built; when weights do not fit their model (missing and unexpected keys and other shapes are all listed) or are not
/// finite. Every error but the first names the file.
pub fn load_teachers(
    teachers: &[TeacherFile],
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<Teachers, TeacherFileError> {
    let weights: Vec<_> = teachers
        .iter()
        .map(|teacher| {
            let tensors = read_weights(&teacher.weights)?;
            Ok(tensors
                .iter()
                .map(|(name, tensor)| (name.clone(), tensor_data(tensor)))
                .collect::<BTreeMap<_, _>>())
        })
        .collect::<Result<_, TeacherFileError>>()?;
    let models = teachers.iter().map(|teacher| &teacher.model);
    Teachers::load(models.zip(&weights), input, classes, device).map_err(|error| match error {
        TeacherError::Teacher {
            index,
            model,
            problem,
        } => TeacherFileError::Teacher {
            path: teachers[index].weights.clone(),
            model,
            source: problem,
        },
        // Besides a teacher's problem there is one error: that there is none.
        _ => TeacherFileError::None,
    })
}

/// What identifies the weights of a teacher: a hash of its tensors as they are loaded, by name.
///
/// The container, the order of tensors, wrappers' prefixes, other content of the file, and counters that no computation
/// needs have no influence; a `.pt` and a `.safetensors` file of the same weights have the same fingerprint. The model is
/// not part of it.
///
/// # Errors
///
/// When the file cannot be read, holds no weights or several state dicts.
pub fn teacher_fingerprint(teacher: &TeacherFile) -> Result<Fingerprint, TeacherFileError> {
    let weights = read_weights(&teacher.weights)?;
    let tensors = weights
        .iter()
        .filter(|(name, _)| name.rsplit('.').next() != Some(COUNTER))
        .map(|(name, tensor)| (name.as_str(), tensor.shape(), tensor.to_f32()));
    Ok(Fingerprint::of_tensors(tensors))
}

/// The state dict of a file, tensors by the names that the model gives them.
fn read_weights(path: &Path) -> Result<BTreeMap<String, FileTensor>, TeacherFileError> {
    let file = read_tensor_file(path, &Limits::default()).map_err(|error| match error {
        FileError::Read { source, .. } if matches!(*source, FileError::NoTensor(_)) => {
            TeacherFileError::NoWeights {
                path: path.to_owned(),
                source: *source,
            }
        }
        error => TeacherFileError::File(error),
    })?;
    let names = file.tensors().iter().map(FileTensor::name);
    let prefix = state_dict_prefix(names).map_err(|found| TeacherFileError::Several {
        path: path.to_owned(),
        found: found.join(", "),
    })?;
    Ok(file
        .tensors()
        .iter()
        .filter_map(|tensor| {
            let name = match tensor.name().strip_prefix(&prefix)? {
                "" => "(a bare tensor)",
                name => name,
            };
            Some((name.to_owned(), tensor.clone()))
        })
        .collect())
}

/// What stands in front of the model's own names: `state_dict.module.`, for example, and often nothing.
///
/// Of several containers at the top the names are the error.
fn state_dict_prefix<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
) -> Result<String, Vec<&'static str>> {
    let inside = |name: &'a str, prefix: &str, part: &str| {
        name.strip_prefix(prefix)
            .and_then(|name| name.strip_prefix(part))
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let mut prefix = String::new();
    // At the top, other things may lie beside the state dict, such as an optimiser's.
    let containers: Vec<_> = CONTAINERS
        .into_iter()
        .filter(|part| names.clone().any(|name| inside(name, "", part)))
        .collect();
    match containers.as_slice() {
        [] => {}
        [only] => prefix = format!("{only}."),
        _ => return Err(containers),
    }
    // Further in, only what all tensors of the state dict share: `state_dict.model.` of Lightning, `module.`.
    let inner = names.filter(|name| name.starts_with(&prefix));
    let inner: Vec<&str> = inner.collect();
    while let Some(part) = CONTAINERS
        .into_iter()
        .chain(WRAPPERS)
        .find(|part| inner.iter().all(|name| inside(name, &prefix, part)))
    {
        prefix = format!("{prefix}{part}.");
    }
    Ok(prefix)
}

/// The tensor as the models take it; what is no number stays so, to be refused by name.
fn tensor_data(tensor: &FileTensor) -> TensorData {
    let shape = tensor.shape().to_vec();
    match tensor.element() {
        ElementType::Bool => TensorData::new(
            tensor.bytes().iter().map(|&byte| byte != 0).collect(),
            shape,
        ),
        ElementType::I64 => {
            let bytes = tensor.bytes().as_chunks::<8>().0;
            TensorData::new(
                bytes.iter().map(|&b| i64::from_le_bytes(b)).collect(),
                shape,
            )
        }
        _ => TensorData::new(tensor.to_f32(), shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(names: &[&str]) -> Result<String, Vec<&'static str>> {
        state_dict_prefix(names.iter().copied())
    }

    #[test]
    fn wrappers_and_containers_are_found() {
        for (names, expected) in [
            (&["features.0.weight", "classifier.bias"][..], ""),
            (&["module.a.weight", "module.b.weight"], "module."),
            (
                &["module._orig_mod.a", "module._orig_mod.b"],
                "module._orig_mod.",
            ),
            (&["_orig_mod.module.a"], "_orig_mod.module."),
            (
                &[
                    "state_dict.a",
                    "state_dict.b",
                    "optimizer.state.0.momentum_buffer",
                ],
                "state_dict.",
            ),
            (&["net.module.a", "net.module.b", "epoch"], "net.module."),
            (
                &["state_dict.model.a", "state_dict.model.b", "other"],
                "state_dict.model.",
            ),
            // Not all of them: these are names of the model.
            (&["module.a", "b"], ""),
            (&["state_dict.module.a", "state_dict.b"], "state_dict."),
            // A longer word is another word, and a container needs something inside.
            (&["model_ema.a", "networks.b"], ""),
            (&["model"], ""),
            (&[""], ""),
        ] {
            assert_eq!(prefix(names).as_deref(), Ok(expected), "{names:?}");
        }
    }

    #[test]
    fn several_state_dicts_are_an_error() {
        assert_eq!(
            prefix(&["model.a", "net.a", "x"]),
            Err(vec!["model", "net"])
        );
    }
}
