//! Writes a report where people and programs look for it.

use std::io::IsTerminal;
use std::path::Path;

use super::failure::Failure;
use super::output::print;
use ddrank_report::{Glyphs, Report, terminal_table, write_csv, write_html, write_json};

/// Writes `report.json`, `report.csv` and `report.html`.
pub(super) fn write_reports(report: &Report, folder: &Path) -> Result<(), Failure> {
    write_json(report, &folder.join("report.json")).map_err(Failure::run)?;
    write_csv(report, &folder.join("report.csv")).map_err(Failure::run)?;
    write_html(report, &folder.join("report.html")).map_err(Failure::run)
}

/// How wide standard output is, and what characters it can show.
pub(super) fn for_stdout() -> (usize, Glyphs) {
    let terminal = std::io::stdout().is_terminal();
    let width = if terminal {
        comfy_table::Table::new().width().map_or(100, usize::from)
    } else {
        100
    };
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let glyphs = match utf8 {
        Some(locale) if terminal && !locale.to_uppercase().contains("UTF") => Glyphs::Ascii,
        _ => Glyphs::Unicode,
    };
    (width, glyphs)
}

/// Prints the table and says where the files are.
pub(super) fn announce(report: &Report, folder: &Path) -> Result<(), Failure> {
    let (width, glyphs) = for_stdout();
    let table = terminal_table(report, width, glyphs);
    print(&format!(
        "{table}\n\nfull report: {}\n",
        folder.join("report.html").display()
    ))
}
