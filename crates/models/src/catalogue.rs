//! What documentation says about the models.

use crate::network::{Family, Model};
use crate::normalisation::Normalisation;
use crate::options::Source;
use crate::paper::Paper;

/// A family as one source defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelDescription {
    /// The family.
    pub family: Family,
    /// Whose definition it is.
    pub source: Source,
    /// What its names look like, for example `ConvNet-<depth>[-IN|-BN|-LN|-GN|-NONE]`, the default normalisation first;
    /// a normalisation that the name cannot choose is not in it.
    pub grammar: String,
    /// torchvision's own names for the same models; empty where the family's word is torchvision's.
    pub own_names: Vec<&'static str>,
    /// The depths that names can have, in ascending order; empty where they have none.
    pub depths: &'static [usize],
    /// The normalisations that names can have, the default first.
    pub normalisations: &'static [Normalisation],
    /// Whether the options `width`, `activation` and `pooling` mean anything.
    pub has_options: bool,
    /// The network in a sentence.
    pub summary: &'static str,
    /// The sizes of images that it takes.
    pub images: &'static str,
    /// What is left out by chance in training.
    pub chance: &'static str,
    /// Where it was published.
    pub paper: Paper,
}

/// All models, in the order of the table: what a list for readers is written from.
///
/// ```
/// let models = ddrank_models::models();
/// assert_eq!(models[0].grammar, "ConvNet-<depth>[-IN|-BN|-LN|-GN|-NONE]");
/// assert_eq!(models[0].paper.arxiv, Some("1804.09458"));
/// assert!(models.iter().any(|model| model.own_names.contains(&"vgg11_bn")));
/// ```
#[must_use]
pub fn models() -> Vec<ModelDescription> {
    Model::ALL.into_iter().map(describe).collect()
}

fn describe(model: Model) -> ModelDescription {
    let definition = model.definition();
    let (depths, normalisations) = (definition.depths, definition.normalisations);
    let mut grammar = model.family().to_string();
    if !depths.is_empty() {
        grammar.push_str("-<depth>");
    }
    // A single normalisation can be written and says nothing.
    if normalisations.len() > 1 {
        let words: Vec<String> = normalisations
            .iter()
            .map(|norm| format!("-{norm}"))
            .collect();
        grammar.push_str(&format!("[{}]", words.join("|")));
    }
    ModelDescription {
        family: model.family(),
        source: model.source(),
        grammar,
        own_names: definition.spellings.iter().map(|own| own.text).collect(),
        depths,
        normalisations,
        has_options: definition.has_options,
        summary: definition.summary,
        images: definition.images,
        chance: definition.chance,
        paper: definition.paper,
    }
}
