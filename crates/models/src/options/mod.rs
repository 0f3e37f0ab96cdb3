//! What a model can be given besides its name: one option, one file, which reads, checks, names and describes it.

mod activation;
mod choice;
mod description;
mod pooling;
mod source;
mod width;

pub use activation::Activation;
pub use description::OptionDescription;
pub use pooling::Pooling;
pub use source::Source;
pub use width::Width;
