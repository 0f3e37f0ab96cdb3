//! `--device` as people read about it: for `ddrank keys`, `--help` and the documents.

use crate::backends::BACKENDS;
use crate::request::DeviceRequests;

/// What can be asked for, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDocumentation {
    /// The grammar, in words.
    pub grammar: String,
    /// Every backend that ddrank can be built with, in order of preference.
    pub backends: Vec<BackendDoc>,
}

/// A backend as people read about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendDoc {
    /// What `--device` calls it.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether a number can follow, as in `cuda:1`.
    pub is_numbered: bool,
    /// Whether this binary has it.
    pub is_built: bool,
}

/// What `--device` takes.
pub fn documentation() -> DeviceDocumentation {
    let backends = BACKENDS.iter().map(|backend| BackendDoc {
        name: backend.name,
        description: backend.description,
        is_numbered: backend.indexed,
        is_built: backend.is_built(),
    });
    DeviceDocumentation {
        grammar: DeviceRequests::grammar(),
        backends: backends.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::DeviceRequest;

    #[test]
    fn every_backend_is_documented_and_can_be_asked_for() {
        let documented = documentation();
        assert!(documented.grammar.contains("`auto`"));
        for backend in &documented.backends {
            assert!(!backend.description.is_empty(), "{backend:?}");
            let request: DeviceRequest = backend.name.parse().unwrap();
            assert!(matches!(request, DeviceRequest::Named { .. }));
        }
        let mut names: Vec<&str> = documented.backends.iter().map(|doc| doc.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), documented.backends.len());
    }

    #[test]
    fn what_this_binary_has_is_what_its_features_say() {
        for (name, is_built) in [
            ("cuda", cfg!(feature = "cuda")),
            ("metal", cfg!(feature = "metal")),
            ("vulkan", cfg!(feature = "vulkan")),
            ("wgpu", cfg!(feature = "wgpu-untuned")),
            ("flex", cfg!(feature = "flex")),
            ("ndarray", cfg!(feature = "ndarray")),
        ] {
            let documented = documentation();
            let mut backends = documented.backends.iter();
            let backend = backends.find(|backend| backend.name == name).unwrap();
            assert_eq!(backend.is_built, is_built, "{name}");
        }
    }
}
