//! The command line. One verb, one file.

mod augment;
mod canary;
mod completions;
mod devices;
mod doctor;
mod experiment_arguments;
mod failure;
mod image_arguments;
mod import;
mod inspect;
mod interrupt;
mod keys;
mod output;
mod plan;
mod rank;
mod recipes;
mod relabel;
mod render;
mod report;
mod score;
mod teacher_argument;
mod train;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// ddrank scores distilled datasets: it trains networks on a distilled set, on random selections of real images and on all
/// real images, and says how much of the accuracy comes from the images, once soft labels and augmentation are taken out
/// (DD-Ranking's LRS and ARS)
#[derive(Debug, Parser)]
#[command(name = "ddrank", version, max_term_width = 100)]
#[command(
    after_help = "Begin with `ddrank recipes` (the published settings of each method), `ddrank plan CONFIG` and `ddrank score CONFIG`.\n\nExit codes: 0 done, 1 the run failed or was stopped, 2 the request was wrong.\nResults go to standard output, progress and warnings to standard error."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

macro_rules! verbs {
    ($($about:literal => $verb:ident($file:ident::$arguments:ident),)+) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $(
                #[command(about = $about)]
                $verb($file::$arguments),
            )+
            /// Print a completion script for a shell
            Completions(completions::CompletionsArguments),
        }

        impl Command {
            fn run(self) -> Result<(), Failure> {
                match self {
                    $(Self::$verb(arguments) => arguments.run(),)+
                    Self::Completions(arguments) => arguments.run(definition()),
                }
            }
        }
    };
}

// The table: one line a verb, in the order of the help.
verbs! {
    "Run the trials that are missing, then report the scores" => Score(score::ScoreArguments),
    "Show the trials that `score` would run, and what they would cost" => Plan(plan::PlanArguments),
    "Train a teacher or a full-data model on a real dataset" => Train(train::TrainArguments),
    "Explain the keys of configurations" => Keys(keys::KeysArguments),
    "List the published evaluation recipes of the methods" => Recipes(recipes::RecipesArguments),
    "Turn a DD-Ranking configuration (YAML or JSON) into TOML" => Import(import::ImportArguments),
    "Say what is in a tensor file or image folder" => Inspect(inspect::InspectArguments),
    "Apply an augmentation to images, and draw them before and after it" => Augment(augment::AugmentArguments),
    "Rank finished runs by their score" => Rank(rank::RankArguments),
    "Write the soft labels that teachers give to images" => Relabel(relabel::RelabelArguments),
    "Show the report of a finished run, and write its files again" => Report(report::ReportArguments),
    "List the devices that this binary offers on this machine" => Devices(devices::DevicesArguments),
    "Check the arithmetic of a device: operators, gradients and short trainings against stored values" => Doctor(doctor::DoctorArguments),
}

/// Runs the command line and gives the exit code: 0 done, 1 the run failed, 2 the request was wrong.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(error) => {
            // If the terminal is gone there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match command_line.command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Request(error)) => complain(&error, 2),
        Err(Failure::Run(error)) => complain(&error, 1),
    }
}

/// Writes an error and its causes to standard error.
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    let mut text = format!("error: {}", shown(&error.to_string()));
    for cause in error.chain().skip(1) {
        let cause = shown(&cause.to_string());
        if !text.ends_with(&cause) {
            text.push_str(&format!("\n  because: {cause}"));
        }
    }
    crate::progress::write_line(&text);
    ExitCode::from(code)
}

/// A message as a terminal may have it: names from files cannot give orders to it, and it fits a screen.
fn shown(message: &str) -> String {
    const LONGEST: usize = 1600;
    let mut text = String::with_capacity(message.len().min(LONGEST));
    for (place, c) in message.chars().enumerate() {
        if place >= LONGEST {
            text.push_str(" ...");
            break;
        }
        if c.is_control() && c != '\n' {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

/// The command-line definition, for completions.
fn definition() -> clap::Command {
    <CommandLine as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::definition().debug_assert();
    }
}
