//! Reading manifests and their tensors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// The environment variable with further folders, separated like `PATH`. Relative ones start at the workspace's root.
const FOLDERS: &str = "DDRANK_GOLDENS";

/// One folder of golden values.
#[derive(Debug)]
pub struct GoldenSet {
    folder: PathBuf,
    cases: Vec<Case>,
    files: BTreeMap<String, Vec<u8>>,
}

/// One case of a manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Unique name.
    pub id: String,
    /// What it tests: `models`, `augment`, ...
    pub kind: String,
    /// The safetensors file, if the case has tensors.
    pub file: Option<String>,
    /// Parameters, by kind.
    #[serde(default)]
    pub params: Value,
    /// Input tensors by name.
    #[serde(default)]
    pub inputs: BTreeMap<String, TensorEntry>,
    /// Expected tensors by name.
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    /// Expected plain numbers, for kinds without tensors.
    #[serde(default)]
    pub expected: Value,
    /// Tolerances of `expected`.
    #[serde(default)]
    pub tolerance: Value,
}

/// Where a tensor is.
#[derive(Clone, Debug, Deserialize)]
pub struct TensorEntry {
    /// Its name in the file.
    pub key: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// An expected tensor: it passes when |got - expected| <= atol + rtol * |expected| for every element.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// Where it is.
    #[serde(flatten)]
    pub tensor: TensorEntry,
    /// Absolute tolerance.
    pub atol: f64,
    /// Relative tolerance.
    pub rtol: f64,
    /// Whether rounding alone makes the comparison say little.
    #[serde(default)]
    pub weak: bool,
}

/// A tensor of a golden file. Doubles hold every element type that occurs exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The shape.
    pub shape: Vec<usize>,
    /// The elements, row-major.
    pub values: Vec<f64>,
}

impl Array {
    /// The elements as single floats.
    #[must_use]
    pub fn floats(&self) -> Vec<f32> {
        self.values.iter().map(|value| *value as f32).collect()
    }

    /// The elements as integers.
    #[must_use]
    pub fn integers(&self) -> Vec<i32> {
        self.values.iter().map(|value| *value as i32).collect()
    }

    /// The shape with `D` axes.
    ///
    /// # Errors
    ///
    /// When there is another number of axes.
    pub fn dims<const D: usize>(&self) -> Result<[usize; D], GoldenError> {
        self.shape
            .clone()
            .try_into()
            .map_err(|shape| GoldenError::Case {
                case: String::new(),
                problem: format!("shape {shape:?} where {D} axes are needed"),
            })
    }
}

/// Golden values that cannot be read.
#[derive(Debug, Error)]
pub enum GoldenError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A manifest is not what it should be.
    #[error("{} is no manifest of golden values", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A case lacks something or contradicts its file.
    #[error("golden case {case}: {problem}")]
    Case {
        /// The case.
        case: String,
        /// What is wrong.
        problem: String,
    },
}

impl Case {
    /// The parameters as a type.
    ///
    /// # Errors
    ///
    /// When they do not fit it.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T, GoldenError> {
        T::deserialize(&self.params).map_err(|error| self.problem(error))
    }

    /// The names of inputs that start with `draw`, in the order of their numbers.
    #[must_use]
    pub fn draws(&self) -> Vec<&str> {
        let mut draws: Vec<(usize, &str)> = self
            .inputs
            .keys()
            .filter_map(|name| {
                let number = name.strip_prefix("draw")?.split('_').next()?;
                Some((number.parse().ok()?, name.as_str()))
            })
            .collect();
        draws.sort_unstable();
        draws.into_iter().map(|(_, name)| name).collect()
    }

    pub(crate) fn problem(&self, problem: impl ToString) -> GoldenError {
        GoldenError::Case {
            case: self.id.clone(),
            problem: problem.to_string(),
        }
    }
}

impl GoldenSet {
    /// Reads the set of one folder.
    ///
    /// # Errors
    ///
    /// When the manifest or a file that it names cannot be read.
    pub fn open(folder: &Path) -> Result<Self, GoldenError> {
        #[derive(Deserialize)]
        struct Manifest {
            cases: Vec<Case>,
        }
        let path = folder.join("manifest.json");
        let manifest: Manifest = serde_json::from_slice(&read(&path)?)
            .map_err(|source| GoldenError::Manifest { path, source })?;
        let mut files = BTreeMap::new();
        for name in manifest.cases.iter().filter_map(|case| case.file.as_ref()) {
            if !files.contains_key(name) {
                files.insert(name.clone(), read(&folder.join(name))?);
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            cases: manifest.cases,
            files,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The cases of one kind.
    pub fn cases<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Case> {
        self.cases.iter().filter(move |case| case.kind == kind)
    }

    /// An input of a case.
    ///
    /// # Errors
    ///
    /// When there is none of that name or the file contradicts the manifest.
    pub fn input(&self, case: &Case, name: &str) -> Result<Array, GoldenError> {
        let entry = case
            .inputs
            .get(name)
            .ok_or_else(|| case.problem(format!("there is no input {name}")))?;
        self.tensor(case, entry)
    }

    /// An expected output of a case.
    ///
    /// # Errors
    ///
    /// When there is none of that name or the file contradicts the manifest.
    pub fn expected(&self, case: &Case, name: &str) -> Result<Array, GoldenError> {
        let output = case
            .outputs
            .get(name)
            .ok_or_else(|| case.problem(format!("there is no output {name}")))?;
        self.tensor(case, &output.tensor)
    }

    fn tensor(&self, case: &Case, entry: &TensorEntry) -> Result<Array, GoldenError> {
        let file = case.file.as_ref().and_then(|name| self.files.get(name));
        let file = file.ok_or_else(|| case.problem("it has no file"))?;
        let file = SafeTensors::deserialize(file).map_err(|error| case.problem(error))?;
        let view = file
            .tensor(&entry.key)
            .map_err(|error| case.problem(error))?;
        if view.shape() != entry.shape {
            let (key, listed, found) = (&entry.key, &entry.shape, view.shape());
            return Err(case.problem(format!(
                "{key}: the manifest says {listed:?}, the file {found:?}"
            )));
        }
        let bytes = view.data();
        let values = match view.dtype() {
            Dtype::F32 => numbers(bytes, |bytes| f32::from_le_bytes(bytes).into()),
            Dtype::F64 => numbers(bytes, f64::from_le_bytes),
            Dtype::I32 => numbers(bytes, |bytes| i32::from_le_bytes(bytes).into()),
            Dtype::I64 => numbers(bytes, |bytes| i64::from_le_bytes(bytes) as f64),
            Dtype::U8 => numbers(bytes, |[byte]: [u8; 1]| byte.into()),
            other => return Err(case.problem(format!("{}: element type {other:?}", entry.key))),
        };
        Ok(Array {
            shape: entry.shape.clone(),
            values,
        })
    }
}

/// The project's own sets and every folder in `DDRANK_GOLDENS`.
///
/// # Errors
///
/// When a folder of the list cannot be read: a set that is asked for and missing is an error.
pub fn load() -> Result<Vec<GoldenSet>, GoldenError> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().unwrap_or(package);
    let mut folders = vec![package.join("goldens"), package.join("goldens/zoo")];
    if let Some(list) = std::env::var_os(FOLDERS) {
        let listed = std::env::split_paths(&list).filter(|folder| !folder.as_os_str().is_empty());
        folders.extend(listed.map(|folder| root.join(folder)));
    }
    folders
        .iter()
        .map(|folder| GoldenSet::open(folder))
        .collect()
}

fn read(path: &Path) -> Result<Vec<u8>, GoldenError> {
    std::fs::read(path).map_err(|source| GoldenError::Read {
        path: path.to_owned(),
        source,
    })
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| number(*chunk)).collect()
}
