//! Why a device cannot be used.

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
