//! Which devices have passed, so that a run does not check again what has not changed.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::reference::fingerprint;
use crate::compute_device::ComputeDevice;
use crate::user_cache;

/// Whether this very program has checked the device with its present driver before and found it usable.
pub fn has_passed(device: &ComputeDevice) -> bool {
    file(device).is_some_and(|file| file.is_file())
}

/// Remembers that a device has passed. Where nothing can be written the next run checks again.
pub fn remember(device: &ComputeDevice) {
    let Some(file) = file(device) else { return };
    let written = file
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&file, format!("{}\n", words(device))));
    // Only time is lost.
    drop(written);
}

/// Named for everything that the result depends on.
fn file(device: &ComputeDevice) -> Option<PathBuf> {
    let program = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    let changed = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let text = format!(
        "{}\n{}\n{}\n{}",
        words(device),
        fingerprint(),
        program.len(),
        changed.as_nanos()
    );
    let name = blake3::hash(text.as_bytes()).to_hex();
    Some(user_cache::folder()?.join("doctor").join(name.as_str()))
}

fn words(device: &ComputeDevice) -> String {
    let description = device.description();
    format!(
        "ddrank {}, {} ({}), {}, driver {}",
        env!("CARGO_PKG_VERSION"),
        device.name(),
        device.backend(),
        description.name,
        description.driver.as_deref().unwrap_or("unknown"),
    )
}
