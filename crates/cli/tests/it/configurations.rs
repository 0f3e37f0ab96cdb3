//! Every file under `configs/` can be used as it is.

use std::path::{Path, PathBuf};

use crate::workbench::Workbench;
use ddrank_configuration::TeachingConfiguration;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_configuration_has_a_plan() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let mut found = Vec::new();
    files(&folder, &mut found);
    found.sort();
    assert!(found.len() > 108, "{}", found.len());
    let bench = Workbench::new();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("[synthetic]") {
            let plan = bench.run(&["plan", path.to_str().unwrap(), "--no-estimate"]);
            assert_eq!(plan.code, Some(0), "{}: {plan:#?}", path.display());
            assert!(
                plan.out.contains("trainings") || plan.out.contains("trials"),
                "{}",
                plan.out
            );
        } else {
            // A file of `ddrank train`.
            TeachingConfiguration::read(&path, &[]).unwrap();
        }
    }
}
