#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod command;
mod image_progress;
mod phase;
mod progress;

use std::process::ExitCode;

// A training step allocates many large buffers; measured, mimalloc takes 30 % off it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    command::main(std::env::args_os())
}
