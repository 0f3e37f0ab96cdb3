//! The table of models and the network that can be any of them.

use std::fmt;

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::architecture::{Architecture, Definition};
// All of them, so that a new one needs no line here but its entry in the table.
use crate::architectures::*;
use crate::blueprint::{Blueprint, Misfit};
use crate::initialise::Initialiser;
use crate::options::Source;

macro_rules! models {
    ($($family:ident = $word:literal {
        $($source:ident => $network:ident($architecture:ty)),+ $(,)?
    })+) => {
        /// The families of networks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Family {
            $(#[doc = concat!("`", $word, "`.")] $family,)+
        }

        impl Family {
            /// All families.
            pub const ALL: [Self; [$(Self::$family),+].len()] = [$(Self::$family),+];

            /// How names spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$family => $word,)+
                }
            }

            /// Whose definitions of the family there are, at least one; the first is meant where nothing else is said.
            #[must_use]
            pub const fn sources(self) -> &'static [Source] {
                match self {
                    $(Self::$family => &[$(Source::$source),+],)+
                }
            }

            /// What is known of the family's first source; all its sources understand the same names.
            pub(crate) const fn definition(self) -> Definition {
                match self {
                    $(Self::$family => [$(<$architecture as Architecture>::DEFINITION),+][0],)+
                }
            }
        }

        /// A family as one source defines it: one entry of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Model {
            $($($network,)+)+
        }

        impl Model {
            /// The whole table.
            pub(crate) const ALL: [Self; [$($(Self::$network),+),+].len()] = [$($(Self::$network),+),+];

            pub(crate) const fn family(self) -> Family {
                match self {
                    $($(Self::$network => Family::$family,)+)+
                }
            }

            pub(crate) const fn source(self) -> Source {
                match self {
                    $($(Self::$network => Source::$source,)+)+
                }
            }

            pub(crate) const fn definition(self) -> Definition {
                match self {
                    $($(Self::$network => <$architecture as Architecture>::DEFINITION,)+)+
                }
            }

            /// Builds the network, or says why there is none.
            pub(crate) fn build<R: Rng + ?Sized>(
                self,
                blueprint: &Blueprint,
                initialiser: &mut Initialiser<'_, R>,
            ) -> Result<Network, Misfit> {
                match self {
                    $($(Self::$network => {
                        <$architecture as Architecture>::check(blueprint)?;
                        let network = <$architecture as Architecture>::build(blueprint, initialiser);
                        Ok(Network::$network(network))
                    })+)+
                }
            }
        }

        /// An agent model or a teacher: images in, logits out.
        ///
        /// It is a burn [`Module`]: `valid()` takes it off the autodiff device for evaluation, `train()` puts it back,
        /// and optimisers step it. Clones are cheap and independent, running statistics included: training one of them
        /// never changes another.
        #[derive(Module, Debug)]
        #[non_exhaustive]
        pub enum Network {
            $($(
                #[doc = concat!("`", $word, "` of ", stringify!($source), ".")]
                $network($architecture),
            )+)+
        }

        impl Network {
            /// One pass in training mode: batch normalisation uses the statistics of this batch and records them in
            /// its running statistics; dropout and stochastic depth draw what they leave out.
            ///
            /// `draws` is the generator of those draws, on the host; networks without dropout and stochastic depth take
            /// nothing from it. The same state of the generator leaves out the same on every device.
            ///
            /// `images` are `[batch, channels, height, width]`, the logits `[batch, classes]`. The mode is decided by
            /// this call alone, whatever device the network is on; for gradients the network has to be on an autodiff
            /// device.
            ///
            /// # Panics
            ///
            /// When the shape of the images is not the one the network was built for, and when a batch
            /// normalisation sees a single value per channel (as PyTorch does).
            #[must_use]
            pub fn forward_train<R: Rng + ?Sized>(&mut self, images: Tensor<4>, draws: &mut R) -> Tensor<2> {
                match self {
                    $($(Self::$network(network) => Architecture::forward_train(network, images, draws),)+)+
                }
            }

            /// One pass in evaluation mode: batch normalisation uses its running statistics and changes nothing.
            ///
            /// `images` are `[batch, channels, height, width]`, the logits `[batch, classes]`. On an autodiff device
            /// the pass still joins the graph; call it on [`valid()`](Module::valid) to save that.
            ///
            /// # Panics
            ///
            /// When the shape of the images is not the one the network was built for.
            #[must_use]
            pub fn forward_eval(&self, images: Tensor<4>) -> Tensor<2> {
                match self {
                    $($(Self::$network(network) => Architecture::forward_eval(network, images),)+)+
                }
            }

            /// The features `[batch, features]` that the last linear layer sees, in evaluation mode: what distillation
            /// by feature matching compares.
            ///
            /// # Panics
            ///
            /// When the shape of the images is not the one the network was built for.
            #[must_use]
            pub fn embed(&self, images: Tensor<4>) -> Tensor<2> {
                match self {
                    $($(Self::$network(network) => Architecture::embed(network, images),)+)+
                }
            }
        }
    };
}

// One line a family: its word in names, and `source => variant(architecture)` for each source, the default one first. What
// else there is to know (depths, sizes, paper) is the architecture's own `DEFINITION`.
models! {
    ConvNet = "ConvNet" { Ddranking => ConvNet(convnet::ConvNet) }
    AlexNet = "AlexNet" { Ddranking => AlexNet(alexnet::AlexNet), Torchvision => TorchvisionAlexNet(torchvision_alexnet::TorchvisionAlexNet) }
    LeNet = "LeNet" { Ddranking => LeNet(lenet::LeNet) }
    Mlp = "MLP" { Ddranking => Mlp(mlp::Mlp) }
    ResNet = "ResNet" { Ddranking => ResNet(resnet::ResNet), Torchvision => TorchvisionResNet(torchvision_resnet::TorchvisionResNet) }
    ResNetAp = "ResNetAP" { Ddranking => ResNetAp(resnet_ap::ResNetAp) }
    Vgg = "VGG" { Ddranking => Vgg(vgg::Vgg), Torchvision => TorchvisionVgg(torchvision_vgg::TorchvisionVgg) }
    MobileNetV2 = "mobilenet_v2" { Torchvision => MobileNetV2(mobilenet_v2::MobileNetV2) }
    ShuffleNetV2 = "shufflenet_v2_x0_5" { Torchvision => ShuffleNetV2(shufflenet_v2::ShuffleNetV2) }
    EfficientNet = "efficientnet_b0" { Torchvision => EfficientNet(efficientnet::EfficientNet) }
    Swin = "swin_t" { Torchvision => SwinTransformer(swin::SwinTransformer) }
    Vit = "vit_b_16" { Torchvision => VisionTransformer(vit::VisionTransformer) }
}

impl Family {
    /// The family as that source defines it, where it does.
    pub(crate) fn of(self, source: Source) -> Option<Model> {
        Model::ALL
            .into_iter()
            .find(|model| (model.family(), model.source()) == (self, source))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
