//! Where `--device` becomes a [`Device`]: the only place that names a backend.

use std::fmt;

use burn::tensor::{Device, Tensor};

/// A device that was asked for, found and tried.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    name: String,
    backend: &'static str,
    device: Device,
}

/// A device that cannot be used, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No backend of that name in this binary.
    #[error("`--device {asked}`: this binary has no such backend; it offers {offered}")]
    Unknown {
        /// As typed.
        asked: String,
        /// What this binary can be asked for.
        offered: String,
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

/// A backend of this binary.
struct Backend {
    name: &'static str,
    description: &'static str,
    open: fn() -> Device,
}

/// The backends of this binary, in order of preference of `auto`.
const BACKENDS: &[Backend] = &[
    #[cfg(feature = "flex")]
    Backend {
        name: "flex",
        description: "CPU, burn-flex",
        open: Device::flex,
    },
];

/// One line of `ddrank devices`.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// What to pass to `--device`.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Why it cannot be used, if it cannot.
    pub problem: Option<String>,
}

impl ComputeDevice {
    /// Finds a device by name and tries it with a small computation.
    ///
    /// `auto` takes the first one that works.
    ///
    /// # Errors
    /// If this binary has no such backend, or the device does not compute.
    pub fn open(asked: &str) -> Result<Self, DeviceError> {
        let candidates: Vec<&Backend> = BACKENDS
            .iter()
            .filter(|backend| asked == "auto" || backend.name == asked)
            .collect();
        let mut refusal = None;
        for backend in candidates {
            match backend.try_open() {
                Ok(device) => {
                    return Ok(Self {
                        name: backend.name.to_owned(),
                        backend: backend.description,
                        device,
                    });
                }
                Err(reason) => {
                    refusal = Some(DeviceError::Broken {
                        asked: asked.to_owned(),
                        reason,
                    })
                }
            }
        }
        Err(refusal.unwrap_or_else(|| DeviceError::Unknown {
            asked: asked.to_owned(),
            offered: offered(),
        }))
    }

    /// Every backend of this binary, tried.
    pub fn list() -> Vec<DeviceLine> {
        BACKENDS
            .iter()
            .map(|backend| DeviceLine {
                name: backend.name.to_owned(),
                description: backend.description.to_owned(),
                problem: backend.try_open().err(),
            })
            .collect()
    }

    /// What to pass to `--device` to get it again.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The backend that drives it, in words.
    pub fn backend(&self) -> &'static str {
        self.backend
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
    /// Opens the device and adds four ones on it: constructors alone prove nothing.
    fn try_open(&self) -> Result<Device, String> {
        let device = (self.open)();
        let ones = Tensor::<1>::ones([4], &device);
        let sum = ones.sum().into_scalar::<f32>();
        if sum == 4.0 {
            Ok(device)
        } else {
            Err(format!("it adds four ones to {sum}"))
        }
    }
}

fn offered() -> String {
    let names: Vec<&str> = BACKENDS
        .iter()
        .map(|backend| backend.name)
        .chain(["auto"])
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_device_is_one_sentence_that_lists_what_exists() {
        let error = ComputeDevice::open("cuda:7").unwrap_err().to_string();
        assert!(error.contains("`--device cuda:7`"), "{error}");
        assert!(error.contains("flex, auto"), "{error}");
    }

    #[cfg(feature = "flex")]
    #[test]
    fn auto_finds_a_device() {
        assert_eq!(ComputeDevice::open("auto").unwrap().name(), "flex");
    }
}
