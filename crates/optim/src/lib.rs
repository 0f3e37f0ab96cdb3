#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod adam;
mod adamw;
mod adaptive;
mod optimizer;
mod sgd;

mod constant;
mod cosine;
mod cosine_annealing;
mod schedule;
mod step;

pub use adam::Adam;
pub use adamw::AdamW;
pub use constant::Constant;
pub use cosine::Cosine;
pub use cosine_annealing::CosineAnnealing;
pub use optimizer::Optimizer;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use step::Step;
