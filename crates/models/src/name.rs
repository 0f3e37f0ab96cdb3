//! The names of models: `FAMILY[-DEPTH[-NORM]]`, or torchvision's own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::architecture::Spelling;
use crate::network::{Family, Model};
use crate::normalisation::Normalisation;
use crate::options::Source;

/// A model's name, for example `ConvNet-3` or `ConvNet-4-BN`.
///
/// The grammar is `FAMILY[-DEPTH[-NORM]]`, and every part is checked. torchvision's own names (`resnet18`, `vgg11_bn`,
/// `mobilenet_v2`) are names too; they mean the networks of torchvision, without the changes that DD-Ranking makes to them
/// for small images (those have DD-Ranking's names and the source `torchvision`). The Python reference ignores what it does not
/// know in the third part and builds networks without layers for a missing depth; here both are errors.
/// [`Display`](fmt::Display) writes the shortest name that parses to the same model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelName {
    family: Family,
    depth: Option<usize>,
    normalisation: Normalisation,
    /// torchvision's own name, where it is written so. It is part of the model: `alexnet` and `AlexNet` mean networks of
    /// different sources.
    own: Option<Spelling>,
}

impl ModelName {
    /// The family of networks.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The depth in the name; `None` for families without one.
    #[must_use]
    pub const fn depth(&self) -> Option<usize> {
        self.depth
    }

    /// The normalisation, the family's default when the name says nothing.
    #[must_use]
    pub const fn normalisation(&self) -> Normalisation {
        self.normalisation
    }

    /// Whose definitions of the model there are, at least one; the first one is meant where nothing else is said.
    ///
    /// `ResNet-18` exists from both sources, `resnet18` only from torchvision.
    #[must_use]
    pub const fn sources(&self) -> &'static [Source] {
        if self.own.is_some() {
            &[Source::Torchvision]
        } else {
            self.family.sources()
        }
    }

    /// Whether it is torchvision's own name: `resnet18`, not `ResNet-18`. Such names mean torchvision's networks as they
    /// are; DD-Ranking changes their first layers for small images only where its own names ask for them.
    #[must_use]
    pub const fn is_torchvisions(&self) -> bool {
        self.own.is_some()
    }

    /// The source that is meant where nothing else is said.
    #[must_use]
    pub fn default_source(&self) -> Source {
        self.sources().first().copied().unwrap_or_default()
    }
}

impl FromStr for ModelName {
    type Err = ModelNameError;

    fn from_str(text: &str) -> Result<Self, ModelNameError> {
        if let Some((family, own)) = own_names().find(|(_, own)| own.text == text) {
            return Ok(Self {
                family,
                depth: own.depth,
                normalisation: own.normalisation,
                own: Some(own),
            });
        }
        let mut parts = text.split('-');
        let family = parts.next().unwrap_or_default();
        let family = Family::ALL
            .into_iter()
            .find(|known| known.as_str() == family)
            .ok_or_else(|| ModelNameError::Family {
                name: text.to_owned(),
                found: family.to_owned(),
                known: listed(Family::ALL),
                torchvision: listed(own_names().map(|(_, own)| own.text)),
            })?;
        let grammar = family.definition();
        let depth = if grammar.depths.is_empty() {
            None
        } else {
            let found = parts.next();
            let depth = grammar
                .depths
                .iter()
                .copied()
                .find(|depth| Some(depth.to_string().as_str()) == found);
            Some(depth.ok_or_else(|| ModelNameError::Depth {
                name: text.to_owned(),
                family,
                found: found.map(str::to_owned),
                known: listed(grammar.depths.iter().copied()),
            })?)
        };
        let normalisation = match parts.next() {
            None => grammar.normalisations.first().copied(),
            Some(found) => Some(
                grammar
                    .normalisations
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == found)
                    .ok_or_else(|| ModelNameError::Normalisation {
                        name: text.to_owned(),
                        family,
                        found: found.to_owned(),
                        known: listed(grammar.normalisations.iter().copied()),
                    })?,
            ),
        };
        if let Some(found) = parts.next() {
            return Err(ModelNameError::Trailing {
                name: text.to_owned(),
                found: found.to_owned(),
            });
        }
        Ok(Self {
            family,
            depth,
            normalisation: normalisation.unwrap_or(Normalisation::None),
            own: None,
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(own) = self.own {
            return formatter.write_str(own.text);
        }
        formatter.write_str(self.family.as_str())?;
        if let Some(depth) = self.depth {
            write!(formatter, "-{depth}")?;
        }
        match self.family.definition().normalisations.first() {
            Some(default) if *default != self.normalisation => {
                write!(formatter, "-{}", self.normalisation)
            }
            _ => Ok(()),
        }
    }
}

impl TryFrom<String> for ModelName {
    type Error = ModelNameError;

    fn try_from(text: String) -> Result<Self, ModelNameError> {
        text.parse()
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.to_string()
    }
}

/// torchvision's own names with the families that they belong to, in the order in which messages list them.
fn own_names() -> impl Iterator<Item = (Family, Spelling)> {
    Model::ALL.into_iter().flat_map(|model| {
        let spellings = model.definition().spellings;
        spellings.iter().map(move |own| (model.family(), *own))
    })
}

/// A name that names no model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelNameError {
    /// The family does not exist.
    #[error(
        "model name {name:?}: there is no family {found:?}; known families: {known}; \
             torchvision's names: {torchvision}"
    )]
    Family {
        /// The whole name.
        name: String,
        /// What stands where the family should.
        found: String,
        /// The families that exist.
        known: String,
        /// The names of torchvision that exist and are no families.
        torchvision: String,
    },
    /// The depth is missing or does not exist in this family.
    #[error("model name {name:?}: {} for the depth of {family}; it can be {known} (as in {family}-{})",
        found.as_ref().map_or_else(|| "nothing is given".to_owned(), |found| format!("{found:?} is no choice")),
        known.split(',').next().unwrap_or_default())]
    Depth {
        /// The whole name.
        name: String,
        /// The family.
        family: Family,
        /// What stands where the depth should.
        found: Option<String>,
        /// The depths that exist.
        known: String,
    },
    /// The normalisation does not exist in this family.
    #[error("model name {name:?}: {family} has no normalisation {found:?}; it can be {known}")]
    Normalisation {
        /// The whole name.
        name: String,
        /// The family.
        family: Family,
        /// What stands where the normalisation should.
        found: String,
        /// The normalisations that exist.
        known: String,
    },
    /// Something follows the last part.
    #[error("model name {name:?}: {found:?} is one part too many; a name is FAMILY[-DEPTH[-NORM]]")]
    Trailing {
        /// The whole name.
        name: String,
        /// The superfluous part.
        found: String,
    },
}

fn listed<T: fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    values
        .into_iter()
        .map(|value| value.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
