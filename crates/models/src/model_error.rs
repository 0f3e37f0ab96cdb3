//! Models that cannot be built.

use thiserror::Error;

use crate::blueprint::{Blueprint, Misfit};
use crate::input_shape::InputShape;
use crate::name::ModelName;
use crate::options::{Source, Width};

/// A model that cannot be built from the given numbers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The source has no such model.
    #[error("{name}: there is none with source {source:?}; {what} exists with source {known}", source = asked.as_str())]
    Source {
        /// The model.
        name: ModelName,
        /// The source asked for.
        asked: Source,
        /// The family, or the name where it belongs to one source.
        what: String,
        /// The sources that have it.
        known: String,
    },
    /// An option of another family.
    #[error("{name}: {key} is an option of ConvNet models only; leave it out")]
    Option {
        /// The model.
        name: ModelName,
        /// The option: `width`, `activation` or `pooling`.
        key: &'static str,
    },
    /// Fewer than two classes.
    #[error("{name}: {classes} classes; a classifier needs at least 2")]
    Classes {
        /// The model.
        name: ModelName,
        /// The number asked for.
        classes: usize,
    },
    /// A width that is zero or too large.
    #[error("{name}: width {width}; it must be from 1 to {largest}", largest = Width::LARGEST)]
    Width {
        /// The model.
        name: ModelName,
        /// The width asked for.
        width: Width,
    },
    /// A width that does not divide into the groups of the normalisation.
    #[error(
        "{name}: width {width} cannot be divided into {groups} groups; use a multiple of {groups}"
    )]
    Groups {
        /// The model.
        name: ModelName,
        /// The width asked for.
        width: Width,
        /// The number of groups.
        groups: usize,
    },
    /// An image without channels, rows or columns.
    #[error("{name}: input of {input}; every number must be at least 1")]
    EmptyInput {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
    },
    /// Images that pooling shrinks to nothing.
    #[error(
        "{name}: {input} are too small for {poolings} poolings; both sides must be at least {minimum} pixels"
    )]
    TooSmall {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
        /// The number of 2×2 poolings.
        poolings: usize,
        /// The smallest side that works.
        minimum: usize,
    },
    /// More weights than can be held.
    #[error(
        "{name}: {weights} weights for {input}; at most {most} can be held",
        weights = counted(*weights),
        most = counted(*most)
    )]
    TooLarge {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
        /// The number of its weights.
        weights: u64,
        /// The most that are allowed.
        most: u64,
    },
    /// Images of a size that the architecture does not take.
    #[error("{name}: {input} do not fit; it takes images of {allowed}")]
    Size {
        /// The model.
        name: ModelName,
        /// The input asked for.
        input: InputShape,
        /// The sizes that work.
        allowed: &'static str,
    },
}

/// A large number in words: `12.9 billion`.
fn counted(number: u64) -> String {
    format!("{:.1} billion", number as f64 / 1e9)
}

impl ModelError {
    /// The misfit of an architecture under the name of the model.
    pub(crate) fn misfit(
        misfit: Misfit,
        name: ModelName,
        blueprint: &Blueprint,
        allowed: &'static str,
    ) -> Self {
        let (input, width) = (blueprint.input, blueprint.width);
        match misfit {
            Misfit::Size => Self::Size {
                name,
                input,
                allowed,
            },
            Misfit::TooSmall { poolings, minimum } => Self::TooSmall {
                name,
                input,
                poolings,
                minimum,
            },
            Misfit::Groups { groups } => Self::Groups {
                name,
                width,
                groups,
            },
        }
    }

    /// What there is where a source lacks the model.
    pub(crate) fn source(name: ModelName, source: Source) -> Self {
        let known: Vec<String> = name
            .sources()
            .iter()
            .map(|known| format!("{:?}", known.as_str()))
            .collect();
        Self::Source {
            name,
            asked: source,
            what: if name.sources() == name.family().sources() {
                name.family().to_string()
            } else {
                name.to_string()
            },
            known: known.join(" or "),
        }
    }
}
