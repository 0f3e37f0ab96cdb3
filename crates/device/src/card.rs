//! What a graphics card says about itself.

use burn::tensor::{Device, PciVendor, PhysicalDevice};

use crate::description::Description;
use crate::probe::quietly;

/// Name, memory and driver of a device that has been opened. What is not told is left out.
pub(crate) fn describe(device: &Device) -> Description {
    let Some(identity) = quietly(|| device.identity()).ok().flatten() else {
        return Description::default();
    };
    let (mut memory, mut driver) = (None, None);
    if let Some(card) = &identity.physical {
        if card.vendor == Some(PciVendor::Nvidia) {
            (memory, driver) = nvidia(card).unzip();
        }
        memory = memory.or_else(|| video_memory(card));
    }
    Description {
        memory,
        driver: driver.or_else(|| graphics_driver(&identity.name)),
        name: identity.name,
        // A question to the open device, not to the card: the caller asks it.
        precisions: Vec::new(),
    }
}

/// Memory and driver of an NVIDIA card, through the driver's management library.
fn nvidia(card: &PhysicalDevice) -> Option<(u64, String)> {
    // By PCI address: the management library numbers cards in its own order and knows nothing of CUDA_VISIBLE_DEVICES.
    let library = nvml_wrapper::Nvml::init().ok()?;
    let address = card.pci_address?.to_string();
    let device = library.device_by_pci_bus_id(address).ok()?;
    let driver = library.sys_driver_version().ok()?;
    Some((device.memory_info().ok()?.total, format!("NVIDIA {driver}")))
}

/// The memory of a card as Linux lists it (AMD).
fn video_memory(card: &PhysicalDevice) -> Option<u64> {
    // The kernel's folders are in lower case.
    let address = card.pci_address?.to_string().to_lowercase();
    let file = format!("/sys/bus/pci/devices/{address}/mem_info_vram_total");
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The driver of the adapter of that name, through the graphics API.
#[cfg(any(feature = "metal", feature = "vulkan", feature = "wgpu-untuned"))]
fn graphics_driver(name: &str) -> Option<String> {
    use burn::tensor::wgpu::wgpu::{Adapter, Backends, Instance, InstanceDescriptor};

    let adapters = quietly(|| {
        let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
        burn::cubecl::future::block_on(instance.enumerate_adapters(Backends::PRIMARY))
    });
    let adapters = adapters.ok()?;
    let mut information = adapters.iter().map(Adapter::get_info);
    // Two cards of one name have one driver, so the name is enough.
    let found = information.find(|adapter| adapter.name == name)?;
    let driver = format!("{} {}", found.driver, found.driver_info);
    Some(driver.trim().to_owned()).filter(|driver| !driver.is_empty())
}

#[cfg(not(any(feature = "metal", feature = "vulkan", feature = "wgpu-untuned")))]
fn graphics_driver(_name: &str) -> Option<String> {
    None
}
