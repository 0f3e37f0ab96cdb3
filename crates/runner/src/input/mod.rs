//! What trials are trained and tested on: loaded, checked, prepared and fingerprinted.

mod class_order;
mod distilled;
mod experiment_teachers;
mod host_images;
mod label_rows;
mod looks;
mod noise;
mod other_preparation;
mod own_rate;
mod pixel_statistics;
mod preparation;
mod real_data;
mod stream;
mod teacher_description;
pub mod teacher_files;
mod teacher_knowledge;
mod teacher_record;
mod training_set;

pub use class_order::ClassOrderError;
pub use distilled::{DistilledError, DistilledSet, SoftRows};
pub(crate) use distilled::{Expectation, load};
pub(crate) use experiment_teachers::ExperimentTeachers;
pub use experiment_teachers::ExperimentTeachersError;
pub(crate) use host_images::HostImages;
pub use label_rows::RowError;
pub(crate) use noise::noise_images;
pub use other_preparation::{Looks, OtherPreparation, PreparedReal};
pub use own_rate::RateError;
pub use pixel_statistics::PixelStatistics;
pub use preparation::Preparation;
pub(crate) use real_data::RealData;
pub use real_data::{Fingerprints, RealDataError};
pub use stream::PictureStream;
pub use teacher_description::TeacherDescription;
pub use teacher_record::{TeacherRecord, TeacherUse};
pub use training_set::TrainingSet;
