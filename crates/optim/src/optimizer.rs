//! The update rules that a training can use: the table of all of them.

use std::fmt;

use burn::optim::ModuleOptimizer;
use ddrank_keys::{Choice, Ingredient, KeyError, Table, Value, read_named};
use serde::Serialize;

macro_rules! optimizers {
    ($($name:literal => $variant:ident in $file:ident,)+) => {
        $(pub use crate::$file::$variant;)+

        /// The update rule of a training, exactly as PyTorch computes it; weight decay acts on all parameters, those of
        /// normalisations and the biases too.
        ///
        /// Trial keys hash its serialised form: a table with `name` and the rule's own keys.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Optimizer {
            $(
                #[doc = concat!("`", $name, "`: see [`", stringify!($variant), "`](crate::", stringify!($variant), ").")]
                #[serde(rename = $name)]
                $variant($variant),
            )+
        }

        impl Ingredient for Optimizer {
            const WHAT: &'static str = "an optimizer";

            fn choices() -> Vec<Choice> {
                vec![$(Choice { name: $name, meaning: $variant::MEANING, keys: $variant::KEYS },)+]
            }

            fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError> {
                match name {
                    $($name => Ok(Self::$variant($variant::read(table)?)),)+
                    other => Err(KeyError::new(format!("`{other}` is not an optimizer"))),
                }
            }
        }

        impl Optimizer {
            /// The optimizer of a training; a step passes over every parameter once.
            #[must_use]
            pub fn build(self) -> ModuleOptimizer {
                match self {
                    $(Self::$variant(rule) => rule.build(),)+
                }
            }
        }

        /// What a report says about it: `SGD, momentum 0.9, weight decay 0.0005`.
        impl fmt::Display for Optimizer {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(rule) => rule.fmt(formatter),)+
                }
            }
        }
    };
}

// The table: one line an optimizer.
optimizers! {
    "sgd" => Sgd in sgd,
    "adam" => Adam in adam,
    "adamw" => AdamW in adamw,
}

impl Value for Optimizer {
    const KIND: &'static str = "an optimizer";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        read_named(value)
    }

    fn write(&self) -> String {
        // A struct of numbers under a tag is a table.
        toml::Value::try_from(self).map_or_else(|_| self.to_string(), |table| table.to_string())
    }
}
