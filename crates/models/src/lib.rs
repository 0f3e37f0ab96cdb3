//! Agent models and teachers with PyTorch's parameter names and initialisation.
//!
//! The path of the data: a [`ModelName`] is parsed from text such as `ConvNet-3-BN`, a [`ModelSpec`] adds the options
//! that names do not carry, [`ModelSpec::build`] checks the sizes and draws the weights on the host, and the resulting
//! [`Network`] turns images `[batch, channels, height, width]` into logits `[batch, classes]`.
//!
//! * [`Network::forward_train`] and [`Network::forward_eval`] are the two modes. Which one runs is decided by the call and
//!   by nothing else, neither by the device nor by a flag.
//! * [`Network::state_dict`] and [`Network::load_state_dict`] speak PyTorch's names and layouts.
//! * A new architecture is one new file with an implementation of `Architecture`, and one line in the table in
//!   `network.rs`.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use ddrank_models::{InputShape, ModelSpec};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let device = Device::flex().autodiff();
//! let input = InputShape { channels: 3, height: 32, width: 32 };
//! let mut generator = ChaCha8Rng::seed_from_u64(0);
//! let spec = ModelSpec { width: 8, ..ModelSpec::new("ConvNet-3".parse()?) };
//! let mut network = spec.build(input, 10, &mut generator, &device)?;
//! let logits = network.forward_train(Tensor::zeros([4, 3, 32, 32], &device), &mut generator);
//! assert_eq!(logits.dims(), [4, 10]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod alexnet;
mod architecture;
mod attention;
mod convnet;
mod efficientnet;
mod initialise;
pub mod layers;
mod lenet;
mod mlp;
mod mobilenet_v2;
mod name;
mod network;
mod residual;
mod resnet;
mod resnet_ap;
mod shufflenet_v2;
mod source;
mod spec;
mod state_dict;
mod swin;
mod swin_windows;
mod torchvision_alexnet;
mod torchvision_name;
mod torchvision_resnet;
mod torchvision_vgg;
mod vgg;
mod vit;

pub use alexnet::AlexNet;
pub use convnet::ConvNet;
pub use efficientnet::EfficientNet;
pub use initialise::Initialiser;
pub use lenet::LeNet;
pub use mlp::Mlp;
pub use mobilenet_v2::MobileNetV2;
pub use name::{ModelName, ModelNameError, Normalisation};
pub use network::{Family, Network};
pub use resnet::ResNet;
pub use resnet_ap::ResNetAp;
pub use shufflenet_v2::ShuffleNetV2;
pub use source::Source;
pub use spec::{Activation, InputShape, ModelError, ModelSpec, Pooling};
pub use state_dict::{CheckpointError, ShapeMismatch};
pub use swin::SwinTransformer;
pub use torchvision_alexnet::TorchvisionAlexNet;
pub use torchvision_resnet::TorchvisionResNet;
pub use torchvision_vgg::TorchvisionVgg;
pub use vgg::Vgg;
pub use vit::VisionTransformer;
