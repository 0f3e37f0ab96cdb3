//! `ddrank import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Failure, print};
use crate::configuration::Metric;
use crate::import::import_file;
use crate::progress::write_line;
use crate::run_directory::write_atomically;

/// Arguments of `ddrank import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A configuration of DD-Ranking, YAML or JSON
    file: PathBuf,

    /// Where to write the TOML; without it, standard output
    #[arg(long, short, value_name = "FILE.toml")]
    output: Option<PathBuf>,

    /// Write over a file that exists
    #[arg(long, requires = "output")]
    force: bool,

    /// The metric that the configuration is for [default: what its keys say]
    #[arg(long, value_name = "METRIC")]
    metric: Option<MetricArgument>,
}

/// A metric on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MetricArgument {
    /// The Label-Robust Score
    Lrs,
    /// The Augmentation-Robust Score
    Ars,
    /// Plain accuracy
    Accuracy,
}

impl ImportArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let metric = self.metric.map(|metric| match metric {
            MetricArgument::Lrs => Metric::Lrs,
            MetricArgument::Ars => Metric::Ars,
            MetricArgument::Accuracy => Metric::Accuracy,
        });
        let imported = import_file(&self.file, metric).map_err(Failure::request)?;
        for notice in &imported.notices {
            write_line(&format!("note: {notice}"));
        }
        let Some(output) = &self.output else {
            return print(&imported.toml);
        };
        if output.exists() && !self.force {
            return Err(Failure::request(anyhow::anyhow!(
                "{} exists; --force writes over it",
                output.display()
            )));
        }
        write_atomically(output, imported.toml.as_bytes()).map_err(Failure::request)?;
        write_line(&format!("wrote {}", output.display()));
        Ok(())
    }
}
