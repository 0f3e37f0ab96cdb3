//! Teachers on disk: a model and the file of its weights.
//!
//! A file is a state dict as PyTorch's `torch.save(model.state_dict(), path)` or safetensors write it, or anything that
//! holds one: dictionaries, tuples, wrappers' prefixes. The place at which all names and shapes fit the model is taken; of
//! several with different numbers, the user names one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, TensorData};
use ddrank_data::Fingerprint;
use ddrank_files::{ElementType, FileError, FileTensor, Limits, TensorFile, read_tensor_file};
use ddrank_labels::{TeacherProblem, Teachers, with_weights};
use ddrank_models::{Fit, InputShape, ModelName, ModelSpec, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The counter of batch normalisation, which no computation needs and some checkpoints lack.
const COUNTER: &str = "num_batches_tracked";
/// How many names a message shows.
const SHOWN: usize = 5;

/// A teacher: its model and the file of its weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeacherFile {
    /// The model.
    pub model: ModelSpec,
    /// A `.pt`, `.pth` or `.safetensors` file (recognised by content).
    pub weights: PathBuf,
    /// Which of several state dicts in it: what stands in front of its names.
    pub weights_key: Option<String>,
}

/// Teachers with where their weights come from, in the same order.
#[derive(Debug)]
pub struct LoadedTeachers {
    /// The networks.
    pub teachers: Teachers,
    /// Of each.
    pub origins: Vec<WeightsOrigin>,
}

/// What was taken of a file of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsOrigin {
    /// A hash of the tensors as they are loaded, by name: see [`weights_fingerprint`].
    pub fingerprint: Fingerprint,
    /// What stood in front of the model's own names; often nothing.
    pub place: String,
    /// Other places whose tensors fit too, and were not asked for.
    pub others: Vec<String>,
    /// Names beside the model's that it has no use for.
    pub passed_over: Vec<String>,
}

impl WeightsOrigin {
    /// What a user should know about it, if anything.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.others.is_empty() {
            parts.push(format!(
                "weights are those of {}, as `weights_key` says; {} fits too",
                shown(&self.place),
                list(self.others.iter().map(|place| shown(place)))
            ));
        }
        if !self.passed_over.is_empty() {
            let names = self.passed_over.iter().map(|name| format!("`{name}`"));
            parts.push(format!(
                "not part of the model and passed over: {}",
                list(names)
            ));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// A place as messages name it.
fn shown(place: &str) -> String {
    match place {
        "" => "\"\" (the file's top)".to_owned(),
        place => format!("\"{place}\""),
    }
}

/// The first few, and how many more.
fn list(words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len().saturating_sub(SHOWN);
    let words: Vec<String> = words.take(SHOWN).collect();
    match more {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
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
    /// Several places fit, with different numbers, so which state dict is meant is a guess.
    #[error(
        "{} holds several state dicts that fit the model: {}; say which: `weights_key = {}`",
        path.display(),
        list(places.iter().map(|place| shown(place))),
        places.first().map(|place| format!("\"{place}\"")).unwrap_or_default()
    )]
    Several {
        /// The file.
        path: PathBuf,
        /// What stands in front of their names.
        places: Vec<String>,
    },
    /// Nothing of the file lies where `weights_key` says.
    #[error(
        "{} has nothing at `weights_key` = \"{key}\"; it begins with: {}",
        path.display(),
        list(found.iter().map(|place| shown(place)))
    )]
    NoSuchKey {
        /// The file.
        path: PathBuf,
        /// The key's value.
        key: String,
        /// The first parts of the names in the file.
        found: Vec<String>,
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
/// When there is none; when a file cannot be read or holds no weights; when a model cannot be built; when no place of a
/// file fits the model, or several with different numbers do and none is named; when weights are not finite. Every error
/// but the first names the file.
pub fn load_teachers(
    teachers: &[TeacherFile],
    input: InputShape,
    classes: usize,
    device: &Device,
) -> Result<LoadedTeachers, TeacherFileError> {
    let mut networks = Vec::new();
    let mut origins = Vec::new();
    for teacher in teachers {
        let failed = |problem: TeacherProblem| TeacherFileError::Teacher {
            path: teacher.weights.clone(),
            model: teacher.model.name,
            source: Box::new(problem),
        };
        let file = open(&teacher.weights)?;
        // Whatever is drawn here, the load replaces all of it or fails.
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let build = teacher
            .model
            .build(input, classes, &mut generator, &device.clone().inner());
        let network = build.map_err(|error| failed(error.into()))?;
        let (fit, others) = place(teacher, &network, &file)?;
        let weights: BTreeMap<String, TensorData> = fit
            .names
            .iter()
            .filter_map(|(own, name)| {
                let tensor = file.tensors().iter().find(|tensor| tensor.name() == name)?;
                Some((own.clone(), tensor_data(tensor)))
            })
            .collect();
        networks.push(with_weights(network, &weights).map_err(failed)?);
        origins.push(WeightsOrigin {
            fingerprint: weights_fingerprint(&weights),
            place: fit.place,
            others,
            passed_over: fit.passed_over,
        });
    }
    let teachers = Teachers::new(networks).map_err(|_| TeacherFileError::None)?;
    Ok(LoadedTeachers { teachers, origins })
}

/// What identifies the weights of a network: a hash of its tensors by name, as they are loaded.
///
/// The container, the order of tensors, wrappers' prefixes, other content of the file, and counters that no computation
/// needs have no influence; a `.pt` and a `.safetensors` file of the same weights have the same fingerprint. The model is
/// not part of it.
#[must_use]
pub fn weights_fingerprint(weights: &BTreeMap<String, TensorData>) -> Fingerprint {
    let tensors = weights
        .iter()
        .filter(|(name, _)| name.rsplit('.').next() != Some(COUNTER))
        .map(|(name, data)| {
            let shape: &[usize] = data.shape().as_slice();
            (name.as_str(), shape, data.iter::<f32>().collect())
        });
    Fingerprint::of_tensors(tensors)
}

fn open(path: &Path) -> Result<TensorFile, TeacherFileError> {
    read_tensor_file(path, &Limits::default()).map_err(|error| match error {
        FileError::Read { source, .. } if matches!(*source, FileError::NoTensor(_)) => {
            TeacherFileError::NoWeights {
                path: path.to_owned(),
                source: *source,
            }
        }
        error => TeacherFileError::File(error),
    })
}

/// The place of the file that holds the network's weights, and others that would fit too.
fn place(
    teacher: &TeacherFile,
    network: &Network,
    file: &TensorFile,
) -> Result<(Fit, Vec<String>), TeacherFileError> {
    let path = || teacher.weights.clone();
    let tensors = file.tensors();
    let shapes = tensors.iter().map(|tensor| (tensor.name(), tensor.shape()));
    let fits = network
        .fits(shapes)
        .map_err(|misfit| TeacherFileError::Teacher {
            path: path(),
            model: teacher.model.name,
            source: Box::new(misfit.into()),
        });
    let Some(key) = &teacher.weights_key else {
        let fits = different(fits?, file);
        return match <[Fit; 1]>::try_from(fits) {
            Ok([only]) => Ok((only, Vec::new())),
            Err(several) => Err(TeacherFileError::Several {
                path: path(),
                places: several.into_iter().map(|fit| fit.place).collect(),
            }),
        };
    };
    let lies_there = |name: &str| {
        key.is_empty()
            || name
                .strip_prefix(key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let there = tensors.iter().filter(|tensor| lies_there(tensor.name()));
    let there: Vec<_> = there
        .map(|tensor| (tensor.name(), tensor.shape()))
        .collect();
    if there.is_empty() {
        let first = |tensor: &FileTensor| tensor.name().split('.').next().map(str::to_owned);
        let mut found: Vec<String> = tensors.iter().filter_map(first).collect();
        found.sort();
        found.dedup();
        return Err(TeacherFileError::NoSuchKey {
            path: path(),
            key: key.clone(),
            found,
        });
    }
    let fits = fits.unwrap_or_default();
    let (mut asked, others): (Vec<Fit>, Vec<Fit>) = fits.into_iter().partition(|fit| {
        if key.is_empty() {
            fit.place.is_empty()
        } else {
            lies_there(&fit.place)
        }
    });
    // The very place that is named, before those within it.
    if let Some(exact) = asked.iter().position(|fit| fit.place == *key) {
        asked = vec![asked.swap_remove(exact)];
    }
    let asked = different(asked, file);
    match <[Fit; 1]>::try_from(asked) {
        Ok([only]) => Ok((only, others.into_iter().map(|fit| fit.place).collect())),
        Err(none) if none.is_empty() => Err(misfit_at(teacher, network, &there, &others)),
        Err(several) => Err(TeacherFileError::Several {
            path: path(),
            places: several.into_iter().map(|fit| fit.place).collect(),
        }),
    }
}

/// Why the named place does not fit.
fn misfit_at(
    teacher: &TeacherFile,
    network: &Network,
    there: &[(&str, &[usize])],
    others: &[Fit],
) -> TeacherFileError {
    match network.fits(there.iter().copied()) {
        Err(misfit) => TeacherFileError::Teacher {
            path: teacher.weights.clone(),
            model: teacher.model.name,
            source: Box::new(misfit.into()),
        },
        // Only the top can be asked for and not be the place although the file fits.
        Ok(_) => TeacherFileError::NoSuchKey {
            path: teacher.weights.clone(),
            key: teacher.weights_key.clone().unwrap_or_default(),
            found: others.iter().map(|fit| fit.place.clone()).collect(),
        },
    }
}

/// The first of places that hold the same numbers: a network and its best state may be saved while they are one.
fn different(fits: Vec<Fit>, file: &TensorFile) -> Vec<Fit> {
    if fits.len() < 2 {
        return fits;
    }
    let tensor = |name: &String| file.tensors().iter().find(|tensor| tensor.name() == name);
    let numbers = |fit: &Fit| -> BTreeMap<String, TensorData> {
        let found = fit.names.iter();
        let found = found.filter_map(|(own, name)| Some((own.clone(), tensor_data(tensor(name)?))));
        found.collect()
    };
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for fit in fits {
        let fingerprint = weights_fingerprint(&numbers(&fit));
        if !seen.contains(&fingerprint) {
            seen.push(fingerprint);
            kept.push(fit);
        }
    }
    kept
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
