//! The evaluators of DD-Ranking, who read the keys.

/// A set of DD-Ranking's evaluators.
pub(super) type Reader = u8;
/// LRS with hard labels.
pub(super) const HARD: Reader = 1;
/// LRS with soft labels.
pub(super) const SOFT: Reader = 2;
/// ARS.
pub(super) const ARS: Reader = 4;
/// Plain accuracy.
pub(super) const GENERAL: Reader = 8;
