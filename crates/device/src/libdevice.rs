//! The one file of the CUDA toolkit that burn's CUDA backend needs to run.
//!
//! It compiles kernels by itself, but takes `exp`, `log`, `tanh` and the like from NVIDIA's `libdevice.10.bc`. Without it
//! the first kernels work and later ones fail one by one, so it is looked for before a device is used, in the places
//! where cubecl-llvm 0.11.3 will look.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where it lies in a toolkit.
const FILE: &str = "nvvm/libdevice/libdevice.10.bc";

/// Where Triton, which comes with PyTorch, keeps its copy in a Python environment's packages.
const TRITONS: &str = "triton/backends/nvidia/lib/libdevice.10.bc";

/// Where toolkits are, unless `CUDA_PATH` says.
const TOOLKITS: [&str; 4] = ["/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda", "/usr"];

/// Whether the compiler will find the file; if not, what to do, as one sentence.
pub(crate) fn check() -> Result<(), String> {
    check_in(|name| std::env::var_os(name), &TOOLKITS.map(Path::new))
}

fn check_in(variable: impl Fn(&str) -> Option<OsString>, toolkits: &[&Path]) -> Result<(), String> {
    let why =
        "burn's CUDA compiler takes exp, log and other functions from NVIDIA's libdevice.10.bc";
    if let Some(given) = variable("CUDA_PATH") {
        let given = PathBuf::from(given);
        if given.join(FILE).is_file() {
            return Ok(());
        }
        return Err(format!(
            "{why}, which is not where CUDA_PATH says: there is no {}",
            given.join(FILE).display()
        ));
    }
    // The compiler takes the first that has the folder, and does not go on if the file is not in it.
    let chosen = toolkits
        .iter()
        .find(|toolkit| toolkit.join("nvvm/libdevice").is_dir());
    if chosen.is_some_and(|toolkit| toolkit.join(FILE).is_file()) {
        return Ok(());
    }
    let remedy = elsewhere(&variable).unwrap_or_else(|| {
        "install the CUDA toolkit or `pip install nvidia-nvvm`, and set CUDA_PATH to the folder that has \
         nvvm/libdevice"
            .to_owned()
    });
    Err(format!(
        "{why}, which is not on this machine's usual paths: {remedy}"
    ))
}

/// What to do with a copy in the active Python or conda environment.
fn elsewhere(variable: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let environments: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .into_iter()
        .filter_map(variable)
        .map(PathBuf::from)
        .collect();
    let packages: Vec<PathBuf> = environments
        .iter()
        .flat_map(|environment| folders(&environment.join("lib")))
        .map(|python| python.join("site-packages"))
        .collect();
    // `cuda_nvcc` for CUDA 12, `cu13` for 13.
    let wheels = packages
        .iter()
        .flat_map(|packages| folders(&packages.join("nvidia")));
    let toolkit = environments
        .iter()
        .cloned()
        .chain(wheels)
        .find(|toolkit| toolkit.join(FILE).is_file());
    if let Some(toolkit) = toolkit {
        return Some(format!("`export CUDA_PATH={}`", toolkit.display()));
    }
    let copy = packages.iter().map(|packages| packages.join(TRITONS));
    let copy = copy.into_iter().find(|copy| copy.is_file())?;
    Some(format!(
        "`mkdir -p cuda/nvvm/libdevice; cp {} cuda/nvvm/libdevice/; export CUDA_PATH=$PWD/cuda`",
        copy.display()
    ))
}

/// The folders in `path`, sorted; none if it cannot be read.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A toolkit in `folder`.
    fn toolkit(folder: &Path) -> PathBuf {
        let file = folder.join(FILE);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "BC").unwrap();
        folder.to_owned()
    }

    #[test]
    fn the_file_is_found_where_the_compiler_looks() {
        let folder = tempfile::tempdir().unwrap();
        let (given, usual) = (
            toolkit(&folder.path().join("a")),
            toolkit(&folder.path().join("b")),
        );
        let empty = folder.path().join("c");
        std::fs::create_dir_all(empty.join("nvvm/libdevice")).unwrap();
        let path = |path: &Path| Some(path.as_os_str().to_owned());

        let nowhere = |_: &str| None;
        assert_eq!(check_in(nowhere, &[&usual]), Ok(()));
        assert_eq!(check_in(nowhere, &[Path::new("/nowhere"), &usual]), Ok(()));
        let set = |to: &Path| {
            let to = path(to);
            move |name: &str| to.clone().filter(|_| name == "CUDA_PATH")
        };
        assert_eq!(check_in(set(&given), &[]), Ok(()));
        // A wrong CUDA_PATH is not made up for, nor is a folder without the file.
        let error = check_in(set(&empty), &[&usual]).unwrap_err();
        assert!(
            error.contains("CUDA_PATH says") && error.contains("libdevice.10.bc"),
            "{error}"
        );
        assert!(check_in(nowhere, &[&empty, &usual]).is_err());
    }

    #[test]
    fn a_copy_in_the_python_environment_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = check_in(|_| None, &[]).unwrap_err();
        assert!(error.contains("pip install nvidia-nvvm"), "{error}");

        let environment = folder.path().join("venv");
        let inside = environment.join("lib/python3.12/site-packages/nvidia/cuda_nvcc");
        toolkit(&inside);
        let variable = |name: &str| (name == "VIRTUAL_ENV").then(|| environment.clone().into());
        let error = check_in(variable, &[]).unwrap_err();
        assert!(
            error.ends_with(&format!(": `export CUDA_PATH={}`", inside.display())),
            "{error}"
        );

        let conda = toolkit(&folder.path().join("conda"));
        let variable = |name: &str| (name == "CONDA_PREFIX").then(|| conda.clone().into());
        let error = check_in(variable, &[]).unwrap_err();
        let expected = format!(": `export CUDA_PATH={}`", conda.display());
        assert!(error.ends_with(&expected), "{error}");
    }

    #[test]
    fn the_copy_of_triton_can_be_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder
            .path()
            .join("lib/python3.12/site-packages")
            .join(TRITONS);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "BC").unwrap();
        let variable = |name: &str| (name == "VIRTUAL_ENV").then(|| folder.path().into());
        let error = check_in(variable, &[]).unwrap_err();
        assert!(
            error.contains(&format!("cp {} ", file.display())),
            "{error}"
        );
    }
}
