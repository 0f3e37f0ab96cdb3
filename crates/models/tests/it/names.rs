//! The grammar of model names.

use ddrank_models::{Family, ModelName, ModelSpec, Normalisation, Source};
use proptest::prelude::*;

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

#[test]
fn names_of_the_reference() {
    assert_eq!(name("ConvNet-3").family(), Family::ConvNet);
    assert_eq!(name("ConvNet-3").depth(), Some(3));
    assert_eq!(name("ConvNet-3").normalisation(), Normalisation::Instance);
    assert_eq!(name("ConvNet-4-BN").normalisation(), Normalisation::Batch);
    assert_eq!(name("ConvNet-3-IN"), name("ConvNet-3"));
    assert_eq!(name("ConvNet-3-IN").to_string(), "ConvNet-3");
    assert_eq!(name("MLP").family(), Family::Mlp);
    assert_eq!(name("ResNet-18-BN").normalisation(), Normalisation::Batch);
    assert_eq!(name("ResNet-50").normalisation(), Normalisation::Instance);
    assert_eq!(name("VGG-19-BN").to_string(), "VGG-19-BN");
    assert_eq!(name("LeNet").depth(), None);
    assert_eq!(name("AlexNet").to_string(), "AlexNet");
    assert_eq!(name("ConvNet-6-NONE").to_string(), "ConvNet-6-NONE");
}

#[test]
fn names_of_torchvision() {
    for (text, family, depth, normalisation) in [
        ("resnet18", Family::ResNet, Some(18), Normalisation::Batch),
        ("resnet152", Family::ResNet, Some(152), Normalisation::Batch),
        ("vgg11", Family::Vgg, Some(11), Normalisation::None),
        ("vgg19_bn", Family::Vgg, Some(19), Normalisation::Batch),
        ("alexnet", Family::AlexNet, None, Normalisation::None),
        (
            "mobilenet_v2",
            Family::MobileNetV2,
            None,
            Normalisation::Batch,
        ),
        (
            "shufflenet_v2_x0_5",
            Family::ShuffleNetV2,
            None,
            Normalisation::Batch,
        ),
        (
            "efficientnet_b0",
            Family::EfficientNet,
            None,
            Normalisation::Batch,
        ),
        ("swin_t", Family::Swin, None, Normalisation::Layer),
        ("vit_b_16", Family::Vit, None, Normalisation::Layer),
    ] {
        let parsed = name(text);
        assert_eq!(parsed.family(), family, "{text}");
        assert_eq!(parsed.depth(), depth, "{text}");
        assert_eq!(parsed.normalisation(), normalisation, "{text}");
        assert_eq!(parsed.sources(), [Source::Torchvision], "{text}");
        assert_eq!(parsed.to_string(), text);
        assert_eq!(ModelSpec::new(parsed).source, Source::Torchvision, "{text}");
    }
    assert_ne!(name("alexnet"), name("AlexNet"));
    assert_eq!(name("AlexNet").default_source(), Source::Ddranking);
    assert_eq!(
        name("ResNet-18").sources(),
        [Source::Ddranking, Source::Torchvision]
    );
    for text in [
        "Resnet18",
        "resnet20",
        "resnet18_bn",
        "vgg11-bn",
        "alexnet2",
        "mobilenetv2",
        "swin_t-7",
        "resnet-18",
    ] {
        assert!(text.parse::<ModelName>().is_err(), "{text}");
    }
}

#[test]
fn what_names_nothing_is_refused_with_what_exists() {
    for (text, message) in [
        (
            "Convnet-3",
            r#"model name "Convnet-3": there is no family "Convnet"; known families: "#,
        ),
        ("", r#"model name "": there is no family """#),
        (
            "resnet20",
            "MLP, ResNet, ResNetAP, VGG, mobilenet_v2, shufflenet_v2_x0_5, efficientnet_b0, swin_t, vit_b_16;",
        ),
        (
            "resnet20",
            "torchvision's names: alexnet, resnet18, resnet34, resnet50, resnet101, resnet152, vgg11, vgg13,",
        ),
        (
            "ConvNet",
            r#"model name "ConvNet": nothing is given for the depth of ConvNet; it can be 1, 2, 3, 4, 5, 6 (as in ConvNet-1)"#,
        ),
        (
            "ConvNet-7",
            r#"model name "ConvNet-7": "7" is no choice for the depth of ConvNet; it can be 1, 2"#,
        ),
        ("ConvNet-+3", r#""+3" is no choice"#),
        ("ConvNet-03", r#""03" is no choice"#),
        ("ConvNet-", r#""" is no choice"#),
        (
            "ConvNet-3-bn",
            r#"ConvNet has no normalisation "bn"; it can be IN, BN, LN, GN, NONE"#,
        ),
        ("ConvNet-3-", r#"ConvNet has no normalisation """#),
        ("MLP-3", r#"MLP has no normalisation "3"; it can be NONE"#),
        (
            "ConvNet-3-BN-x",
            r#""x" is one part too many; a name is FAMILY[-DEPTH[-NORM]]"#,
        ),
    ] {
        let error = text.parse::<ModelName>().unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nshould say\n{message}");
    }
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in ".{0,24}") {
        if let Ok(parsed) = text.parse::<ModelName>() {
            prop_assert_eq!(parsed.to_string().parse::<ModelName>().unwrap(), parsed);
        }
    }

    #[test]
    fn printing_and_parsing_agree(depth in 1_usize..=6, norm in 0_usize..5) {
        let norm = Normalisation::ALL[norm];
        let parsed = name(&format!("ConvNet-{depth}-{norm}"));
        prop_assert_eq!((parsed.depth(), parsed.normalisation()), (Some(depth), norm));
        prop_assert_eq!(name(&parsed.to_string()), parsed);
    }
}
