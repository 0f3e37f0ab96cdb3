//! Where a checkpoint holds the weights of a network: found by fit.
//!
//! Training scripts put state dicts into dictionaries and tuples, beside optimisers and counters, and wrappers put words
//! into names. Which words there are is not asked. A place is what stands in front of the network's own names; it fits if
//! every tensor of the network is found there with its shape.

use std::collections::{BTreeMap, BTreeSet};

use crate::misfit::{Inventory, Misfit, another_architecture, causes};
use crate::network::Network;
use crate::state_dict::is_counter;

/// Names and shapes.
pub(crate) type Shapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// A place in a checkpoint that holds all weights of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// What stands in front of the network's own names: `state_dict.module`, for example; often nothing.
    pub place: String,
    /// The checkpoint's name of each of the network's tensors. Counters may be absent.
    pub names: BTreeMap<String, String>,
    /// Names at that place that the network does not have and does not need, such as a profiler's counters.
    pub passed_over: Vec<String>,
}

impl Network {
    /// All places in a checkpoint, given by the names and shapes of its tensors, whose tensors are this network's.
    ///
    /// What lies beside the network's tensors is passed over if it cannot take part in what the network computes: single
    /// numbers, and tensors of modules that the network does not have. Any other tensor within the network's own modules
    /// means that the checkpoint is of another network.
    ///
    /// # Errors
    ///
    /// When no place fits: what is the matter with the one that comes closest.
    pub fn fits<'a>(
        &self,
        tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>,
    ) -> Result<Vec<Fit>, Misfit> {
        fits(&self.tensor_shapes(), &tensors.into_iter().collect())
    }
}

pub(crate) fn fits(
    expected: &[(String, Vec<usize>)],
    found: &Shapes<'_>,
) -> Result<Vec<Fit>, Misfit> {
    let own = Own::of(expected);
    let places = places(&own, found);
    let mut closest: Option<(usize, Misfit)> = None;
    let mut fitting = Vec::new();
    for (place, names) in places {
        let candidate = Candidate::new(&own, place, names, found);
        if candidate.is_whole() {
            fitting.push(candidate.fit());
            continue;
        }
        let common = candidate.names.len() - candidate.shapes.len();
        if closest.as_ref().is_none_or(|(best, _)| common > *best) {
            closest = Some((common, candidate.misfit(found)));
        }
    }
    match closest {
        _ if !fitting.is_empty() => Ok(fitting),
        Some((_, misfit)) => Err(misfit),
        None => Err(Misfit::of_strangers(
            expected.iter().map(|(name, _)| name.as_str()),
            found.keys().copied(),
        )),
    }
}

/// The network's own names.
struct Own<'a> {
    shapes: BTreeMap<&'a str, &'a [usize]>,
    /// All parts of names.
    parts: BTreeSet<&'a str>,
    /// The first parts of names, without digits at their end: `layer` of `layer1` to `layer4`.
    stems: BTreeSet<&'a str>,
    in_order: &'a [(String, Vec<usize>)],
}

impl<'a> Own<'a> {
    fn of(in_order: &'a [(String, Vec<usize>)]) -> Self {
        let names = || in_order.iter().map(|(name, _)| name.as_str());
        Self {
            shapes: in_order
                .iter()
                .map(|(name, shape)| (name.as_str(), shape.as_slice()))
                .collect(),
            parts: names().flat_map(|name| name.split('.')).collect(),
            stems: names().map(stem).collect(),
            in_order,
        }
    }
}

fn stem(name: &str) -> &str {
    let first = name.split('.').next().unwrap_or(name);
    first.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
}

fn is_one_number(shape: &[usize]) -> bool {
    shape.iter().product::<usize>() == 1
}

/// By place, the checkpoint's name of each of the network's names that is there.
fn places<'f>(own: &Own<'_>, found: &Shapes<'f>) -> BTreeMap<&'f str, BTreeMap<String, &'f str>> {
    // What lies directly within each part of the tree of names. Single numbers do not count: counters are anywhere.
    let mut within: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (&name, shape) in found {
        if is_one_number(shape) {
            continue;
        }
        let mut start = 0;
        for part in name.split('.') {
            let parent = &name[..start.max(1) - 1];
            within.entry(parent).or_default().insert(part);
            start += part.len() + 1;
        }
    }
    let mut places: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
    for &name in found.keys() {
        let mut start = 0;
        loop {
            if let Some(own_name) = without_wrappers(name, start, own, &within) {
                let place = &name[..start.max(1) - 1];
                places.entry(place).or_default().insert(own_name, name);
            }
            match name[start..].find('.') {
                Some(length) => start += length + 1,
                None => break,
            }
        }
    }
    places
}

/// The network's name that stands behind `start`, if one does.
///
/// A part that the network's names do not have is a wrapper's if it holds all that its parent holds, as `module` of
/// `features.module.0.weight` does. One with something beside it, such as an adapter, changes what is computed.
fn without_wrappers(
    name: &str,
    start: usize,
    own: &Own<'_>,
    within: &BTreeMap<&str, BTreeSet<&str>>,
) -> Option<String> {
    let rest = &name[start..];
    if own.shapes.contains_key(rest) {
        return Some(rest.to_owned());
    }
    let count = rest.split('.').count();
    let mut kept: Vec<&str> = Vec::with_capacity(count);
    let mut end = start;
    for (index, part) in rest.split('.').enumerate() {
        let parent = &name[..end.max(1) - 1];
        end += part.len() + 1;
        if own.parts.contains(part) {
            kept.push(part);
            continue;
        }
        let alone = || within.get(parent).is_none_or(|parts| parts.len() <= 1);
        if index == 0 || index + 1 == count || !alone() {
            return None;
        }
    }
    let name = kept.join(".");
    own.shapes.contains_key(name.as_str()).then_some(name)
}

/// What the network's tensors are at one place, and what is wrong there.
struct Candidate<'a> {
    own: &'a Own<'a>,
    place: &'a str,
    names: BTreeMap<String, &'a str>,
    missing: Vec<String>,
    /// Names whose shapes differ: the network's shape and the checkpoint's.
    shapes: Vec<(String, Vec<usize>, Vec<usize>)>,
    /// Tensors within the network's modules that it does not have.
    unexpected: Vec<String>,
    passed_over: Vec<String>,
}

impl<'a> Candidate<'a> {
    fn new(
        own: &'a Own<'a>,
        place: &'a str,
        names: BTreeMap<String, &'a str>,
        found: &Shapes<'a>,
    ) -> Self {
        let (mut missing, mut shapes) = (Vec::new(), Vec::new());
        for (name, shape) in own.in_order {
            let Some(there) = names.get(name) else {
                if !is_counter(name) {
                    missing.push(name.clone());
                }
                continue;
            };
            let there = found[there];
            let is_right = if is_counter(name) {
                is_one_number(there)
            } else {
                there == shape.as_slice()
            };
            if !is_right {
                shapes.push((name.clone(), shape.clone(), there.to_vec()));
            }
        }
        let used: BTreeSet<&str> = names.values().copied().collect();
        let (mut unexpected, mut passed_over) = (Vec::new(), Vec::new());
        for (&name, shape) in found {
            let Some(rest) = behind(name, place) else {
                continue;
            };
            if used.contains(name) {
                continue;
            }
            if own.stems.contains(stem(rest)) && !is_one_number(shape) {
                unexpected.push(rest.to_owned());
            } else {
                passed_over.push(name.to_owned());
            }
        }
        Self {
            own,
            place,
            names,
            missing,
            shapes,
            unexpected,
            passed_over,
        }
    }

    fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.shapes.is_empty() && self.unexpected.is_empty()
    }

    fn fit(self) -> Fit {
        Fit {
            place: self.place.to_owned(),
            names: self
                .names
                .into_iter()
                .map(|(own, name)| (own, name.to_owned()))
                .collect(),
            passed_over: self.passed_over,
        }
    }

    fn misfit(self, found: &Shapes<'_>) -> Misfit {
        let there = found.iter().filter_map(|(name, shape)| {
            let rest = behind(name, self.place)?;
            self.own
                .stems
                .contains(stem(rest))
                .then_some((rest, *shape))
        });
        let there = Inventory::of(there);
        let own = self.own.in_order.iter();
        let own = Inventory::of(own.map(|(name, shape)| (name.as_str(), shape.as_slice())));
        let shapes = self.own.in_order.iter().filter_map(|(name, shape)| {
            let there = found.get(self.names.get(name)?)?;
            Some((name.as_str(), shape.as_slice(), *there))
        });
        // A few common names, such as that of the classifier, say nothing about widths and depths.
        let (common, all) = (self.names.len(), self.own.in_order.len());
        let causes = if common * 4 < all {
            vec![another_architecture(common, all)]
        } else {
            causes(&own, &there, shapes)
        };
        Misfit::new(causes, self.shapes, self.missing, self.unexpected)
    }
}

/// What stands behind a place, if the name lies there.
fn behind<'n>(name: &'n str, place: &str) -> Option<&'n str> {
    if place.is_empty() {
        return Some(name);
    }
    name.strip_prefix(place)?.strip_prefix('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Vec<(String, Vec<usize>)> {
        [
            ("features.0.weight", vec![8, 3, 3, 3]),
            ("features.0.bias", vec![8]),
            ("features.1.weight", vec![8]),
            ("features.1.num_batches_tracked", vec![]),
            ("classifier.weight", vec![4, 32]),
        ]
        .map(|(name, shape)| (name.to_owned(), shape))
        .to_vec()
    }

    /// A checkpoint with the network's tensors under changed names, and others beside them.
    fn checkpoint(
        rename: impl Fn(&str) -> String,
        others: &[(&str, &[usize])],
    ) -> Vec<(String, Vec<usize>)> {
        let others = others
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), shape.to_vec()));
        let own = expected()
            .into_iter()
            .map(|(name, shape)| (rename(&name), shape));
        own.chain(others).collect()
    }

    fn fits_of(tensors: &[(String, Vec<usize>)]) -> Result<Vec<Fit>, Misfit> {
        let shapes = tensors
            .iter()
            .map(|(name, shape)| (name.as_str(), shape.as_slice()));
        fits(&expected(), &shapes.collect())
    }

    #[test]
    fn any_words_in_front_and_wrappers_within_are_a_place() {
        type Rename = Box<dyn Fn(&str) -> String>;
        let in_front =
            |words: &'static str| -> Rename { Box::new(move |name| format!("{words}{name}")) };
        let wrapped: Rename = Box::new(|name| name.replace("features.", "features.module."));
        let twice: Rename =
            Box::new(|name| format!("0.{}", name.replace("features.", "features.a.b.")));
        for (rename, place) in [
            (in_front(""), ""),
            (in_front("module."), "module"),
            (in_front("0."), "0"),
            (in_front("whatever.1.net_ema."), "whatever.1.net_ema"),
            (in_front("features."), "features"),
            (wrapped, ""),
            (twice, "0"),
        ] {
            let tensors = checkpoint(rename, &[("optimizer.state.0.momentum_buffer", &[8])]);
            let found = fits_of(&tensors).unwrap();
            assert_eq!(found.len(), 1, "{place}");
            assert_eq!((found[0].place.as_str(), found[0].names.len()), (place, 5));
        }
    }

    #[test]
    fn what_takes_no_part_is_passed_over_and_listed() {
        let beside: &[(&str, &[usize])] = &[
            ("n_averaged", &[]),
            ("module.total_ops", &[1]),
            ("module.features.0.total_ops", &[1]),
            ("module.criterion.centers", &[4, 32]),
        ];
        let found = fits_of(&checkpoint(|name| format!("module.{name}"), beside)).unwrap();
        assert_eq!(
            found[0].passed_over,
            [
                "module.criterion.centers",
                "module.features.0.total_ops",
                "module.total_ops"
            ]
        );
    }

    #[test]
    fn what_changes_the_computation_is_no_neighbour() {
        for name in [
            // A deeper network, a statistic of another normalisation, an adapter.
            "features.4.weight",
            "features.1.running_mean",
            "features.0.lora_A.weight",
            "classifier2.weight",
        ] {
            let misfit = fits_of(&checkpoint(str::to_owned, &[(name, &[8, 8])])).unwrap_err();
            assert!(
                misfit.to_string().contains(&format!("unexpected: {name}")),
                "{misfit}"
            );
        }
        // Weights behind a parametrisation are not the weights.
        let parametrised = |name: &str| match name {
            "features.0.weight" => "features.0.parametrizations.weight.original1".to_owned(),
            other => other.to_owned(),
        };
        assert!(fits_of(&checkpoint(parametrised, &[])).is_err());
        let adapted = |name: &str| name.replace("features.0.", "features.0.base_layer.");
        let beside: &[(&str, &[usize])] = &[("features.0.lora_A.weight", &[2, 3])];
        assert!(fits_of(&checkpoint(adapted, beside)).is_err());
    }

    #[test]
    fn every_place_that_fits_is_found() {
        let mut tensors = checkpoint(|name| format!("model.{name}"), &[]);
        tensors.extend(checkpoint(|name| format!("ema.module.{name}"), &[]));
        let places: Vec<String> = fits_of(&tensors)
            .unwrap()
            .into_iter()
            .map(|fit| fit.place)
            .collect();
        assert_eq!(places, ["ema.module", "model"]);
    }
}
