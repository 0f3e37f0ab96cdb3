//! The crates, as cargo sees them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::error::LayoutError;

/// The members of the workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Where its `Cargo.toml` is.
    pub root: PathBuf,
    /// All members, by name.
    pub packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name, such as `ddrank-data`.
    pub name: String,
    /// Its folder, relative to the root, such as `crates/data`.
    pub folder: PathBuf,
    /// What it needs to be built for users: everything but what only its tests, examples and benchmarks need.
    pub dependencies: BTreeSet<String>,
    /// What cargo can build of it.
    pub targets: Vec<Target>,
}

/// Something that cargo can build of a package.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `lib`, `bin`, `test`, `example`, ...
    pub kinds: Vec<String>,
    /// The file with its root module, relative to the workspace.
    pub source: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<PackageMetadata>,
}

#[derive(Deserialize)]
struct PackageMetadata {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<DependencyMetadata>,
    targets: Vec<TargetMetadata>,
}

#[derive(Deserialize)]
struct DependencyMetadata {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct TargetMetadata {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Workspace {
    /// Asks `cargo metadata` for the workspace in the folder `root`, without looking at the network.
    ///
    /// # Errors
    ///
    /// When cargo cannot be run, fails, or answers in another format.
    pub fn read(root: &Path) -> Result<Self, LayoutError> {
        let root = root.canonicalize().map_err(|source| LayoutError::Read {
            path: root.to_owned(),
            source,
        })?;
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--no-deps",
                "--offline",
                "--format-version",
                "1",
            ])
            .current_dir(&root)
            .output()
            .map_err(|error| LayoutError::Cargo(error.to_string()))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(LayoutError::Cargo(message));
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
        let mut packages: Vec<Package> = metadata
            .packages
            .into_iter()
            .map(|package| Package::new(package, &root))
            .collect();
        packages.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Self { root, packages })
    }

    /// The members in `crates/`: all but the tests and the benchmarks.
    pub fn crates(&self) -> impl Iterator<Item = &Package> {
        let is_crate = |package: &&Package| package.folder.starts_with("crates");
        self.packages.iter().filter(is_crate)
    }
}

impl Package {
    fn new(metadata: PackageMetadata, root: &Path) -> Self {
        let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
        let needed = metadata
            .dependencies
            .into_iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let targets = metadata.targets.into_iter().map(|target| Target {
            name: target.name,
            kinds: target.kind,
            source: relative(&target.src_path),
        });
        let manifest = relative(&metadata.manifest_path);
        Self {
            name: metadata.name,
            folder: manifest.parent().unwrap_or(Path::new("")).to_owned(),
            dependencies: needed.map(|dependency| dependency.name).collect(),
            targets: targets.collect(),
        }
    }

    /// Its targets of this kind.
    pub fn targets_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Target> {
        let is_of = move |target: &&Target| target.kinds.iter().any(|of| of == kind);
        self.targets.iter().filter(is_of)
    }
}
