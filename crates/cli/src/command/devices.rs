//! `ddrank devices`.

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::BinaryBytes;

use super::failure::Failure;
use super::output::print;
use ddrank_device::{ComputeDevice, DeviceLine};

/// Arguments of `ddrank devices`: none.
#[derive(Debug, clap::Args)]
pub struct DevicesArguments {}

impl DevicesArguments {
    #[expect(clippy::unused_self, reason = "verbs are run alike")]
    pub(super) fn run(&self) -> Result<(), Failure> {
        print(&table(&ComputeDevice::list()))
    }
}

fn table(lines: &[DeviceLine]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "--device", "backend", "device", "memory", "driver", "formats",
    ]);
    let mut problems = String::new();
    for line in lines {
        match &line.state {
            Ok(device) => {
                let memory = device.memory.map(|bytes| BinaryBytes(bytes).to_string());
                let shared = if line.is_accelerator {
                    "not told"
                } else {
                    "the machine's"
                };
                let formats = ["f32"].iter().chain(&device.precisions);
                table.add_row([
                    line.name.clone(),
                    line.backend.to_owned(),
                    device.name.clone(),
                    memory.unwrap_or_else(|| shared.to_owned()),
                    device.driver.clone().unwrap_or_else(|| "-".to_owned()),
                    formats.copied().collect::<Vec<_>>().join(" "),
                ]);
            }
            Err(problem) => {
                problems.push_str(&format!("\n{} ({}): {problem}\n", line.name, line.backend));
            }
        }
    }
    format!("{table}\n{problems}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddrank_device::Description;

    #[test]
    fn what_works_is_a_row_and_what_does_not_is_a_sentence() {
        let line = |name: &str, state| DeviceLine {
            name: name.to_owned(),
            backend: "GPU",
            is_accelerator: name != "flex",
            state,
        };
        let card = Description {
            name: "Abacus 9000".to_owned(),
            memory: Some(8 << 30),
            driver: Some("beads 1.2".to_owned()),
            precisions: vec!["f16"],
        };
        let text = table(&[
            line("cuda:0", Ok(card)),
            line("cuda:1", Ok(Description::default())),
            line("flex", Ok(Description::default())),
            line("vulkan", Err("no Vulkan device is found".to_owned())),
        ]);
        for part in [
            "cuda:0",
            "Abacus 9000",
            "8.00 GiB",
            "not told",
            "the machine's",
            "beads 1.2",
            "f32 f16",
            "vulkan (GPU): no Vulkan device is found",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
