//! The augmentation of whole batches: `data_aug_func` and `aug_params`.

use super::document::{Entry, Value};
use super::error::ImportError;
use super::keys::number;
use super::translation::Work;
use crate::template::Named;
use ddrank_keys::nearest;

/// DSA's options and their usual strengths, and the name that older files have.
const DSA: [(&str, f64, &str); 8] = [
    ("flip", 0.5, "prob_flip"),
    ("rotate", 15.0, "ratio_rotate"),
    ("saturation", 2.0, "saturation"),
    ("brightness", 1.0, "brightness"),
    ("contrast", 0.5, "contrast"),
    ("scale", 1.2, "ratio_scale"),
    ("crop", 0.125, "ratio_crop_pad"),
    ("cutout", 0.5, "ratio_cutout"),
];

/// An augmentation's option: DD-Ranking's name, ddrank's, its default and its older name.
struct Known {
    key: &'static str,
    here: &'static str,
    default: f64,
    older: &'static str,
}

fn known(name: &str) -> Vec<Known> {
    match name {
        "cutmix" => vec![Known {
            key: "beta",
            here: "beta",
            default: 1.0,
            older: "cutmix_p",
        }],
        "mixup" => vec![Known {
            key: "lambda",
            here: "alpha",
            default: 1.0,
            older: "mixup_p",
        }],
        _ => DSA
            .into_iter()
            .map(|(key, default, older)| Known {
                key,
                here: key,
                default,
                older,
            })
            .collect(),
    }
}

/// The batch augmentation, if there is one.
pub(super) fn batch_augmentation(work: &mut Work<'_>) -> Result<Option<Named>, ImportError> {
    let choices = [
        ("dsa", Some("dsa")),
        ("cutmix", Some("cutmix")),
        ("mixup", Some("mixup")),
        ("none", None),
        ("zca", Some("zca")),
    ];
    let options = options(work)?;
    let chosen = work.keys.choice("data_aug_func", &choices)?.flatten();
    let Some(name) = chosen else {
        if !options.is_empty() {
            work.say("`aug_params` is left out: there is no `data_aug_func`");
        }
        return Ok(None);
    };
    if let ("zca", Some(node)) = (name, work.keys.get("data_aug_func")) {
        let message = "whitening every batch by itself is not offered, it does not match the test images; use_zca: true whitens all images alike";
        return Err(work.keys.refuse("data_aug_func", node, message));
    }
    let known = known(name);
    for entry in options {
        let fits = |known: &Known| entry.key == known.key || entry.key == known.older;
        if !known.iter().any(fits) {
            let names: Vec<&str> = known.iter().map(|known| known.key).collect();
            let hint = nearest(&entry.key, names.iter().copied())
                .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            let message = format!(
                "`{}` is no option of {name}, which has {}{hint}",
                entry.key,
                names.join(", ")
            );
            return Err(work.keys.refuse("aug_params", &entry.value, &message));
        }
    }
    let mut augmentation = Named::new(name);
    for option in known {
        let given = options
            .iter()
            .find(|entry| entry.key == option.key || entry.key == option.older);
        let value = match given {
            Some(entry) => {
                if entry.key != option.key {
                    work.say(format!(
                        "`aug_params.{}` is an older name of `{}`",
                        entry.key, option.key
                    ));
                }
                strength(work, entry)?
            }
            None => {
                work.defaulted(&format!("aug_params.{}", option.key), option.default);
                option.default
            }
        };
        augmentation = augmentation.with(option.here, value);
    }
    Ok(Some(augmentation))
}

fn options<'a>(work: &Work<'a>) -> Result<&'a [Entry], ImportError> {
    match work.keys.get("aug_params") {
        None => Ok(&[]),
        Some(node) => match &node.value {
            Value::Table(entries) => Ok(entries),
            other => {
                let message = format!("expected a mapping of options, found {other}");
                Err(work.keys.refuse("aug_params", node, &message))
            }
        },
    }
}

fn strength(work: &Work<'_>, entry: &Entry) -> Result<f64, ImportError> {
    number(&entry.value.value).ok_or_else(|| {
        let message = format!(
            "`{}`: expected a number, found {}",
            entry.key, entry.value.value
        );
        work.keys.refuse("aug_params", &entry.value, &message)
    })
}
