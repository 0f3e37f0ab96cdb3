//! Files that import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::arrows::Arrow;
use super::modules::SourceTree;

/// Several files, each of which imports, over others of them, each.
#[derive(Clone, Debug)]
pub struct Circle {
    /// The files.
    pub files: BTreeSet<PathBuf>,
    /// The imports among them.
    pub arrows: Vec<Arrow>,
    /// Whether types of all these files contain each other, so that no order of the files avoids the circle: an
    /// augmentation that is a sequence of augmentations.
    pub recursion: bool,
}

impl fmt::Display for Circle {
    /// The files, then a line for each two of them with what one imports from the other.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let natural = if self.recursion {
            " (types that contain each other)"
        } else {
            ""
        };
        writeln!(formatter, "circle of {} files{natural}:", self.files.len())?;
        let mut pairs: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for arrow in &self.arrows {
            let imported = format!("{} (line {})", arrow.path, arrow.line);
            pairs
                .entry((&arrow.from, &arrow.to))
                .or_default()
                .push(imported);
        }
        for ((from, to), imported) in pairs {
            let (from, to) = (from.display(), to.display());
            writeln!(formatter, "    {from} -> {to}: {}", imported.join(", "))?;
        }
        Ok(())
    }
}

impl SourceTree {
    /// The circles among these imports.
    #[must_use]
    pub fn circles(&self, arrows: &[Arrow]) -> Vec<Circle> {
        let files: Vec<&PathBuf> = arrows
            .iter()
            .flat_map(|arrow| [&arrow.from, &arrow.to])
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        // Every end of an arrow is among the files.
        let index = |file: &PathBuf| files.partition_point(|other| *other < file);
        let mut next = vec![BTreeSet::new(); files.len()];
        for arrow in arrows {
            next[index(&arrow.from)].insert(index(&arrow.to));
        }
        let recursive = self.files_of_recursive_types();
        let circle = |members: Vec<usize>| {
            let files: BTreeSet<PathBuf> = members
                .iter()
                .map(|&member| files[member].clone())
                .collect();
            let among = |arrow: &&Arrow| files.contains(&arrow.from) && files.contains(&arrow.to);
            Circle {
                arrows: arrows.iter().filter(among).cloned().collect(),
                recursion: recursive.iter().any(|recursive| files.is_subset(recursive)),
                files,
            }
        };
        components(&next)
            .into_iter()
            .filter(|members| members.len() > 1)
            .map(circle)
            .collect()
    }
}

/// The strongly connected components of a graph of a few hundred nodes, given by the successors of each.
pub(crate) fn components(next: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let reached: Vec<BTreeSet<usize>> = (0..next.len()).map(|node| reachable(next, node)).collect();
    let mut assigned = vec![false; next.len()];
    let mut components = Vec::new();
    for node in 0..next.len() {
        if assigned[node] {
            continue;
        }
        let mutual = reached[node]
            .iter()
            .copied()
            .filter(|&other| reached[other].contains(&node));
        let mut members: BTreeSet<usize> = mutual.collect();
        members.insert(node);
        for &member in &members {
            assigned[member] = true;
        }
        components.push(members.into_iter().collect());
    }
    components
}

fn reachable(next: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        open.extend(
            next[node]
                .iter()
                .copied()
                .filter(|&node| reached.insert(node)),
        );
    }
    reached
}
