//! `ddrank doctor`.

use std::process::Stdio;
use std::time::Instant;

use anyhow::anyhow;
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::ProgressBar;

use super::canary;
use super::experiment_arguments::open_devices;
use super::failure::Failure;
use super::output::print;
use crate::progress::write_line;
use ddrank_device::ComputeDevice;
use ddrank_device::doctor::{self, Check, Scope, Verdict};

/// Arguments of `ddrank doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Errors are relative to the largest expected number. Tolerances are those of float32 arithmetic (docs/backends.md).\nExit code 1: a device computes wrong numbers."
)]
pub struct DoctorArguments {
    /// What to check: names that `ddrank devices` lists, separated by commas, or `auto`
    #[arg(long, value_name = "NAMES", default_value = "auto")]
    device: String,

    /// Operators and gradients only, no trainings
    #[arg(long)]
    short: bool,
}

impl DoctorArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let devices = open_devices(&self.device)?;
        let scope = if self.short {
            Scope::Short
        } else {
            Scope::Full
        };
        let mut wrong = Vec::new();
        let mut crashed = Vec::new();
        for device in &devices {
            if canary::is_needed(device) {
                let arguments: &[&str] = if self.short { &["--short"] } else { &[] };
                match canary::doctor(device, arguments, Stdio::inherit()) {
                    Ok(true) => {}
                    Ok(false) => wrong.push(device.name().to_owned()),
                    Err(error) => crashed.push(error),
                }
                continue;
            }
            let started = Instant::now();
            // Shown on a terminal only.
            let spinner = ProgressBar::new_spinner();
            let checks = doctor::examine(device.device(), scope, &mut |check| {
                spinner.set_message(format!("{device}: {}, {}", check.operator, check.kind));
                spinner.tick();
            });
            spinner.finish_and_clear();
            let seconds = started.elapsed().as_secs_f64();
            print(&report(device, &checks, seconds))?;
            if usable(&checks) {
                doctor::remember(device);
            } else {
                wrong.push(device.name().to_owned());
            }
        }
        if canary::is_inside() {
            // The process that started this one says what is wrong.
            std::process::exit(i32::from(!wrong.is_empty()));
        }
        if let Some(error) = crashed.into_iter().next() {
            return Err(Failure::Run(error));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Failure::Run(anyhow!(
                "{} computes wrong numbers; do not use it",
                wrong.join(", ")
            )))
        }
    }
}

/// Checks the devices that a long run is about to use, in short form; `flex` is checked by this program's own tests. A
/// device that has passed before is not checked again.
pub(super) fn examine(devices: &[ComputeDevice]) -> Result<(), Failure> {
    for device in devices {
        if device.name() == "flex" || doctor::has_passed(device) {
            continue;
        }
        write_line(&format!(
            "checking the arithmetic of {device} (once for each device, driver and build of ddrank)"
        ));
        if canary::is_needed(device) {
            // Also compiles and tunes kernels, which stay in the cache.
            canary::doctor(device, &["--short"], Stdio::null()).map_err(Failure::Run)?;
        }
        let checks = doctor::examine(device.device(), Scope::Short, &mut |_| {});
        if !usable(&checks) {
            return Err(Failure::Run(refusal(device, &checks)));
        }
        if checks.iter().any(|check| check.verdict == Verdict::Reduced) {
            write_line(&format!(
                "warning: {device} multiplies with TF32 factors; accuracies may differ from other devices' by more than rounding"
            ));
        }
        doctor::remember(device);
    }
    Ok(())
}

fn usable(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.verdict.is_usable())
}

/// Why a run is not begun.
fn refusal(device: &ComputeDevice, checks: &[Check]) -> anyhow::Error {
    let bad = checks.iter().filter(|check| !check.verdict.is_usable());
    let names: Vec<String> = bad
        .map(|check| format!("{} ({})", check.operator, check.kind))
        .collect();
    anyhow!(
        "{device} computes wrong numbers: {}; `ddrank doctor --device {device}` shows all checks. Update its driver, use another device, or pass --skip-doctor",
        names.join(", ")
    )
}

fn report(device: &ComputeDevice, checks: &[Check], seconds: f64) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["operator", "check", "error", "tolerance", "verdict"]);
    for check in checks {
        table.add_row([
            check.operator.clone(),
            check.kind.to_string(),
            format!("{:.1e}", check.error),
            format!("{:.1e}", check.tolerance),
            check.verdict.to_string(),
        ]);
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let good = checks
        .iter()
        .filter(|check| check.verdict.is_usable())
        .count();
    let reduced = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Reduced)
        .count();
    let reduced = if reduced > 0 {
        format!(", {reduced} of them with reduced precision")
    } else {
        String::new()
    };
    format!(
        "{device}: {} ({})\n\n{table}\n\n{good} of {} checks passed{reduced}, in {seconds:.0} s\n\n",
        device.description().name,
        device.backend(),
        checks.len()
    )
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use ddrank_device::doctor::Kind;

    fn check(operator: &str, verdict: Verdict) -> Check {
        Check {
            operator: operator.to_owned(),
            kind: Kind::Gradient,
            error: 0.5,
            tolerance: 1e-5,
            verdict,
        }
    }

    #[test]
    fn a_refusal_names_the_operators_and_the_way_out() {
        let device = ComputeDevice::open(&"flex".parse().unwrap()).unwrap();
        let checks = [
            check("conv 3x3", Verdict::Wrong),
            check("linear", Verdict::Agrees),
            check("kl", Verdict::Failed("gone".into())),
        ];
        assert!(!usable(&checks));
        let text = refusal(&device, &checks).to_string();
        for part in [
            "flex",
            "conv 3x3 (gradient)",
            "kl (gradient)",
            "--skip-doctor",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("linear"), "{text}");
    }

    #[test]
    fn a_report_counts_what_passed() {
        let device = ComputeDevice::open(&"flex".parse().unwrap()).unwrap();
        let checks = [
            check("conv 3x3", Verdict::Reduced),
            check("linear", Verdict::Wrong),
        ];
        let text = report(&device, &checks, 2.0);
        assert!(
            text.contains("1 of 2 checks passed, 1 of them with reduced precision"),
            "{text}"
        );
        assert!(text.contains("5.0e-1"), "{text}");
    }
}
