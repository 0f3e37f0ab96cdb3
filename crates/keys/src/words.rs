//! Values that are one of a few words.

/// Declares an enum whose variants a configuration writes as words: the one place of the words and their meanings.
///
/// Gives it `ALL`, `name`, `meaning`, [`Value`](crate::Value) (so that a [`Key`](crate::Key) can hold it) and
/// `serde::Serialize` as the word. The text behind the type's name says what one is, with its article.
///
/// ```
/// ddrank_keys::words! {
///     /// Which point of a curve counts.
///     #[derive(Default)]
///     pub enum Selection ("a selection") {
///         /// The highest.
///         #[default]
///         Best = "best": "the highest",
///         /// The last.
///         Last = "last": "the last one",
///     }
/// }
/// assert_eq!(Selection::Last.name(), "last");
/// assert_eq!(Selection::ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! words {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $type:ident ($what:literal) {
            $($(#[$of_variant:meta])* $variant:ident = $word:literal: $meaning:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $type {
            $($(#[$of_variant])* $variant,)+
        }

        impl $type {
            /// All of them, in the order to be shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that configurations and reports use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }

        impl $crate::Value for $type {
            const KIND: &'static str = $what;
            const IS_PLAIN: bool = false;

            fn read(value: $crate::__private::toml::Value) -> Result<Self, $crate::KeyError> {
                $crate::one_of(&value, $what, Self::ALL.iter().map(|word| (word.name(), *word)))
            }

            fn write(&self) -> String {
                format!("{:?}", self.name())
            }
        }

        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::Value;

    words! {
        /// A direction.
        enum Way ("a way") {
            /// Up.
            Up = "up": "to the sky",
            /// Down.
            Down = "down": "to the ground",
        }
    }

    #[test]
    fn words_are_read_written_and_explained() {
        for &way in Way::ALL {
            let word = toml::Value::String(way.name().to_owned());
            assert_eq!(Way::read(word), Ok(way));
            assert_eq!(way.write(), format!("\"{}\"", way.name()));
            let json = serde_json::to_string(&way).unwrap();
            assert_eq!(json, way.write());
            assert!(way.meaning().starts_with("to the"));
        }
        let error = Way::read("dwon".into()).unwrap_err();
        assert_eq!(
            error.message,
            "`dwon` is not a way; allowed: \"up\", \"down\"; did you mean \"down\"?"
        );
        let error = Way::read(3.into()).unwrap_err();
        assert!(error.message.contains("3 is not a way"), "{error}");
    }
}
