//! The courses of the learning rate: the table of all of them.

use std::fmt;

use ddrank_keys::{Choice, Ingredient, KeyError, Table, Value, read_named};
use serde::Serialize;

macro_rules! schedules {
    ($($name:literal => $variant:ident in $file:ident,)+) => {
        $(pub use crate::$file::$variant;)+

        /// The factor on the base learning rate, by epoch.
        ///
        /// Trial keys hash its serialised form: a table with `name` and the schedule's own keys.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Schedule {
            $(
                #[doc = concat!("`", $name, "`: see [`", stringify!($variant), "`](crate::", stringify!($variant), ").")]
                #[serde(rename = $name)]
                $variant($variant),
            )+
        }

        impl Ingredient for Schedule {
            const WHAT: &'static str = "a schedule";

            fn choices() -> Vec<Choice> {
                vec![$(Choice { name: $name, meaning: $variant::MEANING, keys: $variant::KEYS },)+]
            }

            fn read_choice(name: &str, table: &mut Table) -> Result<Self, KeyError> {
                match name {
                    $($name => Ok(Self::$variant($variant::read(table)?)),)+
                    other => Err(KeyError::new(format!("`{other}` is not a schedule"))),
                }
            }
        }

        impl Schedule {
            /// The factor on the base rate in a 0-based epoch of a training of `epochs` epochs. The rate changes once an
            /// epoch, after its updates.
            #[must_use]
            pub fn factor(&self, epoch: u32, epochs: u32) -> f64 {
                match self {
                    $(Self::$variant(schedule) => schedule.factor(epoch, epochs),)+
                }
            }
        }

        /// What a report says about it: `rate times 0.1 every 500 epochs`.
        impl fmt::Display for Schedule {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(schedule) => schedule.fmt(formatter),)+
                }
            }
        }
    };
}

// The table: one line a schedule.
schedules! {
    "step" => Step in step,
    "cosine-annealing" => CosineAnnealing in cosine_annealing,
    "cosine" => Cosine in cosine,
    "constant" => Constant in constant,
}

impl Value for Schedule {
    const KIND: &'static str = "a schedule";
    const IS_PLAIN: bool = false;

    fn read(value: toml::Value) -> Result<Self, KeyError> {
        read_named(value)
    }

    fn write(&self) -> String {
        // A struct of numbers under a tag is a table.
        toml::Value::try_from(self).map_or_else(|_| self.to_string(), |table| table.to_string())
    }
}
