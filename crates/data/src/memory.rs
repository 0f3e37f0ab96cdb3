//! How much memory there is.

use std::sync::OnceLock;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

/// Bytes of memory that this process can have: of the machine, or of its container where that has less; 0 where it
/// cannot be told. Measured once.
#[must_use]
pub fn total_memory() -> u64 {
    static TOTAL: OnceLock<u64> = OnceLock::new();
    *TOTAL.get_or_init(|| {
        let Ok(mut system) = System::new() else {
            return 0;
        };
        system.refresh_memory();
        least(
            system.total_memory(),
            [container_limit(&system), job_limit(&mut system)],
        )
    })
}

/// The limit of the control group (version 1 or 2) at the root, which is what a container sees of its own.
fn container_limit(system: &System) -> Option<u64> {
    Some(system.cgroup_limits()?.total_memory)
}

/// The limit of the control group that the process is in: on machines with a batch system such as Slurm, its job's.
fn job_limit(system: &mut System) -> Option<u64> {
    let process = sysinfo::get_current_pid().ok()?;
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[process]),
        false,
        ProcessRefreshKind::nothing(),
    );
    Some(system.process(process)?.cgroup_limits()?.total_memory)
}

/// The least of the machine's memory and its limits; a limit of 0 is one that could not be read.
fn least(machine: u64, limits: [Option<u64>; 2]) -> u64 {
    limits
        .into_iter()
        .flatten()
        .filter(|&limit| limit > 0)
        .fold(machine, u64::min)
}

/// Whether so many bytes can fit at all.
pub(crate) fn holds(bytes: u64) -> bool {
    // Where the amount is unknown, the allocation decides.
    total_memory() == 0 || bytes <= total_memory()
}

/// Bytes for people: `12.3 GB`.
pub(crate) fn shown(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_container_has_less_memory_than_its_machine() {
        assert_eq!(least(64, [Some(16), None]), 16);
        assert_eq!(least(64, [Some(16), Some(8)]), 8);
        assert_eq!(least(64, [None, Some(1 << 60)]), 64);
        assert_eq!(least(64, [Some(0), None]), 64);
    }

    /// Whatever limit the kernel tells this process of is kept.
    #[test]
    fn the_limit_of_the_control_group_is_kept() {
        let mut system = System::new().unwrap();
        system.refresh_memory();
        assert!(total_memory() > 0 && total_memory() <= system.total_memory());
        for file in [
            "/sys/fs/cgroup/memory.max",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ] {
            let limit = std::fs::read_to_string(file).ok();
            // Version 2 says `max` where there is none.
            if let Some(limit) = limit.and_then(|text| text.trim().parse::<u64>().ok()) {
                assert!(total_memory() <= limit, "{file}: {limit}");
            }
        }
    }
}
