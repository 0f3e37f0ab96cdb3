//! The `ddrank` command.
#![forbid(unsafe_code)]
fn main() {}
