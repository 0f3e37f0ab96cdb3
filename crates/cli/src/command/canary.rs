//! Work that may crash a driver, done first in a process of its own.
//!
//! A driver that meets a shader it cannot compile may end the whole program, and no code of ours can stop that; what can be
//! done is to say which device it was.

use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, anyhow};

use ddrank_device::ComputeDevice;

/// Set in the process that does the work.
const MARK: &str = "DDRANK_DOCTOR_PROCESS";

/// Whether this process is the one that does the work.
pub(super) fn is_inside() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Whether the driver of a device can take the program down.
pub(super) fn is_needed(device: &ComputeDevice) -> bool {
    !is_inside() && !matches!(device.name(), "flex" | "ndarray")
}

/// Runs `ddrank doctor` on a device in a process of its own, and tells whether it was content.
///
/// # Errors
/// If the process cannot be started, or did not end by itself.
pub(super) fn doctor(
    device: &ComputeDevice,
    arguments: &[&str],
    output: Stdio,
) -> anyhow::Result<bool> {
    let program = std::env::current_exe().context("cannot find the program itself")?;
    let status = Command::new(program)
        .args(["doctor", "--device", device.name()])
        .args(arguments)
        .env(MARK, "1")
        .stdin(Stdio::null())
        .stdout(output)
        .status()
        .context("cannot start the check in a process of its own")?;
    verdict(device.name(), status)
}

fn verdict(device: &str, status: ExitStatus) -> anyhow::Result<bool> {
    match status.code() {
        Some(0) => Ok(true),
        Some(1 | 2) => Ok(false),
        _ => Err(anyhow!(
            "the check of {device} crashed ({status}): its driver cannot run the kernels of this backend. Update the driver, use another device or backend (docs/backends.md)"
        )),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_crash_is_told_apart_from_a_verdict() {
        let exit = |code: i32| ExitStatus::from_raw(code << 8);
        assert!(verdict("vulkan:0", exit(0)).unwrap());
        assert!(!verdict("vulkan:0", exit(1)).unwrap());
        for crash in [ExitStatus::from_raw(11), exit(101)] {
            let text = verdict("vulkan:0", crash).unwrap_err().to_string();
            assert!(text.contains("the check of vulkan:0 crashed"), "{text}");
        }
    }
}
