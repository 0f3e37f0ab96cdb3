//! CutMix, Mixup and the image transforms against recorded runs of the reference, torchvision and Pillow.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{
    CenterCrop, CropBox, CutMix, CutMixDraws, Mixup, MixupDraws, Normalize, PatchShuffle,
    RandomCrop, RandomCropDraws, Resize, ResizeCrop, Size, StripOrders, Transform,
};
use ddrank_tests::golden::{Case, GoldenSet, Tally, load};
use serde::Deserialize;
use serde_json::Value;

/// A batch `[1, 3, height, width]` of a recorded picture `[height, width, 3]`, as bytes or divided by 255.
fn picture(set: &GoldenSet, case: &Case, scale: f32, device: &Device) -> Tensor<4> {
    let image = set.input(case, "image").unwrap();
    let [height, width, channels] = image.dims::<3>().unwrap();
    let values: Vec<f32> = image.floats().iter().map(|value| value / scale).collect();
    let image = Tensor::<3>::from_data(TensorData::new(values, [height, width, channels]), device);
    image.permute([2, 0, 1]).unsqueeze()
}

fn batch(set: &GoldenSet, case: &Case, device: &Device) -> Tensor<4> {
    let images = set.input(case, "x").unwrap();
    match images.shape.len() {
        4 => Tensor::from_data(
            TensorData::new(images.floats(), images.dims::<4>().unwrap()),
            device,
        ),
        _ => {
            let shape = images.dims::<3>().unwrap();
            Tensor::<3>::from_data(TensorData::new(images.floats(), shape), device).unsqueeze()
        }
    }
}

fn floats(images: Tensor<4>) -> Vec<f32> {
    images.into_data().try_to_vec().unwrap()
}

/// The layout of 8-bit results: `[height, width, 3]`, rounded.
fn bytes(images: Tensor<4>) -> Vec<f32> {
    let values: Vec<f32> = images
        .permute([0, 2, 3, 1])
        .into_data()
        .try_to_vec()
        .unwrap();
    values
        .iter()
        .map(|value| value.round().clamp(0.0, 255.0))
        .collect()
}

fn size(value: &Value) -> Size {
    match value {
        Value::Array(sides) => Size::Exact {
            height: sides[0].as_u64().unwrap() as usize,
            width: sides[1].as_u64().unwrap() as usize,
        },
        one => Size::Side(one.as_u64().unwrap() as usize),
    }
}

fn number(case: &Case, key: &str) -> usize {
    case.params[key].as_u64().unwrap() as usize
}

fn list<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    T::deserialize(value).unwrap()
}

fn compare(tally: &mut Tally, set: &GoldenSet, case: &Case, got: &[f32]) {
    tally.compare(set, case, "y", got).unwrap();
}

fn mixing(tally: &mut Tally, set: &GoldenSet, case: &Case, device: &Device) {
    let op = case.params["op"].as_str().unwrap();
    if !["cutmix", "mixup"].contains(&op) {
        return;
    }
    let images = batch(set, case, device);
    let partners = set.input(case, "perm").unwrap().integers();
    let lambda = case.params["lambda"].as_f64().unwrap();
    let mixed = if op == "mixup" {
        Mixup::new(1.0)
            .unwrap()
            .apply(images, &MixupDraws { lambda, partners })
    } else {
        let draws = CutMixDraws {
            lambda,
            partners,
            row: number(case, "centre_dim2"),
            column: number(case, "centre_dim3"),
        };
        let [_, _, height, width] = images.dims();
        let [rows, columns] = draws.cut(height, width);
        let recorded: [usize; 4] = list(&case.params["box_dim2_from_dim2_to_dim3_from_dim3_to"]);
        assert_eq!(
            [rows.start, rows.end, columns.start, columns.end],
            recorded,
            "{}",
            case.id
        );
        CutMix::new(1.0).unwrap().apply(images, &draws)
    };
    compare(tally, set, case, &floats(mixed));
}

fn transforms(tally: &mut Tally, set: &GoldenSet, case: &Case, device: &Device) {
    let params = &case.params;
    let is_bytes = case.id.contains("_image_");
    let scale = if is_bytes { 1.0 } else { 255.0 };
    let finish = |images| {
        if is_bytes {
            bytes(images)
        } else {
            floats(images)
        }
    };
    let got = match params["op"].as_str().unwrap() {
        "resize" => {
            let resize = Resize::new(size(&params["size"])).unwrap();
            finish(resize.apply(picture(set, case, scale, device), &()))
        }
        "random_resized_crop" => {
            let crop = ResizeCrop::new(
                size(&params["size"]),
                list(&params["scale"]),
                list(&params["ratio"]),
            );
            let place = CropBox {
                top: number(case, "top"),
                left: number(case, "left"),
                height: number(case, "height"),
                width: number(case, "width"),
            };
            finish(
                crop.unwrap()
                    .apply(picture(set, case, scale, device), &vec![place]),
            )
        }
        "center_crop" => {
            let crop = CenterCrop::new(size(&params["size"])).unwrap();
            bytes(crop.apply(picture(set, case, 1.0, device), &()))
        }
        "random_crop" => {
            let crop = RandomCrop::new(size(&params["size"]), number(case, "padding")).unwrap();
            let draws = RandomCropDraws {
                top: vec![number(case, "top_in_padded")],
                left: vec![number(case, "left_in_padded")],
            };
            bytes(crop.apply(picture(set, case, 1.0, device), &draws))
        }
        "to_tensor_normalize" => {
            let normalize = Normalize::new(list(&params["mean"]), list(&params["std"])).unwrap();
            floats(normalize.apply(picture(set, case, 255.0, device), &()))
        }
        "shuffle_patches" => {
            let shuffle = PatchShuffle::new(number(case, "factor")).unwrap();
            let orders = StripOrders {
                width: list(&params["order_along_width"]),
                height: list(&params["order_along_height"]),
            };
            floats(shuffle.apply(batch(set, case, device), &vec![orders]))
        }
        "pipeline" => {
            let normalize = Normalize::new(list(&params["mean"]), list(&params["std"])).unwrap();
            let images = picture(set, case, 255.0, device);
            let exact = |side| Size::Exact {
                height: side,
                width: side,
            };
            let (resize, crop, is_first) = match case.id.as_str() {
                "pipeline_imagenet_default" => (exact(64), 64, true),
                "pipeline_val_8_7" => (Size::Side(72), 64, false),
                "pipeline_val_8_7_32" => (Size::Side(32), 32, false),
                _ => return tally.not_covered(case, "an unknown chain"),
            };
            let resize = Resize::new(resize).unwrap();
            let crop = CenterCrop::new(Size::Side(crop)).unwrap();
            floats(if is_first {
                crop.apply(resize.apply(normalize.apply(images, &()), &()), &())
            } else {
                normalize.apply(crop.apply(resize.apply(images, &()), &()), &())
            })
        }
        "random_resized_crop_params" => return boxes(case),
        other => return tally.not_covered(case, format!("operation {other}")),
    };
    compare(tally, set, case, &got);
}

/// How boxes follow from attempts.
fn boxes(case: &Case) {
    #[derive(Deserialize)]
    struct Recorded {
        image_height: usize,
        image_width: usize,
        scale: [f64; 2],
        ratio: [f64; 2],
        area_fraction_and_log_ratio_draws: Vec<f64>,
        top: usize,
        left: usize,
        height: usize,
        width: usize,
        fell_back_to_centre: bool,
    }
    let recorded: Vec<Recorded> = list(&case.expected);
    assert!(recorded.iter().any(|each| each.fell_back_to_centre));
    for (index, each) in recorded.iter().enumerate() {
        let crop = ResizeCrop::new(Size::Side(32), each.scale, each.ratio).unwrap();
        let image = [each.image_height, each.image_width];
        let attempts: Vec<_> = each
            .area_fraction_and_log_ratio_draws
            .chunks(2)
            .map(|pair| crop.sides(image, pair[0], pair[1]))
            .collect();
        let (last, earlier) = attempts.split_last().unwrap();
        assert!(
            earlier.iter().all(Option::is_none),
            "entry {index}: an earlier attempt fits"
        );
        let sides = last.unwrap_or_else(|| {
            let centred = crop.centred(image);
            assert!(each.fell_back_to_centre, "entry {index}");
            assert_eq!(attempts.len(), 10, "entry {index}");
            assert_eq!(
                [centred.top, centred.left],
                [each.top, each.left],
                "entry {index}"
            );
            [centred.height, centred.width]
        });
        assert_eq!(last.is_none(), each.fell_back_to_centre, "entry {index}");
        assert_eq!(sides, [each.height, each.width], "entry {index}");
    }
}

fn tally_on(device: &Device) -> Tally {
    let mut tally = Tally::new();
    for set in &load().unwrap() {
        for case in set.cases("augment") {
            mixing(&mut tally, set, case, device);
        }
        for case in set.cases("transforms") {
            transforms(&mut tally, set, case, device);
        }
    }
    tally
}

fn check(device: &Device) {
    let tally = tally_on(device);
    println!("{tally}");
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}

#[test]
fn recorded_pictures_are_reproduced() {
    check(&Device::flex());
}

#[test]
fn recorded_pictures_are_reproduced_on_the_autodiff_device() {
    check(&Device::flex().autodiff());
}
