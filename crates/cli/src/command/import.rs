//! `ddrank import`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use super::failure::Failure;
use super::output::print;
use crate::progress::write_line;
use ddrank_configuration::Metric;
use ddrank_configuration::import::import_file;
use ddrank_runner::execution::run_directory::write_atomically;

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
    #[arg(long, value_name = "METRIC", value_parser = metric_parser())]
    metric: Option<Metric>,
}

/// Metrics by the names that configurations use.
fn metric_parser() -> impl clap::builder::TypedValueParser<Value = Metric> {
    let values = Metric::ALL.iter().map(|metric| {
        clap::builder::PossibleValue::new(metric.name()).help(format!("The {}", metric.words()))
    });
    PossibleValuesParser::new(values).try_map(|name| {
        let mut all = Metric::ALL.iter().copied();
        all.find(|metric| metric.name() == name)
            .ok_or_else(|| format!("`{name}` is not a metric"))
    })
}

impl ImportArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let imported = import_file(&self.file, self.metric).map_err(Failure::request)?;
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
