//! `ddrank completions`.

use clap::Args;
use clap_complete::Shell;

use super::failure::Failure;
use super::output::print;

/// Arguments of `ddrank completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

impl CompletionsArguments {
    pub(super) fn run(&self, mut definition: clap::Command) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition, "ddrank", &mut script);
        print(&String::from_utf8_lossy(&script))
    }
}
