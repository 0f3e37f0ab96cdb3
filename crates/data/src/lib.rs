//! Real datasets, distilled sets, tensor files, random selection, whitening and fingerprints.
#![forbid(unsafe_code)]
