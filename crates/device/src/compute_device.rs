//! Finding a device and trying it.

use std::fmt;

use burn::tensor::Device;

use crate::backends::{BACKENDS, Backend, Hardware, of_this_binary};
#[cfg(feature = "gpu")]
use crate::card;
use crate::description::Description;
use crate::error::DeviceError;
use crate::probe;
use crate::processor::processor_name;
use crate::request::DeviceRequest;

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
                let Some(known) = of_this_binary().find(|known| known.name == backend) else {
                    return Err(unknown(&asked, backend));
                };
                Self::open_numbered(known, &asked, *index)
            }
        }
    }

    fn automatic() -> Result<Self, DeviceError> {
        let mut refusals = Vec::new();
        for wanted in Hardware::BY_PREFERENCE {
            for backend in of_this_binary() {
                for index in 0..backend.count() {
                    if backend.hardware(index) != Some(wanted) {
                        continue;
                    }
                    let name = backend.device_name(index);
                    match Self::open_numbered(backend, &name, Some(index)) {
                        Ok(device) => {
                            return Ok(Self {
                                passed_over: refusals.iter().map(DeviceError::to_string).collect(),
                                ..device
                            });
                        }
                        // Not the end, but not passed over in silence either: the user should know why the card is idle.
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

    /// The device of that number of a backend, tried; without a number the first one.
    pub(crate) fn open_numbered(
        backend: &Backend,
        asked: &str,
        index: Option<usize>,
    ) -> Result<Self, DeviceError> {
        let missing = |reason| DeviceError::Missing {
            asked: asked.to_owned(),
            reason,
        };
        let devices = backend.enumerate();
        if devices.is_empty() {
            return Err(missing(backend.absent.to_owned()));
        }
        let index = index.unwrap_or(0);
        // A number that is not listed never reaches the driver, whatever it would do with it.
        let Some((device, hardware)) = devices.get(index).cloned() else {
            let found: Vec<String> = (0..devices.len())
                .map(|at| backend.device_name(at))
                .collect();
            return Err(missing(format!(
                "there is no such device; this machine has {}",
                found.join(", ")
            )));
        };
        // The needs come first: without libdevice the probe passes, and later kernels fail one by one.
        (backend.needs)()
            .and_then(|()| probe::add_ones(&device))
            .map_err(|reason| DeviceError::Broken {
                asked: asked.to_owned(),
                reason,
            })?;
        Ok(Self {
            // Not as it was asked for: `cuda` and `cuda:0` are one device, under one name in reports.
            name: backend.device_name(index),
            backend: backend.description,
            hardware,
            description: describe(&device, hardware),
            device,
            passed_over: Vec::new(),
        })
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
        // It has the machine's, and needs no driver.
        memory: None,
        driver: None,
        precisions: probe::precisions(device),
    }
}

fn unknown(asked: &str, backend: &str) -> DeviceError {
    let offered: Vec<&str> = of_this_binary()
        .map(|known| known.name)
        .chain(["auto"])
        .collect();
    // Only what exists is worth a build: the table holds what this binary was built without, too.
    let hint = if BACKENDS.iter().any(|known| known.name == backend) {
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
        for backend in of_this_binary() {
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
        for backend in of_this_binary() {
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
}
