//! Options that are one of a few words.

/// An option with the words that stand for its values, the default first; words behind a `|` are read and never written.
///
/// One table makes the type, its list, its words and what serde reads, so that none of them can forget a value.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident: $($(#[$doc:meta])* $value:ident = $word:literal $(| $alias:literal)*;)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word $(, alias = $alias)*)] $value,)+
        }

        impl $name {
            /// All values, the default first.
            pub const ALL: [Self; [$(Self::$value),+].len()] = [$(Self::$value),+];

            /// How configurations spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use choice;
