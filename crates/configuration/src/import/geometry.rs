//! One transform of torchvision and its arguments.

use super::document::{Node, Value};
use super::error::ImportError;
use super::keys::{number, whole};
use super::translation::Work;
use crate::template::{Named, Statistics};
use ddrank_keys::nearest;

/// What a transform is here.
pub(super) enum Operation {
    /// It changes nothing, or is done anyway.
    Nothing,
    Normalize(Statistics),
    /// The same for every image.
    Fixed(Named),
    /// Different for every image.
    Random(Named),
    /// A random crop with a border, whose colour depends on the statistics.
    PaddedCrop(Named),
    /// Noise, whose strength depends on the statistics.
    Noise(Named),
}

impl Operation {
    pub(super) fn into_named(self) -> Named {
        match self {
            Self::Nothing => Named::new("none"),
            Self::Normalize(_) => Named::new("normalize"),
            Self::Fixed(named)
            | Self::Random(named)
            | Self::PaddedCrop(named)
            | Self::Noise(named) => named,
        }
    }
}

/// The transforms that are read, with the names of their arguments in order.
const KNOWN: [(&str, &[&str]); 13] = [
    ("ToTensor", &[]),
    ("PILToTensor", &[]),
    ("ToImage", &[]),
    ("ToDtype", &["dtype", "scale"]),
    ("Normalize", &["mean", "std", "inplace"]),
    (
        "RandomResizedCrop",
        &["size", "scale", "ratio", "interpolation", "antialias"],
    ),
    ("RandomHorizontalFlip", &["p"]),
    (
        "RandomCrop",
        &["size", "padding", "pad_if_needed", "fill", "padding_mode"],
    ),
    (
        "Resize",
        &["size", "interpolation", "max_size", "antialias"],
    ),
    ("CenterCrop", &["size"]),
    ("GaussianNoise", &["mean", "sigma", "clip"]),
    ("ShufflePatches", &["factor"]),
    ("PatchShuffle", &["factor"]),
];

/// A transform's arguments by name.
struct Arguments<'w, 'a> {
    work: &'w Work<'a>,
    key: &'w str,
    item: &'a Node,
    name: &'a str,
    values: Vec<(&'static str, &'a Node)>,
}

/// What a transform is here.
pub(super) fn operation<'a>(
    work: &Work<'a>,
    key: &str,
    item: &'a Node,
    name: &'a str,
    args: Option<&'a Node>,
) -> Result<Operation, ImportError> {
    let arguments = Arguments::read(work, key, item, name, args)?;
    arguments.operation()
}

impl<'w, 'a> Arguments<'w, 'a> {
    fn read(
        work: &'w Work<'a>,
        key: &'w str,
        item: &'a Node,
        name: &'a str,
        args: Option<&'a Node>,
    ) -> Result<Self, ImportError> {
        let refuse = |message: String| work.keys.refuse(key, item, &message);
        let Some((_, names)) = KNOWN.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).collect();
            let hint = nearest(name, known.iter().copied())
                .map_or_else(String::new, |name| format!("; did you mean {name}?"));
            return Err(refuse(format!(
                "the transform {name:?} is not offered; read are {}{hint}",
                known.join(", ")
            )));
        };
        let mut values: Vec<(&'static str, &'a Node)> = Vec::new();
        match args.map(|node| &node.value) {
            None => {}
            Some(Value::List(items)) if items.len() <= names.len() => {
                values.extend(names.iter().copied().zip(items));
            }
            Some(Value::Table(entries)) => {
                for entry in entries {
                    let known = names.iter().find(|known| **known == entry.key);
                    let known = known
                        .ok_or_else(|| refuse(format!("{name} has no argument `{}`", entry.key)))?;
                    values.push((known, &entry.value));
                }
            }
            Some(other) => {
                return Err(refuse(format!(
                    "{name} takes the arguments {}, found {other}",
                    names.join(", ")
                )));
            }
        }
        values.retain(|(_, node)| node.value != Value::Null);
        Ok(Self {
            work,
            key,
            item,
            name,
            values,
        })
    }

    fn operation(&self) -> Result<Operation, ImportError> {
        match self.name {
            "Normalize" => Ok(Operation::Normalize(Statistics {
                mean: self.channels("mean")?,
                std: self.channels("std")?,
            })),
            "RandomResizedCrop" => {
                self.only_bilinear()?;
                let side = self.sides("size")?;
                let scale = self.pair("scale")?.unwrap_or([0.08, 1.0]);
                let mut crop = side
                    .into_option(Named::new("resize-crop"))
                    .with("scale", scale);
                if let Some(ratio) = self.pair("ratio")? {
                    crop = crop.with("ratio", ratio);
                }
                Ok(Operation::Random(crop))
            }
            "RandomHorizontalFlip" => {
                let p = self.number("p")?.unwrap_or(0.5);
                Ok(Operation::Random(Named::new("flip").with("p", p)))
            }
            "RandomCrop" => self.random_crop(),
            "Resize" => {
                self.only_bilinear()?;
                let side = self.sides("size")?;
                if self.values.iter().any(|(name, _)| *name == "max_size") {
                    return Err(self.refuse("max_size is not offered"));
                }
                Ok(Operation::Fixed(side.into_option(Named::new("resize"))))
            }
            "CenterCrop" => {
                let side = self.sides("size")?;
                Ok(Operation::Fixed(
                    side.into_option(Named::new("center-crop")),
                ))
            }
            "GaussianNoise" => {
                let noise = Named::new("gaussian-noise")
                    .with("mean", self.number("mean")?.unwrap_or(0.0))
                    .with("sigma", self.number("sigma")?.unwrap_or(0.1))
                    .with("clip", self.flag("clip")?.unwrap_or(true));
                Ok(Operation::Noise(noise))
            }
            "ShufflePatches" | "PatchShuffle" => {
                let factor = self.get("factor").and_then(|node| whole(&node.value));
                match factor {
                    Some(1) => Ok(Operation::Nothing),
                    Some(factor) if factor > 1 => Ok(Operation::Random(
                        Named::new("patch-shuffle").with("factor", factor),
                    )),
                    _ => Err(self.refuse("`factor` must be a whole number of at least 1")),
                }
            }
            _ => Ok(Operation::Nothing),
        }
    }

    fn random_crop(&self) -> Result<Operation, ImportError> {
        let side = self.sides("size")?;
        let padding = match self.get("padding") {
            None => 0,
            Some(node) => self
                .equal(node)
                .filter(|padding| *padding >= 0)
                .ok_or_else(|| {
                    self.refuse("`padding` must be one whole number, the same on all sides")
                })?,
        };
        if self.flag("pad_if_needed")? == Some(true) {
            return Err(self.refuse("pad_if_needed is not offered"));
        }
        if self.number("fill")?.is_some_and(|fill| fill != 0.0) {
            return Err(self.refuse("a `fill` other than 0 is not offered"));
        }
        if let Some(node) = self.get("padding_mode")
            && node.value != Value::Text("constant".to_owned())
        {
            return Err(self.refuse("a `padding_mode` other than constant is not offered"));
        }
        let crop = side
            .into_option(Named::new("random-crop"))
            .with("padding", padding);
        Ok(if padding == 0 {
            Operation::Random(crop)
        } else {
            Operation::PaddedCrop(crop)
        })
    }

    fn get(&self, name: &str) -> Option<&'a Node> {
        let (_, node) = self.values.iter().find(|(known, _)| *known == name)?;
        Some(node)
    }

    fn refuse(&self, message: &str) -> ImportError {
        let message = format!("{}: {message}", self.name);
        self.work.keys.refuse(self.key, self.item, &message)
    }

    fn number(&self, name: &str) -> Result<Option<f64>, ImportError> {
        self.get(name)
            .map(|node| {
                number(&node.value).ok_or_else(|| {
                    self.refuse(&format!(
                        "`{name}`: expected a number, found {}",
                        node.value
                    ))
                })
            })
            .transpose()
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, ImportError> {
        match self.get(name).map(|node| &node.value) {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(*flag)),
            Some(other) => {
                Err(self.refuse(&format!("`{name}`: expected true or false, found {other}")))
            }
        }
    }

    /// That images are resized as ddrank resizes them.
    fn only_bilinear(&self) -> Result<(), ImportError> {
        if self.flag("antialias")? == Some(false) {
            return Err(self
                .refuse("images are resized with antialiasing; antialias: false is not offered"));
        }
        match self.get("interpolation").map(|node| &node.value) {
            None | Some(Value::Whole(2)) => Ok(()),
            Some(Value::Text(text)) if text.eq_ignore_ascii_case("bilinear") => Ok(()),
            Some(other) => Err(self.refuse(&format!(
                "images are resized bilinearly; the interpolation {other} is not offered"
            ))),
        }
    }

    fn sides(&self, name: &str) -> Result<Side, ImportError> {
        let side = |node: &Node| whole(&node.value).filter(|side| (1..=8192).contains(side));
        let wrong = || {
            self.refuse(&format!(
                "`{name}` must be a whole number from 1 to 8192, or a list of height and width"
            ))
        };
        let node = self.get(name).ok_or_else(wrong)?;
        match &node.value {
            Value::List(items) => match items.as_slice() {
                [one] => side(one).map(Side::One).ok_or_else(wrong),
                [height, width] => match (side(height), side(width)) {
                    (Some(height), Some(width)) => Ok(Side::Both([height, width])),
                    _ => Err(wrong()),
                },
                _ => Err(wrong()),
            },
            _ => side(node).map(Side::One).ok_or_else(wrong),
        }
    }

    /// The number that all items of a list have, or the number itself.
    fn equal(&self, node: &Node) -> Option<i64> {
        match &node.value {
            Value::List(items) => {
                let first = whole(&items.first()?.value)?;
                let all = items.iter().all(|item| whole(&item.value) == Some(first));
                all.then_some(first)
            }
            value => whole(value),
        }
    }

    fn numbers<const N: usize>(&self, name: &str) -> Result<Option<[f64; N]>, ImportError> {
        let Some(node) = self.get(name) else {
            return Ok(None);
        };
        let values = match &node.value {
            Value::List(items) => items.iter().map(|item| number(&item.value)).collect(),
            _ => None,
        };
        values
            .and_then(|values: Vec<f64>| values.try_into().ok())
            .map(Some)
            .ok_or_else(|| self.refuse(&format!("`{name}` must be a list of {N} numbers")))
    }

    fn pair(&self, name: &str) -> Result<Option<[f64; 2]>, ImportError> {
        self.numbers(name)
    }

    fn channels(&self, name: &str) -> Result<[f64; 3], ImportError> {
        self.numbers(name)?
            .ok_or_else(|| self.refuse(&format!("`{name}` is missing")))
    }
}

/// A `size` argument.
#[derive(Clone, Copy)]
enum Side {
    One(i64),
    Both([i64; 2]),
}

impl Side {
    fn into_option(self, named: Named) -> Named {
        match self {
            Self::One(side) => named.with("size", side),
            Self::Both(sides) => named.with("size", sides),
        }
    }
}
