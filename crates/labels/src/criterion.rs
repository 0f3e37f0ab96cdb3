//! The losses that a training can use: the table of all of them.

use std::fmt;

use burn::tensor::Tensor;
use ddrank_keys::{Choice, Ingredient, KeyError, Table, Value, read_named};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::cross_entropy;
use crate::mse_gt::MseGt;
use crate::softening::Softening;
use crate::targets::Targets;

macro_rules! criteria {
    ($($name:literal => $variant:ident($options:ty) in $file:ident,)+) => {
        /// A loss, chosen by `name` in a configuration: `{ name = "sce", temperature = 1.2, scale_loss = false }`.
        ///
        /// Trial keys hash its serialised form: a table with `name` and the criterion's own keys.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Criterion {
            /// `cross-entropy`: cross-entropy with hard labels, mean over the batch, no label smoothing. With soft targets
            /// it uses the class indices beside them.
            #[default]
            #[serde(rename = "cross-entropy")]
            CrossEntropy,
            $(
                #[doc = concat!("`", $name, "`: see [`", stringify!($options), "`](crate::", stringify!($options), ") and \
                    the meaning among the [`choices`](Ingredient::choices).")]
                #[serde(rename = $name)]
                $variant($options),
            )+
        }

        impl Ingredient for Criterion {
            const WHAT: &'static str = "a criterion";

            fn choices() -> Vec<Choice> {
                vec![
                    Choice {
                        name: cross_entropy::NAME,
                        meaning: cross_entropy::MEANING,
                        keys: &[],
                    },
                    $(Choice { name: $name, meaning: crate::$file::MEANING, keys: crate::$file::KEYS },)+
                ]
            }

            fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError> {
                match name {
                    cross_entropy::NAME => Ok(Self::CrossEntropy),
                    $($name => crate::$file::read(table).map(Self::$variant),)+
                    other => Err(KeyError::new(format!("`{other}` is not a criterion"))),
                }
            }
        }

        impl Criterion {
            /// The names of those that compare with soft labels, in the order of the [`choices`](Ingredient::choices).
            #[must_use]
            pub fn soft_names() -> Vec<&'static str> {
                let all = [$(($name, crate::$file::NEEDS_SOFT_TARGETS)),+];
                let soft = all.into_iter().filter(|(_, needs_soft)| *needs_soft);
                soft.map(|(name, _)| name).collect()
            }

            /// Whether it compares with soft labels, so that [`Targets::Classes`] are not enough.
            #[must_use]
            pub const fn needs_soft_targets(&self) -> bool {
                match self {
                    Self::CrossEntropy => false,
                    $(Self::$variant(_) => crate::$file::NEEDS_SOFT_TARGETS,)+
                }
            }

            fn of_batch(&self, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
                match self {
                    Self::CrossEntropy => {
                        cross_entropy::cross_entropy(logits, targets.classes().clone())
                    }
                    $(Self::$variant(options) => crate::$file::loss(options, logits, targets),)+
                }
            }
        }

        /// The criterion in words, with its options: `soft cross-entropy, temperature 1.2`.
        impl fmt::Display for Criterion {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::CrossEntropy => formatter.write_str(cross_entropy::NAME),
                    $(Self::$variant(options) => formatter.write_str(&crate::$file::words(options)),)+
                }
            }
        }
    };
}

// The table: one line a criterion. Cross-entropy, the default, has no options and no line.
criteria! {
    "sce" => SoftCrossEntropy(Softening) in soft_cross_entropy,
    "kl" => KlDivergence(Softening) in kl_divergence,
    "mse-gt" => MseGt(MseGt) in mse_gt,
}

impl Criterion {
    /// The names of those that compare with classes, in the order of the [`choices`](Ingredient::choices).
    #[must_use]
    pub fn hard_names() -> Vec<&'static str> {
        let soft = Self::soft_names();
        let names = Self::choices().into_iter().map(|choice| choice.name);
        names.filter(|name| !soft.contains(name)).collect()
    }

    /// The loss of logits `[batch, classes]` as a tensor of one element.
    ///
    /// No gradient reaches the targets, whatever graph they come from.
    ///
    /// # Panics
    ///
    /// When the numbers of logits and targets differ, when soft targets have another number of classes, and when the
    /// criterion [needs soft targets](Self::needs_soft_targets) and there are none.
    #[must_use]
    pub fn loss(&self, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
        assert_eq!(
            logits.dims()[0],
            targets.len(),
            "rows of logits (left) and targets (right) differ"
        );
        self.of_batch(logits, targets)
    }
}

impl Value for Criterion {
    const KIND: &'static str = "a criterion";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        read_named(renamed(value))
    }

    fn write(&self) -> String {
        // A struct of numbers and flags under a tag is a table.
        toml::Value::try_from(self).map_or_else(|_| self.to_string(), |table| table.to_string())
    }
}

/// The value with DD-Ranking's name of a criterion replaced by the name here.
fn renamed(mut value: toml::Value) -> toml::Value {
    // Configurations that came from DD-Ranking keep its spelling; here names have hyphens.
    let name = match &mut value {
        toml::Value::Table(table) => table.get_mut("name"),
        name => Some(name),
    };
    if let Some(toml::Value::String(name)) = name
        && name == crate::mse_gt::OTHER_NAME
    {
        *name = "mse-gt".to_owned();
    }
    value
}

impl<'de> Deserialize<'de> for Criterion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
