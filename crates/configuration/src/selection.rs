//! Which point of an accuracy curve counts.

use ddrank_keys::words;

words! {
    /// Which point of a trial's accuracy curve counts.
    #[derive(Default)]
    pub enum Selection ("a selection") {
        /// The highest test accuracy of the curve: the reference's protocol, optimistic by design.
        #[default]
        Best = "best": "the highest test accuracy of the curve: the reference's protocol, optimistic by design",
        /// The accuracy after the last epoch.
        Last = "last": "the accuracy after the last epoch",
    }
}
