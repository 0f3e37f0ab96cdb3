//! Real datasets, pictures, distilled sets, whitening and inspections.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beside_images;
mod cifar;
mod dataset_names;
mod folder;
mod geometry;
mod imagenet;
mod images;
mod inspect;
mod named_labels;
mod odd_pictures;
mod picture_folder;
mod pictures;
mod synthetic;
mod tiny_imagenet;
mod zca;
mod zca_golden;
mod zca_setting;
