//! Writes every recipe of the library to `configs/methods/<method>/<dataset>-ipc<k>.toml`:
//! `cargo run -p ddrank-configuration --example write_recipes`, from the repository's root.
//! A test compares the files with the library, and finds files that no recipe has.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command for developers")]

use std::path::Path;

use ddrank_configuration::recipes;

fn main() -> std::io::Result<()> {
    let folder = Path::new("configs/methods");
    for recipe in recipes::all() {
        let path = folder.join(format!("{}.toml", recipe.name()));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, recipe.toml())?;
    }
    println!(
        "wrote {} recipes to {}",
        recipes::all().len(),
        folder.display()
    );
    Ok(())
}
