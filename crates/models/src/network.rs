//! The table of families and the network that can be any of them.

use std::fmt;

use burn::module::Module;
use burn::tensor::Tensor;
use rand::Rng;

use crate::alexnet::AlexNet;
use crate::architecture::{Architecture, Grammar};
use crate::convnet::ConvNet;
use crate::efficientnet::EfficientNet;
use crate::initialise::Initialiser;
use crate::lenet::LeNet;
use crate::mlp::Mlp;
use crate::mobilenet_v2::MobileNetV2;
use crate::resnet::ResNet;
use crate::resnet_ap::ResNetAp;
use crate::shufflenet_v2::ShuffleNetV2;
use crate::source::Source;
use crate::spec::{InputShape, ModelError, ModelSpec};
use crate::swin::SwinTransformer;
use crate::torchvision_alexnet::TorchvisionAlexNet;
use crate::torchvision_resnet::TorchvisionResNet;
use crate::torchvision_vgg::TorchvisionVgg;
use crate::vgg::Vgg;
use crate::vit::VisionTransformer;

macro_rules! families {
    ($($(#[$doc:meta])* $family:ident = $text:literal {
        $($source:ident => $network:ident($architecture:ty)),+ $(,)?
    })+) => {
        /// The families of networks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Family {
            $($(#[$doc])* $family,)+
        }

        impl Family {
            /// All families.
            pub const ALL: [Self; [$(Self::$family),+].len()] = [$(Self::$family),+];

            /// How names spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$family => $text,)+
                }
            }

            /// Whose definitions of the family there are, at least one.
            #[must_use]
            pub const fn sources(self) -> &'static [Source] {
                match self {
                    $(Self::$family => &[$(Source::$source),+],)+
                }
            }

            /// What names of the family look like: all its sources understand the same ones.
            pub(crate) const fn grammar(self) -> Grammar {
                match self {
                    $(Self::$family => [$(<$architecture as Architecture>::GRAMMAR),+][0],)+
                }
            }

            /// Whether the options `width`, `activation` and `pooling` mean anything here.
            pub(crate) const fn has_options(self) -> bool {
                match self {
                    $(Self::$family => [$(<$architecture as Architecture>::HAS_OPTIONS),+][0],)+
                }
            }

            pub(crate) fn build<R: Rng + ?Sized>(
                self,
                spec: &ModelSpec,
                input: InputShape,
                classes: usize,
                initialiser: &mut Initialiser<'_, R>,
            ) -> Result<Network, ModelError> {
                match (self, spec.source) {
                    $($((Self::$family, Source::$source) => {
                        <$architecture as Architecture>::build(spec, input, classes, initialiser)
                            .map(Network::$network)
                    })+)+
                    #[allow(unreachable_patterns, reason = "families may come to exist from every source")]
                    _ => Err(ModelError::source(spec.name, spec.source)),
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
                #[doc = concat!("`", $text, "` of ", stringify!($source), ".")]
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

// One line a network: `source => variant(architecture)`, in braces behind its family and the family's name in model names.
families! {
    /// Plain stacks of 3×3 convolutions, the usual agent of dataset distillation.
    ConvNet = "ConvNet" { Ddranking => ConvNet(ConvNet) }
    /// Five convolutions with max pooling.
    AlexNet = "AlexNet" { Ddranking => AlexNet(AlexNet), Torchvision => TorchvisionAlexNet(TorchvisionAlexNet) }
    /// Two convolutions and three linear layers.
    LeNet = "LeNet" { Ddranking => LeNet(LeNet) }
    /// Three linear layers.
    Mlp = "MLP" { Ddranking => Mlp(Mlp) }
    /// Residual networks.
    ResNet = "ResNet" { Ddranking => ResNet(ResNet), Torchvision => TorchvisionResNet(TorchvisionResNet) }
    /// Residual networks with average pooling in the place of strides.
    ResNetAp = "ResNetAP" { Ddranking => ResNetAp(ResNetAp) }
    /// Deep stacks of 3×3 convolutions with max pooling.
    Vgg = "VGG" { Ddranking => Vgg(Vgg), Torchvision => TorchvisionVgg(TorchvisionVgg) }
    /// Inverted residual blocks, width 1.
    MobileNetV2 = "mobilenet_v2" { Torchvision => MobileNetV2(MobileNetV2) }
    /// Shuffled channels, half of the standard width.
    ShuffleNetV2 = "shufflenet_v2_x0_5" { Torchvision => ShuffleNetV2(ShuffleNetV2) }
    /// Inverted residual blocks with squeeze-and-excitation, size B0.
    EfficientNet = "efficientnet_b0" { Torchvision => EfficientNet(EfficientNet) }
    /// Attention in shifted windows, size T.
    Swin = "swin_t" { Torchvision => SwinTransformer(SwinTransformer) }
    /// Attention between patches of 16×16 pixels, size B.
    Vit = "vit_b_16" { Torchvision => VisionTransformer(VisionTransformer) }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
