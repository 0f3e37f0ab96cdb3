//! Numbers of parameters, which the reference and torchvision print.

use burn::tensor::Device;
use ddrank_models::{ModelSpec, Source};

use crate::support::{build, pixels, spec};

#[test]
fn parameter_counts_of_the_reference() {
    // docs/reference.md, section 2.5.
    let device = Device::flex();
    for (name, side, classes, count) in [
        ("ConvNet-3", 32, 10, 320_010),
        ("ConvNet-3-BN", 32, 10, 320_010),
        ("ConvNet-3", 64, 200, 1_938_120),
        ("ConvNet-3", 128, 10, 627_210),
        ("ConvNet-4", 32, 10, 452_490),
        ("ConvNet-4-BN", 64, 200, 857_160),
        ("ConvNet-4", 128, 10, 529_290),
        ("ConvNet-6", 64, 200, 768_840),
        ("ConvNet-6", 224, 1000, 1_896_040),
        ("MLP", 32, 10, 411_146),
        ("MLP", 64, 200, 1_615_304),
        ("MLP", 128, 10, 6_309_386),
        ("LeNet", 32, 10, 62_006),
        ("LeNet", 64, 200, 78_156),
        ("AlexNet", 32, 10, 1_872_202),
        ("AlexNet", 64, 200, 2_456_072),
        ("VGG-11", 32, 10, 9_231_114),
        ("VGG-11-BN", 64, 200, 9_328_584),
        ("VGG-13-BN", 32, 10, 9_416_010),
        ("VGG-16-BN", 32, 10, 14_728_266),
        ("VGG-19-BN", 64, 200, 20_137_992),
        ("ResNet-18", 32, 10, 11_173_962),
        ("ResNet-18-BN", 64, 200, 11_271_432),
        ("ResNet-18-BN", 224, 1000, 11_681_832),
        ("ResNet-34-BN", 64, 200, 21_379_592),
        ("ResNet-50-BN", 32, 10, 23_520_842),
        ("ResNet-50", 64, 200, 23_910_152),
        // With 512 x 4 x 4 features and, at 64 pixels, 512 x 8 x 8.
        ("ResNetAP-18", 32, 10, 11_250_762),
        ("ResNetAP-18-BN", 64, 200, 17_722_632),
        // torchvision's ResNet-101 and 152 with this classifier and first convolution.
        ("ResNet-101-BN", 32, 10, 42_512_970),
        ("ResNet-152", 32, 10, 58_156_618),
    ] {
        let network = build(&spec(name, 128), pixels(side), classes, &device).unwrap();
        assert_eq!(network.parameter_count(), count, "{name} at {side} pixels");
    }
}

fn check_counts_of_torchvision(cases: &[(&str, usize, usize, usize, usize)]) {
    let device = Device::flex();
    for &(name, side, classes, count, buffers) in cases {
        let spec = ModelSpec {
            source: Source::Torchvision,
            ..spec(name, 128)
        };
        let network = build(&spec, pixels(side), classes, &device).unwrap();
        assert_eq!(network.parameter_count(), count, "{name} at {side} pixels");
        let all: usize = network
            .state_dict()
            .iter()
            .map(|(_, data)| data.num_elements())
            .sum();
        assert_eq!(all - count, buffers, "{name} at {side} pixels");
    }
}

#[test]
fn parameter_counts_of_torchvisions_resnets() {
    check_counts_of_torchvision(&[
        ("ResNet-18", 32, 10, 11_173_962, 9_620),
        // torchvision's own name: the 7x7 stem has 9,408 weights where the 3x3 one has 1,728.
        ("resnet18", 32, 10, 11_181_642, 9_620),
        ("resnet18", 64, 200, 11_279_112, 9_620),
        ("ResNet-18-BN", 128, 10, 11_181_642, 9_620),
        ("ResNet-34-BN", 32, 10, 21_282_122, 17_060),
        ("resnet34", 224, 1000, 21_797_672, 17_060),
        ("ResNet-50-BN", 128, 10, 23_528_522, 53_173),
        ("resnet50", 224, 1000, 25_557_032, 53_173),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_light_networks() {
    check_counts_of_torchvision(&[
        ("mobilenet_v2", 32, 10, 2_236_682, 34_164),
        ("mobilenet_v2", 64, 200, 2_480_072, 34_164),
        ("mobilenet_v2", 224, 1000, 3_504_872, 34_164),
        ("shufflenet_v2_x0_5", 32, 10, 352_042, 8_008),
        ("shufflenet_v2_x0_5", 64, 200, 546_792, 8_008),
        ("shufflenet_v2_x0_5", 224, 1000, 1_366_792, 8_008),
        ("efficientnet_b0", 32, 10, 4_020_358, 42_065),
        ("efficientnet_b0", 64, 200, 4_263_748, 42_065),
        ("efficientnet_b0", 224, 1000, 5_288_548, 42_065),
        ("swin_t", 64, 200, 27_673_154, 28_812),
        ("swin_t", 224, 1000, 28_288_354, 28_812),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_heavy_networks() {
    check_counts_of_torchvision(&[
        ("AlexNet", 32, 10, 57_023_242, 0),
        ("AlexNet", 64, 200, 57_801_672, 0),
        // 11 x 11 x 3 x 64 weights and 64 biases in the place of 3 x 3 x 3 x 64.
        ("alexnet", 64, 200, 57_823_240, 0),
        ("alexnet", 224, 1000, 61_100_840, 0),
        ("vit_b_16", 224, 1000, 86_567_656, 0),
    ]);
}

#[test]
fn parameter_counts_of_torchvisions_vggs() {
    check_counts_of_torchvision(&[
        ("VGG-11-BN", 64, 200, 129_591_240, 5_512),
        // From torchvision 0.29.2; DD-Ranking's VGGs share the table of convolutions.
        ("vgg19", 32, 10, 139_611_210, 0),
    ]);
}
