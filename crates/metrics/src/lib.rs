//! Scores for distilled datasets as plain numbers: accuracy, HLR, IOR, LRS, ARS and their summaries.
#![forbid(unsafe_code)]
