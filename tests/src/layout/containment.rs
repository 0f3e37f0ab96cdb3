//! Types that contain each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::circles::components;
use super::modules::{ModuleId, SourceTree};
use super::resolve::Meaning;

impl SourceTree {
    /// The files of each set of types that contain each other, through whatever boxes and vectors.
    pub(crate) fn files_of_recursive_types(&self) -> Vec<BTreeSet<PathBuf>> {
        let types: Vec<(ModuleId, usize)> = (0..self.modules.len())
            .flat_map(|id| (0..self.modules[id].definitions.len()).map(move |index| (id, index)))
            .collect();
        let number: BTreeMap<_, _> = types.iter().enumerate().map(|(at, &of)| (of, at)).collect();
        let next: Vec<BTreeSet<usize>> = types
            .iter()
            .map(|&(id, index)| {
                let contents = &self.modules[id].definitions[index].contains;
                let meanings = contents
                    .iter()
                    .flat_map(|path| self.resolve(id, path, &mut Vec::new()));
                let contained = meanings.filter_map(|meaning| match meaning {
                    Meaning::Item(id, index) => number.get(&(id, index)).copied(),
                    Meaning::Module(_) | Meaning::Hidden(_) | Meaning::External => None,
                });
                contained.collect()
            })
            .collect();
        let recursive = components(&next)
            .into_iter()
            .filter(|members| members.len() > 1);
        let file = |member: usize| self.modules[types[member].0].file.clone();
        recursive
            .map(|members| members.into_iter().map(file).collect())
            .collect()
    }
}
