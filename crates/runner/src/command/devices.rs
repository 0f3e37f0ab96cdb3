//! `ddrank devices`.

use super::{Failure, print};
use crate::device::ComputeDevice;

pub(super) fn run() -> Result<(), Failure> {
    let mut text = String::new();
    for line in ComputeDevice::list() {
        let state = line.problem.map_or_else(
            || "works".to_owned(),
            |problem| format!("does not work: {problem}"),
        );
        text.push_str(&format!(
            "{:<10} {:<24} {state}\n",
            line.name, line.description
        ));
    }
    print(&text)
}
