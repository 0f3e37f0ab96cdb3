//! A device in words.

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
