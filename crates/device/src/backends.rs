//! The table of backends. A new backend is an entry here and a feature in `Cargo.toml`.

use burn::tensor::Device;
#[cfg(feature = "gpu")]
use burn::tensor::DeviceType;

#[cfg(feature = "gpu")]
use crate::kernel_cache;
use crate::libdevice;
use crate::probe::quietly;

/// What a device computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hardware {
    /// A graphics card or the like.
    Accelerator,
    /// The processor's cores, directly.
    Processor,
    /// The processor's cores, as a pretended graphics card.
    Rasteriser,
}

impl Hardware {
    /// As `auto` chooses. A rasteriser comes last: it does the processor's work with the detours of a graphics card.
    pub(crate) const BY_PREFERENCE: [Self; 3] =
        [Self::Accelerator, Self::Processor, Self::Rasteriser];
}

/// Finds the devices of a backend.
type Enumerate = fn() -> Vec<(Device, Hardware)>;

/// A backend that ddrank can be built with.
pub(crate) struct Backend {
    /// What `--device` calls it.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) description: &'static str,
    /// Whether a machine can have several such devices.
    pub(crate) indexed: bool,
    /// Its devices on this machine, an empty list where the driver is missing; `None` if this binary was built without
    /// the backend.
    devices: Option<Enumerate>,
    /// What an empty list means, a sentence.
    pub(crate) absent: &'static str,
    /// What its devices need beside their driver: if that is missing, a sentence.
    pub(crate) needs: fn() -> Result<(), String>,
}

/// No need beside the driver.
const NOTHING: fn() -> Result<(), String> = || Ok(());

/// The devices of a backend if its feature is on. What names a backend that burn was built without does not compile.
macro_rules! built {
    ($feature:literal, $devices:expr) => {{
        #[cfg(feature = $feature)]
        {
            Some($devices)
        }
        #[cfg(not(feature = $feature))]
        {
            None
        }
    }};
}

/// Every backend, in order of preference.
pub(crate) const BACKENDS: &[Backend] = &[
    Backend {
        name: "cuda",
        description: "NVIDIA GPU, burn-cuda",
        indexed: true,
        devices: built!("cuda", || {
            let devices = Device::enumerate(DeviceType::Cuda).into_iter();
            devices
                .map(|device| (device, Hardware::Accelerator))
                .collect()
        }),
        absent: "no CUDA device is found: either this machine has no NVIDIA GPU, or its driver (libcuda) is not installed or not visible here",
        needs: libdevice::check,
    },
    Backend {
        name: "metal",
        description: "Apple GPU, burn-wgpu on Metal",
        indexed: true,
        devices: built!("metal", || graphics(DeviceType::Metal, Device::metal)),
        absent: "no Metal device is found; Metal exists on macOS only",
        needs: NOTHING,
    },
    Backend {
        name: "vulkan",
        description: "GPU, burn-wgpu on Vulkan with SPIR-V",
        indexed: true,
        devices: built!("vulkan", || graphics(DeviceType::Vulkan, Device::vulkan)),
        absent: "no Vulkan device is found: either the loader (libvulkan.so.1) or a driver is not installed or not visible here; `vulkaninfo --summary` lists drivers",
        needs: NOTHING,
    },
    Backend {
        name: "wgpu",
        description: "GPU, burn-wgpu on the system's graphics API",
        indexed: true,
        // The feature `wgpu` switches it on.
        devices: built!("wgpu-untuned", || graphics(DeviceType::Wgpu, Device::wgpu)),
        absent: "no graphics device is found: neither Vulkan, Metal, Direct3D 12 nor OpenGL answers on this machine",
        needs: NOTHING,
    },
    Backend {
        name: "flex",
        description: "CPU, burn-flex",
        indexed: false,
        devices: built!("flex", || vec![(Device::flex(), Hardware::Processor)]),
        absent: "",
        needs: NOTHING,
    },
    Backend {
        name: "ndarray",
        description: "CPU, burn-ndarray",
        indexed: false,
        #[cfg_attr(
            feature = "ndarray",
            expect(
                deprecated,
                reason = "burn deprecates the backend; ddrank offers it as a second opinion"
            )
        )]
        devices: built!("ndarray", || vec![(Device::ndarray(), Hardware::Processor)]),
        absent: "",
        needs: NOTHING,
    },
];

/// The backends of this binary, in order of preference.
pub(crate) fn of_this_binary() -> impl Iterator<Item = &'static Backend> {
    BACKENDS.iter().filter(|backend| backend.is_built())
}

impl Backend {
    /// Whether this binary has it.
    pub(crate) fn is_built(&self) -> bool {
        self.devices.is_some()
    }

    /// How many devices it finds, without touching them.
    pub(crate) fn count(&self) -> usize {
        self.enumerate().len()
    }

    /// What the device of that number computes with; `None` if there is no such device.
    pub(crate) fn hardware(&self, index: usize) -> Option<Hardware> {
        self.enumerate().get(index).map(|(_, hardware)| *hardware)
    }

    /// Its devices, in the order of their numbers.
    pub(crate) fn enumerate(&self) -> Vec<(Device, Hardware)> {
        #[cfg(feature = "gpu")]
        kernel_cache::settle();
        let Some(devices) = self.devices else {
            return Vec::new();
        };
        // Counting calls into a driver's library, which must not be trusted either: a panic there means no device.
        quietly(devices).unwrap_or_default()
    }

    /// What to pass to `--device`: with the number where there can be more than one.
    pub(crate) fn device_name(&self, index: usize) -> String {
        if self.indexed {
            format!("{}:{index}", self.name)
        } else {
            self.name.to_owned()
        }
    }
}

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
