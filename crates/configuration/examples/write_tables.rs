//! Writes the tables of `configs/README.md` from the definitions of the keys.
//!
//! ```text
//! cargo run -p ddrank-configuration --example write_tables
//! ```
#![forbid(unsafe_code)]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/README.md");
    let text = std::fs::read_to_string(&file)?;
    let written = ddrank_configuration::documentation::with_tables(&text)?;
    ddrank_files::replace_file(&file, |output| output.write_all(written.as_bytes()))?;
    Ok(())
}
