//! What else is done with images: read as a configuration would, labelled by teachers, augmented, drawn.

pub mod augmented;
pub mod before_after;
pub mod image_input;
pub mod relabelling;
pub mod whole_folder;
