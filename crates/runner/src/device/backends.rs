//! The table of backends. A new backend is a line here and a feature in `Cargo.toml`.

use burn::tensor::Device;
#[cfg(feature = "gpu")]
use burn::tensor::DeviceType;

/// Every backend that ddrank can be built with.
pub(super) const KNOWN: [&str; 6] = ["cuda", "metal", "vulkan", "wgpu", "flex", "ndarray"];

/// What a device computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hardware {
    /// A graphics card or the like.
    Accelerator,
    /// The processor's cores, directly.
    Processor,
    /// The processor's cores, as a pretended graphics card.
    Rasteriser,
}

/// A backend of this binary.
pub(super) struct Backend {
    /// What `--device` calls it.
    pub(super) name: &'static str,
    /// In words.
    pub(super) description: &'static str,
    /// Whether a machine can have several such devices.
    pub(super) indexed: bool,
    /// Its devices on this machine; an empty list where the driver is missing.
    pub(super) devices: fn() -> Vec<(Device, Hardware)>,
    /// What an empty list means, a sentence.
    pub(super) absent: &'static str,
    /// What its devices need beside their driver: if that is missing, a sentence.
    pub(super) needs: fn() -> Result<(), String>,
}

/// No need beside the driver.
const NOTHING: fn() -> Result<(), String> = || Ok(());

/// The backends of this binary, in order of preference.
pub(super) const BACKENDS: &[Backend] = &[
    #[cfg(feature = "cuda")]
    Backend {
        name: "cuda",
        description: "NVIDIA GPU, burn-cuda",
        indexed: true,
        devices: || {
            let devices = Device::enumerate(DeviceType::Cuda).into_iter();
            devices
                .map(|device| (device, Hardware::Accelerator))
                .collect()
        },
        absent: "no CUDA device is found: either this machine has no NVIDIA GPU, or its driver (libcuda) is not installed or not visible here",
        needs: super::libdevice::check,
    },
    #[cfg(feature = "metal")]
    Backend {
        name: "metal",
        description: "Apple GPU, burn-wgpu on Metal",
        indexed: true,
        devices: || graphics(DeviceType::Metal, Device::metal),
        absent: "no Metal device is found; Metal exists on macOS only",
        needs: NOTHING,
    },
    #[cfg(feature = "vulkan")]
    Backend {
        name: "vulkan",
        description: "GPU, burn-wgpu on Vulkan with SPIR-V",
        indexed: true,
        devices: || graphics(DeviceType::Vulkan, Device::vulkan),
        absent: "no Vulkan device is found: either the loader (libvulkan.so.1) or a driver is not installed or not visible here; `vulkaninfo --summary` lists drivers",
        needs: NOTHING,
    },
    #[cfg(feature = "wgpu-untuned")]
    Backend {
        name: "wgpu",
        description: "GPU, burn-wgpu on the system's graphics API",
        indexed: true,
        devices: || graphics(DeviceType::Wgpu, Device::wgpu),
        absent: "no graphics device is found: neither Vulkan, Metal, Direct3D 12 nor OpenGL answers on this machine",
        needs: NOTHING,
    },
    #[cfg(feature = "flex")]
    Backend {
        name: "flex",
        description: "CPU, burn-flex",
        indexed: false,
        devices: || vec![(Device::flex(), Hardware::Processor)],
        absent: "",
        needs: NOTHING,
    },
    #[cfg(feature = "ndarray")]
    Backend {
        name: "ndarray",
        description: "CPU, burn-ndarray",
        indexed: false,
        #[expect(
            deprecated,
            reason = "burn deprecates the backend; ddrank offers it as a second opinion"
        )]
        devices: || vec![(Device::ndarray(), Hardware::Processor)],
        absent: "",
        needs: NOTHING,
    },
];

/// The adapters of a graphics API; those that wgpu calls a CPU are software rasterisers.
#[cfg(any(feature = "metal", feature = "vulkan", feature = "wgpu-untuned"))]
fn graphics(
    api: DeviceType,
    of_kind: fn(burn::tensor::DeviceKind) -> Device,
) -> Vec<(Device, Hardware)> {
    let software = of_kind(burn::tensor::DeviceKind::Cpu);
    let devices = Device::enumerate(api).into_iter();
    devices
        .map(|device| {
            let hardware = if device == software {
                Hardware::Rasteriser
            } else {
                Hardware::Accelerator
            };
            (device, hardware)
        })
        .collect()
}
