//! Everything about the layout at once.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::arrows::Arrow;
use super::circles::Circle;
use super::comments::{CommentCount, unreasoned_unsafe};
use super::error::LayoutError;
use super::lines::Lines;
use super::modules::SourceTree;
use super::sources::{Folder, SourceFiles, rust_files};
use super::workspace::{Package, Workspace};

/// The layout of all packages of a workspace, in the order of their names.
#[derive(Clone, Debug)]
pub struct Picture(pub Vec<PackagePicture>);

/// The layout of one package, with paths from the root of the workspace.
#[derive(Clone, Debug)]
pub struct PackagePicture {
    /// Its name.
    pub name: String,
    /// Whether it is in `crates/`.
    pub is_crate: bool,
    /// Lines in the files of its `src`, whatever is on them.
    pub lines: BTreeMap<PathBuf, usize>,
    /// Comments in its `src`.
    pub comments: CommentCount,
    /// Files and lines of `unsafe {` without `// SAFETY:` in its `src`.
    pub unreasoned: Vec<(PathBuf, usize)>,
    /// Imports between files of its library and of each of its binaries.
    pub arrows: Vec<Arrow>,
    /// Circles of files there.
    pub circles: Vec<Circle>,
}

impl Picture {
    /// Reads all source files.
    ///
    /// # Errors
    ///
    /// When one cannot be read or parsed.
    pub fn take(workspace: &Workspace) -> Result<Self, LayoutError> {
        let pictures = workspace
            .packages
            .iter()
            .map(|package| PackagePicture::take(workspace, package));
        Ok(Self(pictures.collect::<Result<_, _>>()?))
    }

    /// The packages in `crates/`.
    pub fn crates(&self) -> impl Iterator<Item = &PackagePicture> {
        self.0.iter().filter(|package| package.is_crate)
    }

    /// The lines of each package in `crates/` among those of all of them.
    #[must_use]
    pub fn shares(&self) -> Vec<(&str, f64)> {
        let all: usize = self.crates().map(PackagePicture::line_count).sum();
        let share = |package: &PackagePicture| package.line_count() as f64 / all.max(1) as f64;
        self.crates()
            .map(|package| (package.name.as_str(), share(package)))
            .collect()
    }
}

impl PackagePicture {
    fn take(workspace: &Workspace, package: &Package) -> Result<Self, LayoutError> {
        let files = Folder(workspace.root.clone());
        let mut picture = Self {
            name: package.name.clone(),
            is_crate: package.folder.starts_with("crates"),
            lines: BTreeMap::new(),
            comments: CommentCount::default(),
            unreasoned: Vec::new(),
            arrows: Vec::new(),
            circles: Vec::new(),
        };
        let source = workspace.root.join(&package.folder).join("src");
        let mut comments = Vec::new();
        for path in rust_files(&source)? {
            let path = path.strip_prefix(&workspace.root).unwrap_or(&path);
            let lines = Lines::of(&files.text(path)?.unwrap_or_default());
            comments.push(CommentCount::of(&lines));
            let open = unreasoned_unsafe(&lines).into_iter();
            picture
                .unreasoned
                .extend(open.map(|line| (path.to_owned(), line)));
            picture.lines.insert(path.to_owned(), lines.0.len());
        }
        picture.comments = comments.into_iter().sum();
        for target in package.targets_of("lib").chain(package.targets_of("bin")) {
            let tree = SourceTree::read(&files, &target.source)?;
            let arrows = tree.arrows();
            picture.circles.extend(tree.circles(&arrows));
            picture.arrows.extend(arrows);
        }
        Ok(picture)
    }

    /// Lines in its `src`.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.values().sum()
    }

    /// Its imports of what a module around the importing file defines.
    pub fn upward(&self) -> impl Iterator<Item = &Arrow> {
        self.arrows.iter().filter(|arrow| arrow.upward)
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "Lines of Rust in crates/*/src")?;
        for (name, share) in self.shares() {
            writeln!(formatter, "  {:5.1} %  {name}", 100.0 * share)?;
        }
        writeln!(formatter, "\nComments that say why, per line of code")?;
        let all: CommentCount = self.crates().map(|package| package.comments).sum();
        for (name, count) in self
            .0
            .iter()
            .map(|package| (package.name.as_str(), package.comments))
            .chain([("all in crates/", all)])
        {
            let CommentCount { code, why } = count;
            writeln!(
                formatter,
                "  {:5.2} %  {name}: {why} of {code}",
                100.0 * count.share()
            )?;
        }
        self.0
            .iter()
            .try_for_each(|package| write!(formatter, "\n{package}"))
    }
}

impl fmt::Display for PackagePicture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{}: {} files, {} lines, {} imports upward, {} circles",
            self.name,
            self.lines.len(),
            self.line_count(),
            self.upward().count(),
            self.circles.len()
        )?;
        for (path, line) in &self.unreasoned {
            writeln!(
                formatter,
                "  unsafe without a reason: {}:{line}",
                path.display()
            )?;
        }
        for arrow in self.upward() {
            writeln!(formatter, "  upward: {arrow}")?;
        }
        for circle in &self.circles {
            write!(formatter, "  {circle}")?;
        }
        writeln!(formatter, "  which file imports which")?;
        let mut pairs: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
        for arrow in &self.arrows {
            let to = pairs.entry(&arrow.from).or_default();
            if !to.contains(&arrow.to.as_path()) {
                to.push(&arrow.to);
            }
        }
        for (from, mut to) in pairs {
            to.sort();
            let to: Vec<_> = to.iter().map(|path| path.display().to_string()).collect();
            writeln!(formatter, "    {} -> {}", from.display(), to.join(" "))?;
        }
        Ok(())
    }
}
