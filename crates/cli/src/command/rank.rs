//! `ddrank rank`.

use std::path::PathBuf;

use clap::Args;
use ddrank_metrics::Weight;

use super::failure::Failure;
use super::output::print;
use super::render::for_stdout;
use ddrank_report::{
    leaderboards, markdown_leaderboards, read_run, terminal_leaderboards, write_leaderboards_csv,
};

const EXAMPLES: &str = "\
Examples:
  ddrank rank runs/*
  ddrank rank runs/dc runs/datm --weight 0.3 --markdown
  ddrank rank runs/*/report.json --csv leaderboard.csv

Runs of another metric, dataset, number of images per class or agent model are ranked apart. What else makes runs \
incomparable (other test images, epochs, weights ...) is said below their table.";

/// Arguments of `ddrank rank`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RankArguments {
    /// Finished runs: run directories such as runs/demo, or their report.json
    #[arg(required = true)]
    runs: Vec<PathBuf>,

    /// Compute LRS and ARS again with this weight λ or γ, from 0 to 1
    #[arg(long, value_name = "W", value_parser = parse_weight, allow_negative_numbers = true)]
    weight: Option<Weight>,

    /// Write the table as CSV as well
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,

    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

fn parse_weight(text: &str) -> Result<Weight, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "expected a number from 0 to 1".to_owned())?;
    Weight::new(value).map_err(|error| error.to_string())
}

impl RankArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let runs = self
            .runs
            .iter()
            .map(|path| read_run(path))
            .collect::<Result<Vec<_>, _>>()
            .map_err(Failure::request)?;
        let boards = leaderboards(&runs, self.weight).map_err(Failure::request)?;
        if let Some(path) = &self.csv {
            write_leaderboards_csv(&boards, path).map_err(Failure::run)?;
        }
        if self.markdown {
            return print(&markdown_leaderboards(&boards));
        }
        let (width, glyphs) = for_stdout();
        print(&terminal_leaderboards(&boards, width, glyphs))
    }
}
