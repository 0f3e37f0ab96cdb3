//! How much memory there is.

use std::sync::OnceLock;

use sysinfo::System;

/// Bytes of memory of this machine, or of the control group that the process runs in where that has less; 0 where it
/// cannot be told.
pub(crate) fn total() -> u64 {
    static TOTAL: OnceLock<u64> = OnceLock::new();
    *TOTAL.get_or_init(|| {
        let Ok(mut system) = System::new() else {
            return 0;
        };
        system.refresh_memory();
        let machine = system.total_memory();
        system
            .cgroup_limits()
            .map(|limits| limits.total_memory)
            .filter(|&limit| limit > 0)
            .map_or(machine, |limit| limit.min(machine))
    })
}

/// Whether so many bytes can fit at all.
pub(crate) fn holds(bytes: u64) -> bool {
    // Where the amount is unknown, the allocation decides.
    total() == 0 || bytes <= total()
}

/// Bytes for people: `12.3 GB`.
pub(crate) fn shown(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
