//! All devices of a machine, for `ddrank devices`.

use crate::backends::{Hardware, of_this_binary};
use crate::compute_device::ComputeDevice;
use crate::description::Description;
use crate::error::DeviceError;

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
    /// Every device that this binary finds, tried; a backend that finds none has one line that says why.
    pub fn list() -> Vec<DeviceLine> {
        let mut lines = Vec::new();
        for backend in of_this_binary() {
            let count = backend.count();
            // Whoever built it in wants to know why it is of no use here.
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
                    state: match Self::open_numbered(backend, &name, Some(index)) {
                        Ok(device) => Ok(device.description().clone()),
                        // The line shows the name already.
                        Err(DeviceError::Broken { reason, .. }) => Err(reason),
                        Err(
                            error @ (DeviceError::Malformed { .. }
                            | DeviceError::Unknown { .. }
                            | DeviceError::Missing { .. }),
                        ) => Err(error.to_string()),
                    },
                    name,
                });
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(asked: &str) -> Result<ComputeDevice, DeviceError> {
        ComputeDevice::open(&asked.parse()?)
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
