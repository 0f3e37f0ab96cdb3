//! Tells the program which git revision it was built from, where there is one, and which burn it was built with.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rustc-env=DDRANK_BURN_VERSION={}", burn_version());
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if let Some(revision) = git(&["rev-parse", "--short=12", "HEAD"]) {
        println!("cargo::rustc-env=DDRANK_GIT_REVISION={revision}");
    }
    // Only what moves HEAD: a build script that always runs again would rebuild the crate every time.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) =
            git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists())
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// The version of burn in the lock file that this build uses: the nearest one above the crate.
fn burn_version() -> String {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for folder in Path::new(&folder).ancestors() {
        let file = folder.join("Cargo.lock");
        let Ok(lock) = std::fs::read_to_string(&file) else {
            continue;
        };
        println!("cargo::rerun-if-changed={}", file.display());
        let mut lines = lock.lines();
        if lines.any(|line| line == "name = \"burn\"")
            && let Some(version) = lines
                .next()
                .and_then(|line| line.strip_prefix("version = "))
        {
            return version.trim_matches('"').to_owned();
        }
    }
    // As a dependency of another workspace the crate still says which version it asks for.
    "unknown".to_owned()
}
