//! What the processor says about itself.

/// The processor as it names itself.
pub fn processor_name() -> String {
    let brand = sysinfo::System::new().ok().and_then(|mut system| {
        // The names only: loads and frequencies would have to be measured.
        system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
        system
            .cpus()
            .first()
            .map(|cpu| cpu.brand().trim().to_owned())
    });
    // Some ARM kernels and virtual machines tell none.
    brand
        .filter(|brand| !brand.is_empty())
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
