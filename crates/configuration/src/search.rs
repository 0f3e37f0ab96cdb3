//! How the best learning rate of a grid is found.

use ddrank_keys::words;

words! {
    /// How the best learning rate of a grid is found.
    #[derive(Default)]
    pub enum Search ("a search") {
        /// Every one is trained to the end: the reference's protocol.
        #[default]
        Grid = "grid": "every learning rate is trained to the end: the reference's protocol",
        /// The worse half is given up early, again and again; see [`Race`](crate::Race).
        Halving = "halving": "the trainings of the grid run side by side, and after about 1/8, 1/4 and 1/2 of the epochs (with five rates; at epochs that are tested anyway) the worse half of those still running is given up. It saves about half the time and may miss the best rate, which the report says; the training that wins is the grid's, bit for bit",
    }
}
