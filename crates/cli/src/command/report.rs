//! `ddrank report`.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::render::{announce, write_reports};
use ddrank_report::read_json;

/// Arguments of `ddrank report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// A run directory, such as runs/demo
    run: PathBuf,
}

impl ReportArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let report = read_json(&self.run.join("report.json")).map_err(Failure::request)?;
        write_reports(&report, &self.run)?;
        announce(&report, &self.run)
    }
}
