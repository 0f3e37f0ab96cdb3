//! Real datasets: which there are, where their files lie, opening and loading them.
//!
//! A new dataset is a file with its [`descriptor::Dataset`], its `mod` line here and its line in `list.rs`.

mod cifar;
mod cifar_classes;
mod cifar_pickle;
mod cifar_records;
mod class_folders;
mod class_rule;
mod dataset_name;
mod demo;
mod descriptor;
mod folder;
mod folder_listing;
mod imagenet;
mod imagenet_subsets;
mod list;
mod open;
mod opened;
mod real_dataset;
mod source;
mod table;
mod tiny_imagenet;

pub use dataset_name::{DatasetName, UnknownDataset};
pub use demo::{DemoOptions, demo_dataset};
pub use open::{load_dataset, open_dataset};
pub use real_dataset::{OpenDataset, RealDataset};
pub use source::DatasetSource;
