//! Where `--device` becomes a [`Device`]: the only place that names a backend.
//!
//! A [`DeviceRequest`] is what was typed. The table in `backends.rs` lists what this binary was built with; the devices
//! of a backend are counted without touching them, and one is used only after a probe in which a panic of a
//! driver becomes a sentence.

mod backends;
#[cfg(feature = "gpu")]
mod card;
#[cfg(feature = "gpu")]
mod kernel_cache;
#[cfg(any(feature = "cuda", test))]
mod libdevice;
mod probe;
mod request;

use std::fmt;

use burn::tensor::Device;

use backends::{BACKENDS, Backend, Hardware, KNOWN};
pub(crate) use probe::message;
pub use probe::quietly;
pub use request::{DeviceRequest, DeviceRequests};

/// A device that was asked for, found and tried.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    name: String,
    backend: &'static str,
    hardware: Hardware,
    description: Description,
    device: Device,
    passed_over: Vec<String>,
}

/// What is known of a device, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// As the device names itself.
    pub name: String,
    /// Its own memory in bytes; `None` if it uses the machine's, or does not tell.
    pub memory: Option<u64>,
    /// The driver and its version.
    pub driver: Option<String>,
    /// Floating-point formats beside `f32` that it stores and adds.
    pub precisions: Vec<&'static str>,
}

/// A device that cannot be used, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// Not of the form that `--device` takes.
    #[error("`--device {asked}`: {problem}")]
    Malformed {
        /// As typed.
        asked: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No backend of that name in this binary.
    #[error("`--device {asked}`: this binary has no such backend; it offers {offered}{hint}")]
    Unknown {
        /// As typed.
        asked: String,
        /// What this binary can be asked for.
        offered: String,
        /// What to build for it, if it exists.
        hint: String,
    },
    /// The backend finds no device of that number.
    #[error("`--device {asked}`: {reason}")]
    Missing {
        /// As typed.
        asked: String,
        /// What there is.
        reason: String,
    },
    /// The device failed a small computation.
    #[error("`--device {asked}` does not work on this machine: {reason}")]
    Broken {
        /// As typed.
        asked: String,
        /// What happened.
        reason: String,
    },
}

/// One line of `ddrank devices`.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// What to pass to `--device`.
    pub name: String,
    /// The backend, in words.
    pub backend: &'static str,
    /// Whether it has memory of its own, or may have.
    pub is_accelerator: bool,
    /// What the device is, or why it cannot be used.
    pub state: Result<Description, String>,
}

impl ComputeDevice {
    /// Finds the device of a request and tries it with a small computation.
    ///
    /// `auto` takes the first hardware accelerator that works, else a CPU backend; a software rasteriser only where
    /// there is nothing else.
    ///
    /// # Errors
    /// If this binary has no such backend, this machine no such device, or the device does not compute.
    pub fn open(request: &DeviceRequest) -> Result<Self, DeviceError> {
        match request {
            DeviceRequest::Auto => Self::automatic(),
            DeviceRequest::Named { backend, index } => {
                let asked = request.to_string();
                let Some(known) = BACKENDS.iter().find(|known| known.name == backend) else {
                    return Err(unknown(&asked, backend));
                };
                known.open(&asked, *index)
            }
        }
    }

    fn automatic() -> Result<Self, DeviceError> {
        let mut refusals = Vec::new();
        for wanted in [
            Hardware::Accelerator,
            Hardware::Processor,
            Hardware::Rasteriser,
        ] {
            for backend in BACKENDS {
                for index in 0..backend.count() {
                    if backend.hardware(index) != Some(wanted) {
                        continue;
                    }
                    match backend.open(&backend.device_name(index), Some(index)) {
                        Ok(device) => {
                            return Ok(Self {
                                passed_over: refusals.iter().map(DeviceError::to_string).collect(),
                                ..device
                            });
                        }
                        Err(error) => refusals.push(error),
                    }
                }
            }
        }
        Err(refusals.pop().unwrap_or_else(|| DeviceError::Missing {
            asked: "auto".into(),
            reason: "no backend of this binary finds a device; `ddrank devices` says why".into(),
        }))
    }

    /// Every device that this binary finds, tried; a backend that finds none has one line that says why.
    pub fn list() -> Vec<DeviceLine> {
        let mut lines = Vec::new();
        for backend in BACKENDS {
            let count = backend.count();
            if count == 0 {
                lines.push(DeviceLine {
                    name: backend.name.to_owned(),
                    backend: backend.description,
                    is_accelerator: false,
                    state: Err(backend.absent.to_owned()),
                });
            }
            for index in 0..count {
                let name = backend.device_name(index);
                lines.push(DeviceLine {
                    backend: backend.description,
                    is_accelerator: backend.hardware(index) == Some(Hardware::Accelerator),
                    state: match backend.open(&name, Some(index)) {
                        Ok(device) => Ok(device.description),
                        Err(DeviceError::Broken { reason, .. }) => Err(reason),
                        Err(error) => Err(error.to_string()),
                    },
                    name,
                });
            }
        }
        lines
    }

    /// What to pass to `--device` to get it again.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The devices that `auto` would have preferred but that do not work, a sentence each.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// The backend that drives it, in words.
    pub fn backend(&self) -> &'static str {
        self.backend
    }

    /// Whether it computes on the processor's own cores and with the threads of its caller.
    pub fn is_processor(&self) -> bool {
        self.hardware == Hardware::Processor
    }

    /// Name, memory, driver and formats.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The device itself, without autodiff.
    pub fn device(&self) -> &Device {
        &self.device
    }
}

impl fmt::Display for ComputeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Backend {
    /// How many devices it finds, without touching them.
    fn count(&self) -> usize {
        self.enumerate().len()
    }

    fn hardware(&self, index: usize) -> Option<Hardware> {
        self.enumerate().get(index).map(|(_, hardware)| *hardware)
    }

    /// Counting calls into a driver's library, so it must not be trusted either.
    fn enumerate(&self) -> Vec<(Device, Hardware)> {
        #[cfg(feature = "gpu")]
        kernel_cache::settle();
        quietly(self.devices).unwrap_or_default()
    }

    /// Whether there can be more than one.
    fn device_name(&self, index: usize) -> String {
        if self.indexed {
            format!("{}:{index}", self.name)
        } else {
            self.name.to_owned()
        }
    }

    fn open(&self, asked: &str, index: Option<usize>) -> Result<ComputeDevice, DeviceError> {
        let missing = |reason| DeviceError::Missing {
            asked: asked.to_owned(),
            reason,
        };
        let devices = self.enumerate();
        if devices.is_empty() {
            return Err(missing(self.absent.to_owned()));
        }
        let index = index.unwrap_or(0);
        let Some((device, hardware)) = devices.get(index).cloned() else {
            let found: Vec<String> = (0..devices.len()).map(|at| self.device_name(at)).collect();
            return Err(missing(format!(
                "there is no such device; this machine has {}",
                found.join(", ")
            )));
        };
        (self.needs)()
            .and_then(|()| probe::add_ones(&device))
            .map_err(|reason| DeviceError::Broken {
                asked: asked.to_owned(),
                reason,
            })?;
        Ok(ComputeDevice {
            name: self.device_name(index),
            backend: self.description,
            hardware,
            description: describe(&device, hardware),
            device,
            passed_over: Vec::new(),
        })
    }
}

/// What is known of a device that works.
fn describe(device: &Device, hardware: Hardware) -> Description {
    #[cfg(feature = "gpu")]
    if hardware != Hardware::Processor {
        return Description {
            precisions: probe::precisions(device),
            ..card::describe(device)
        };
    }
    debug_assert_eq!(hardware, Hardware::Processor);
    Description {
        name: processor_name(),
        memory: None,
        driver: None,
        precisions: probe::precisions(device),
    }
}

/// The processor as it names itself.
pub(crate) fn processor_name() -> String {
    let brand = sysinfo::System::new().ok().and_then(|mut system| {
        system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
        system
            .cpus()
            .first()
            .map(|cpu| cpu.brand().trim().to_owned())
    });
    brand
        .filter(|brand| !brand.is_empty())
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn unknown(asked: &str, backend: &str) -> DeviceError {
    let offered: Vec<&str> = BACKENDS
        .iter()
        .map(|known| known.name)
        .chain(["auto"])
        .collect();
    let hint = if KNOWN.contains(&backend) {
        format!("; build ddrank with `--features {backend}` for it")
    } else {
        String::new()
    };
    DeviceError::Unknown {
        asked: asked.to_owned(),
        offered: offered.join(", "),
        hint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(asked: &str) -> Result<ComputeDevice, DeviceError> {
        ComputeDevice::open(&asked.parse()?)
    }

    #[test]
    fn an_unknown_device_is_one_sentence_that_lists_what_exists() {
        let error = open("abacus").unwrap_err().to_string();
        assert!(error.contains("`--device abacus`"), "{error}");
        assert!(error.contains("auto"), "{error}");
        assert!(!error.contains("--features"), "{error}");
        for backend in BACKENDS {
            assert!(error.contains(backend.name), "{error}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_backend_that_was_left_out_is_named() {
        let error = open("cuda:7").unwrap_err().to_string();
        assert!(error.contains("--features cuda"), "{error}");
    }

    #[cfg(feature = "flex")]
    #[test]
    fn a_processor_has_one_device() {
        assert_eq!(open("flex:0").unwrap().name(), "flex");
        let error = open("flex:1").unwrap_err().to_string();
        assert!(error.contains("this machine has flex"), "{error}");
    }

    #[test]
    fn no_number_reaches_a_driver_that_has_no_such_device() {
        for backend in BACKENDS {
            let asked = format!("{}:999", backend.name);
            let error = open(&asked).unwrap_err();
            assert!(matches!(error, DeviceError::Missing { .. }), "{error}");
        }
    }

    #[cfg(feature = "flex")]
    #[test]
    fn auto_finds_a_device_that_is_no_rasteriser() {
        let device = open("auto").unwrap();
        assert_ne!(device.hardware, Hardware::Rasteriser);
        assert!(device.description().name.len() > 1);
    }

    #[test]
    fn every_listed_device_that_works_can_be_opened_by_its_name() {
        for line in ComputeDevice::list() {
            if line.state.is_ok() {
                assert_eq!(open(&line.name).unwrap().name(), line.name);
            }
        }
    }
}
