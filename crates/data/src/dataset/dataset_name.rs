//! The datasets by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::list::datasets;

macro_rules! declare {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $module:ident :: $descriptor:ident;)*) => {
        /// The datasets this crate can load.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum DatasetName {
            $($(#[$doc])* $variant,)*
        }

        impl DatasetName {
            /// Every dataset, in the order shown to people.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name as written in configurations.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

datasets!(declare);

/// A dataset name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dataset `{0}`: expected one of {known}", known = DatasetName::ALL.map(DatasetName::as_str).join(", "))]
pub struct UnknownDataset(String);

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DatasetName {
    type Err = UnknownDataset;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| UnknownDataset(text.to_owned()))
    }
}

impl TryFrom<String> for DatasetName {
    type Error = UnknownDataset;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatasetName> for String {
    fn from(name: DatasetName) -> Self {
        name.as_str().to_owned()
    }
}
