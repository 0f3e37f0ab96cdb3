//! Agent models and teachers with PyTorch's parameter names and initialisation.
#![forbid(unsafe_code)]
