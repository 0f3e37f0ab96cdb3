#![doc = include_str!("../README.md")]
//!
//! A [`DeviceRequest`] is what was typed. The table in `backends.rs` lists what ddrank can be built with, and
//! [`documentation()`] shows it; the devices of a backend are counted without touching them, and one is used only after
//! a probe in which a panic of a driver becomes a sentence.
#![forbid(unsafe_code)]

mod backends;
#[cfg(feature = "gpu")]
mod card;
mod compute_device;
mod description;
mod device_line;
pub mod doctor;
mod documentation;
mod error;
#[cfg(feature = "gpu")]
mod kernel_cache;
mod libdevice;
mod probe;
mod processor;
mod request;
mod user_cache;

pub use compute_device::ComputeDevice;
pub use description::Description;
pub use device_line::DeviceLine;
pub use documentation::{BackendDoc, DeviceDocumentation, documentation};
pub use error::DeviceError;
pub use probe::message;
pub use processor::processor_name;
pub use request::{DeviceRequest, DeviceRequests};
