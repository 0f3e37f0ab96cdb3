//! Why a checkpoint is not of a network: the likely cause, and the names that tell.

use std::fmt;

/// How many names a message shows.
const SHOWN: usize = 5;

/// A checkpoint none of whose places fits a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    causes: Vec<String>,
    /// The most telling names, each with what is the matter.
    telling: Vec<String>,
    /// How many more there are.
    more: usize,
}

impl std::error::Error for Misfit {}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the checkpoint does not fit the model")?;
        if !self.causes.is_empty() {
            write!(formatter, ": {}", self.causes.join(", and "))?;
        }
        for name in &self.telling {
            write!(formatter, "; {name}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(formatter, "; and {more} more"),
        }
    }
}

impl Misfit {
    pub(crate) fn new(
        causes: Vec<String>,
        shapes: Vec<(String, Vec<usize>, Vec<usize>)>,
        missing: Vec<String>,
        unexpected: Vec<String>,
    ) -> Self {
        let shape = |(name, own, there)| {
            format!("other shape: {name} (the model has {own:?}, the checkpoint {there:?})")
        };
        let mut lists = [
            shapes
                .into_iter()
                .map(shape)
                .collect::<Vec<_>>()
                .into_iter(),
            named("missing", missing),
            named("unexpected", unexpected),
        ];
        let count: usize = lists.iter().map(ExactSizeIterator::len).sum();
        let mut telling = Vec::new();
        // In turn, so that each kind is seen.
        while telling.len() < SHOWN.min(count) {
            telling.extend(lists.iter_mut().filter_map(Iterator::next));
        }
        telling.truncate(SHOWN);
        Self {
            causes,
            more: count - telling.len(),
            telling,
        }
    }

    /// Nothing has a name of the network.
    pub(crate) fn of_strangers<'a>(
        own: impl Iterator<Item = &'a str>,
        there: impl Iterator<Item = &'a str>,
    ) -> Self {
        let list = |names: &[&str]| -> Vec<String> {
            let named = |name: &&str| match *name {
                "" => "(a bare tensor)".to_owned(),
                name => name.to_owned(),
            };
            names.iter().map(named).collect()
        };
        let (own, there): (Vec<&str>, Vec<&str>) = (own.collect(), there.collect());
        Self::new(
            vec![another_architecture(0, own.len())],
            Vec::new(),
            list(&own),
            list(&there),
        )
    }
}

/// The cause where hardly a name is the network's.
pub(crate) fn another_architecture(common: usize, all: usize) -> String {
    format!(
        "it has {common} of the {all} names of this model, so it is another architecture, or has the names of other code"
    )
}

fn named(what: &str, names: Vec<String>) -> std::vec::IntoIter<String> {
    let names: Vec<String> = names.iter().map(|name| format!("{what}: {name}")).collect();
    names.into_iter()
}

/// How many tensors there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    convolutions: usize,
    matrices: usize,
    /// Scales of normalisations.
    scales: usize,
    /// Running means of batch normalisations.
    means: usize,
}

impl Inventory {
    pub(crate) fn of<'a>(tensors: impl Iterator<Item = (&'a str, &'a [usize])>) -> Self {
        let mut inventory = Self::default();
        for (name, shape) in tensors {
            let is_weight = name.ends_with(".weight");
            match shape.len() {
                4 => inventory.convolutions += 1,
                2 if is_weight => inventory.matrices += 1,
                1 if is_weight => inventory.scales += 1,
                1 if name.ends_with("running_mean") => inventory.means += 1,
                _ => {}
            }
        }
        inventory
    }
}

/// What is likely to be the matter: `shapes` are the network's and the checkpoint's, of names in both, in the order of the
/// network.
pub(crate) fn causes<'a>(
    own: &Inventory,
    there: &Inventory,
    shapes: impl Iterator<Item = (&'a str, &'a [usize], &'a [usize])>,
) -> Vec<String> {
    let mut causes = Vec::new();
    let count = |inventory: &Inventory| inventory.convolutions + inventory.matrices;
    if count(own) != count(there) {
        causes.push(format!(
            "it has another depth ({}, the model {})",
            layers(there),
            layers(own)
        ));
    }
    let kind = |inventory: &Inventory| match (inventory.scales, inventory.means) {
        (0, _) => "none",
        (_, 0) => "one without running statistics, as instance, group and layer normalisation",
        (..) => "batch normalisation",
    };
    if kind(own) != kind(there) {
        causes.push(format!(
            "it has another normalisation ({}; the model has {})",
            kind(there),
            kind(own)
        ));
    }
    let weights: Vec<_> = shapes.filter(|(_, own, _)| own.len() >= 2).collect();
    let mut is_narrow = false;
    if let Some(&(_, own, there)) = weights
        .first()
        .filter(|(_, own, there)| own.len() == there.len())
    {
        is_narrow = own[0] != there[0];
        if is_narrow {
            causes.push(format!(
                "the checkpoint has width {}, the model {}",
                there[0], own[0]
            ));
        }
        if own.len() == 4 && own[1] != there[1] {
            causes.push(format!(
                "it takes pictures of {} channels, the model of {}",
                there[1], own[1]
            ));
        }
        if own[2..] != there[2..] {
            causes.push(format!(
                "its first layer has another kernel ({}x{} instead of {}x{}), as another source or image size has",
                there[2], there[3], own[2], own[3]
            ));
        }
    }
    if let Some(&(name, own, there)) = weights.last()
        && weights.len() > 1
        && own.len() == 2
        && there.len() == 2
    {
        if own[0] != there[0] {
            causes.push(format!(
                "it has another number of classes ({}, the data {})",
                there[0], own[0]
            ));
        }
        if own[1] != there[1] && !is_narrow && causes.is_empty() {
            causes.push(format!(
                "{name} takes {} numbers, the model's {}, as with another image size, depth or width",
                there[1], own[1]
            ));
        }
    }
    causes
}

fn layers(inventory: &Inventory) -> String {
    format!(
        "{} convolutions and {} linear layers",
        inventory.convolutions, inventory.matrices
    )
}
