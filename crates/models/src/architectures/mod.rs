//! The networks, one file each, and the parts that several of them share.

pub(crate) mod alexnet;
pub(crate) mod convnet;
pub(crate) mod efficientnet;
pub(crate) mod lenet;
pub(crate) mod mlp;
pub(crate) mod mobilenet_v2;
pub(crate) mod resnet;
pub(crate) mod resnet_ap;
pub(crate) mod shufflenet_v2;
pub(crate) mod swin;
pub(crate) mod torchvision_alexnet;
pub(crate) mod torchvision_resnet;
pub(crate) mod torchvision_vgg;
pub(crate) mod vgg;
pub(crate) mod vit;

mod attention;
mod residual;
mod swin_windows;
mod vgg_stages;
